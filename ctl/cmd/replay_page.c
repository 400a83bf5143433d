/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "guard/read.h"
#include "policy/input.h"
#include "render/page.h"
#include "render/units.h"
#include "replay.h"

#define SOURCES_SHOWN 50
#define LINE_SIZE 256

static struct page_counts page_counts(const struct replay_counts *counts)
{
	uint64_t watched = counts->would_drop.packets;

	return (struct page_counts){{
		[PAGE_PASSED] = counts->passed.packets - watched,
		[PAGE_DROPPED] = counts->dropped.packets,
		[PAGE_WATCHED] = watched,
	}};
}

static void write_notes(FILE *out, const struct replay *replay)
{
	struct replay_note notes[REPLAY_NOTES];
	char text[LINE_SIZE];

	replay_notes(replay, notes);
	for (size_t i = 0; i < REPLAY_NOTES; i++) {
		if (!notes[i].n)
			continue;
		snprintf(text, sizeof(text), "%" PRIu64 " frames %s.", notes[i].n, notes[i].what);
		page_paragraph(out, text);
	}
}

static void write_head(FILE *out, const struct replay *replay)
{
	const struct record *record = replay->subject.view.record;
	_cleanup_free_ char *title = NULL;
	char text[LINE_SIZE], time[UNITS_TEXT_SIZE], span[UNITS_TEXT_SIZE];

	if (asprintf(&title, "%s judged by %s", replay->path, record->name) < 0)
		title = NULL;
	page_begin(out, title ?: "xdpguard replay");
	snprintf(text, sizeof(text), "%s from %s on. Policy hash %016" PRIx64 ".",
		 units_duration(replay->tally.last_ns - replay->tally.first_ns, span),
		 units_timestamp(replay->tally.first_ns, time), record->hash);
	page_paragraph(out, text);
	write_notes(out, replay);
}

static void write_figures(FILE *out, const struct replay *replay)
{
	const struct replay_counts *total = &replay->tally.total;
	char text[UNITS_TEXT_SIZE];

	page_figures_begin(out);
	page_figure(out, units_count(replay->frames.judged, text), "frames", PAGE_KINDS);
	page_figure(out, units_count(total->passed.packets, text), "passed", PAGE_PASSED);
	page_figure(out, units_count(total->dropped.packets, text), "dropped", PAGE_DROPPED);
	if (total->would_drop.packets)
		page_figure(out, units_count(total->would_drop.packets, text), "would be dropped",
			    PAGE_WATCHED);
	page_figure(out, units_count(replay->tally.n_sources, text), "sources", PAGE_KINDS);
	page_figure(out, units_count(replay_offenders(replay), text), "of them lost packets",
		    PAGE_KINDS);
	page_figures_end(out);
}

static void write_timeline(FILE *out, const struct replay_tally *tally)
{
	struct page_counts points[REPLAY_POINTS];
	struct page_timeline timeline = {
		.point_ns = tally->point_ns,
		.points = points,
		.n_points = tally->n_points,
	};

	for (size_t i = 0; i < tally->n_points; i++)
		points[i] = page_counts(&tally->points[i]);
	page_heading(out, "Packets a second");
	page_timeline(out, &timeline);
}

static void write_numbers(FILE *out, const struct replay_counts *counts)
{
	char text[UNITS_TEXT_SIZE];

	page_cell_number(out, units_count(counts->passed.packets, text));
	page_cell_number(out, units_count(counts->dropped.packets, text));
	page_cell_number(out, units_count(counts->would_drop.packets, text));
}

static uint64_t packets(const struct replay_counts *counts)
{
	return counts->passed.packets + counts->dropped.packets;
}

static void write_since(FILE *out, const struct replay *replay, uint64_t time_ns)
{
	char text[UNITS_TEXT_SIZE], after[UNITS_TEXT_SIZE + 1];

	snprintf(after, sizeof(after), "+%s",
		 units_duration(time_ns - replay->tally.first_ns, text));
	page_cell_number(out, after);
}

static void write_source(FILE *out, const struct replay *replay, const struct replay_source *source,
			 uint64_t most)
{
	struct page_counts counts = page_counts(&source->counts);
	char text[ADDRESS_TEXT_SIZE];

	page_row_begin(out);
	page_cell(out, replay_source_name(replay, source, text));
	page_cell_bar(out, &counts, most);
	write_numbers(out, &source->counts);
	write_since(out, replay, source->first_drop_ns);
	write_since(out, replay, source->last_drop_ns);
	page_cell(out, replay_source_cause(replay, source));
	page_row_end(out);
}

static void write_sources(FILE *out, const struct replay *replay)
{
	static const char *const titles[] = {
		"source",      "",	     ">passed",	 ">dropped", ">would drop",
		">first drop", ">last drop", "first by", NULL};
	const struct replay_source *sources = replay->tally.sources;
	size_t n = replay_offenders(replay);
	uint64_t most = 1;
	char text[LINE_SIZE];

	page_heading(out, "Sources that lost packets");
	if (!n)
		page_paragraph(out, "None did.");
	for (size_t i = 0; i < n && i < SOURCES_SHOWN; i++)
		most = packets(&sources[i].counts) > most ? packets(&sources[i].counts) : most;
	page_table_begin(out, titles);
	for (size_t i = 0; i < n && i < SOURCES_SHOWN; i++)
		write_source(out, replay, &sources[i], most);
	page_table_end(out);
	if (n <= SOURCES_SHOWN)
		return;
	snprintf(text, sizeof(text), "And %zu more.", n - SOURCES_SHOWN);
	page_paragraph(out, text);
}

static void write_rules(FILE *out, const struct replay *replay)
{
	static const char *const titles[] = {
		"rule", "", ">passed", ">dropped", ">would drop", "matches and does", NULL};
	const struct record *record = replay->subject.view.record;
	const struct replay_counts *rules = replay->tally.rules;
	uint64_t most = 1;

	page_heading(out, "Rules");
	for (size_t i = 0; i < record->identity.n_rules; i++)
		most = packets(&rules[i]) > most ? packets(&rules[i]) : most;
	page_table_begin(out, titles);
	for (size_t i = 0; i < record->identity.n_rules; i++) {
		struct page_counts counts = page_counts(&rules[i]);

		page_row_begin(out);
		page_cell(out, record->identity.rules[i].name);
		page_cell_bar(out, &counts, most);
		write_numbers(out, &rules[i]);
		page_cell(out, record->rules[i]);
		page_row_end(out);
	}
	page_table_end(out);
}

static void write_reasons(FILE *out, const struct replay_tally *tally)
{
	static const char *const titles[] = {"reason", ">packets", ">would drop", "meaning", NULL};
	char text[UNITS_TEXT_SIZE];

	page_heading(out, "Reasons");
	page_table_begin(out, titles);
	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++) {
		uint64_t real = tally->outcomes[i].packets;
		uint64_t would = tally->outcomes[GUARD_REASON_COUNT + i].packets;

		if (!real && !would)
			continue;
		page_row_begin(out);
		page_cell(out, reason_name(i));
		page_cell_number(out, units_count(real, text));
		page_cell_number(out, units_count(would, text));
		page_cell(out, reason_meaning(i));
		page_row_end(out);
	}
	page_table_end(out);
}

/* NULL with errno. */
static FILE *open_page(const char *path)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r = file_open_at(AT_FDCWD, path, O_WRONLY | O_CREAT, 0666, &fd, &size);
	FILE *page;

	if (r < 0)
		errno = -r;
	if (r < 0 || ftruncate(fd, 0) < 0)
		return NULL;
	page = fdopen(fd, "w");
	if (page)
		take_fd(&fd);
	return page;
}

int replay_write_page(const struct replay *replay, const char *path)
{
	FILE *out = open_page(path);
	bool is_broken;

	if (!out)
		return fail("%s: %s", path,
			    errno == ENOTSUP ? "not a regular file" : strerror(errno));
	write_head(out, replay);
	write_figures(out, replay);
	write_timeline(out, &replay->tally);
	write_sources(out, replay);
	write_rules(out, replay);
	write_reasons(out, &replay->tally);
	page_end(out);
	is_broken = ferror(out) || fflush(out) != 0;
	is_broken |= fclose(out) != 0;
	return is_broken ? fail("%s: cannot write it: %s", path, strerror(errno)) : EXIT_DONE;
}
