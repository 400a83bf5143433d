/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/cleanup.h"
#include "guard/read.h"
#include "render/report.h"
#include "replay.h"

#define TOP_TEXT 20
#define NS_PER_S 1000000000ull

static void report_subject(struct report *report, const struct replay *replay)
{
	const struct record *record = replay->subject.view.record;
	char hash[17];

	snprintf(hash, sizeof(hash), "%016" PRIx64, record->hash);
	report_string(report, "capture", NULL, replay->path);
	report_string(report, "policy", "policy", record->name);
	report_string(report, "hash", NULL, hash);
	report_value(report, "first", NULL, REPORT_TIME, replay->tally.first_ns);
	report_value(report, "last", NULL, REPORT_TIME, replay->tally.last_ns);
}

static void report_frames(struct report *report, const struct replay *replay)
{
	const struct replay_frames *frames = &replay->frames;

	report_object(report, "frames", NULL);
	report_value(report, "read", NULL, REPORT_NUMBER, frames->read);
	report_value(report, "judged", NULL, REPORT_NUMBER, frames->judged);
	report_value(report, "sent", NULL, REPORT_NUMBER, frames->sent);
	report_value(report, "refused", NULL, REPORT_NUMBER, frames->refused);
	report_value(report, "cut", NULL, REPORT_NUMBER, frames->cut);
	report_value(report, "cut_headers", NULL, REPORT_NUMBER, frames->cut_headers);
	report_value(report, "disordered", NULL, REPORT_NUMBER, frames->disordered);
	report_value(report, "strays", NULL, REPORT_NUMBER, frames->strays);
	report_value(report, "joined", NULL, REPORT_NUMBER, frames->joined);
	report_value(report, "untracked", NULL, REPORT_NUMBER, replay->tally.untracked);
	report_object_end(report);
}

static void report_notes(struct report *report, const struct replay *replay)
{
	struct replay_note notes[REPLAY_NOTES];
	char text[UNITS_TEXT_SIZE];

	replay_notes(replay, notes);
	for (size_t i = 0; i < REPLAY_NOTES; i++) {
		if (!notes[i].n)
			continue;
		report_line(report, "note: %s frames %s", units_count(notes[i].n, text),
			    notes[i].what);
		report_colour(report, REPORT_WARN);
	}
}

/* For people: in one line what it was, and what of it does not count in full. */
static void report_summary(struct report *report, const struct replay *replay)
{
	const struct replay_frames *frames = &replay->frames;
	uint64_t span = replay->tally.last_ns - replay->tally.first_ns;
	uint64_t per_second = frames->read * NS_PER_S / (replay->took_ns ?: 1);
	char read[UNITS_TEXT_SIZE], first[UNITS_TEXT_SIZE], lasted[UNITS_TEXT_SIZE];
	char took[UNITS_TEXT_SIZE], rate[UNITS_TEXT_SIZE];

	report_line(report, "%s: %s frames, %s from %s on; replayed in %s, %s", replay->path,
		    units_count(frames->read, read), units_duration(span, lasted),
		    units_timestamp(replay->tally.first_ns, first),
		    units_duration(replay->took_ns, took), units_rate(per_second, rate));
	report_notes(report, replay);
}

static void report_verdict(struct report *report, const char *verdict,
			   const struct replay_count *count, enum report_colour colour)
{
	report_cell_string(report, verdict);
	report_cell(report, count->packets);
	if (count->packets)
		report_colour(report, colour);
	report_cell(report, count->bytes);
}

static void report_verdicts(struct report *report, const struct replay_counts *total)
{
	static const struct report_column columns[] = {
		{"verdict", "VERDICT", REPORT_STRING},
		{"packets", "PACKETS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},
	};

	report_table(report, "verdicts", NULL, columns, ARRAY_SIZE(columns), NULL);
	report_verdict(report, "passed", &total->passed, REPORT_GOOD);
	report_verdict(report, "dropped", &total->dropped, REPORT_BAD);
	report_verdict(report, "would_drop", &total->would_drop, REPORT_WARN);
}

static void report_reasons(struct report *report, const struct replay_tally *tally)
{
	static const struct report_column columns[] = {
		{"reason", "REASON", REPORT_STRING},   {"packets", "PACKETS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},      {"would_drop", "WOULD DROP", REPORT_COUNT},
		{"meaning", "MEANING", REPORT_STRING},
	};

	report_table(report, "reasons", "by reason", columns, ARRAY_SIZE(columns), NULL);
	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++) {
		const struct replay_count *would = &tally->outcomes[GUARD_REASON_COUNT + i];

		if (!tally->outcomes[i].packets && !would->packets)
			continue;
		report_cell_string(report, reason_name(i));
		report_cell(report, tally->outcomes[i].packets);
		report_cell(report, tally->outcomes[i].bytes);
		report_cell(report, would->packets);
		report_cell_string(report, reason_meaning(i));
	}
}

static void report_counts(struct report *report, const struct replay_counts *counts)
{
	report_cell(report, counts->passed.packets);
	report_cell(report, counts->dropped.packets);
	if (counts->dropped.packets)
		report_colour(report, REPORT_BAD);
	report_cell(report, counts->would_drop.packets);
	if (counts->would_drop.packets)
		report_colour(report, REPORT_WARN);
}

static void report_rules(struct report *report, const struct replay *replay)
{
	static const struct report_column columns[] = {
		{"name", "RULE", REPORT_STRING},
		{"passed", "PASSED", REPORT_COUNT},
		{"dropped", "DROPPED", REPORT_COUNT},
		{"would_drop", "WOULD DROP", REPORT_COUNT},
		{"words", "MATCHES AND DOES", REPORT_STRING},
	};
	const struct record *record = replay->subject.view.record;

	report_table(report, "rules", "by rule", columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < record->identity.n_rules; i++) {
		report_cell_string(report, record->identity.rules[i].name);
		report_counts(report, &replay->tally.rules[i]);
		report_cell_string(report, record->rules[i]);
	}
}

/* Since the capture began, for people. */
static void report_since(struct report *report, const struct replay *replay, uint64_t time_ns)
{
	char text[UNITS_TEXT_SIZE], after[UNITS_TEXT_SIZE + 1];

	snprintf(after, sizeof(after), "+%s",
		 units_duration(time_ns - replay->tally.first_ns, text));
	report_cell_string(report, after);
}

static void report_source(struct report *report, const struct replay *replay,
			  const struct replay_source *source)
{
	const struct replay_counts *counts = &source->counts;
	char text[ADDRESS_TEXT_SIZE];

	report_cell_string(report, replay_source_name(replay, source, text));
	report_cell(report, counts->passed.packets + counts->dropped.packets);
	report_cell(report, counts->passed.bytes + counts->dropped.bytes);
	report_counts(report, counts);
	report_cell(report, source->first_ns);
	report_cell(report, source->last_ns);
	report_cell(report, source->first_drop_ns);
	report_cell(report, source->last_drop_ns);
	report_since(report, replay, source->first_drop_ns);
	report_since(report, replay, source->last_drop_ns);
	report_cell_string(report, replay_source_cause(replay, source));
}

static void report_sources(struct report *report, const struct replay *replay, size_t top)
{
	static const struct report_column columns[] = {
		{"address", "SOURCE", REPORT_STRING}, {"packets", "PACKETS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},     {"passed", "PASSED", REPORT_COUNT},
		{"dropped", "DROPPED", REPORT_COUNT}, {"would_drop", "WOULD DROP", REPORT_COUNT},
		{"first_seen", NULL, REPORT_TIME},    {"last_seen", NULL, REPORT_TIME},
		{"first_drop", NULL, REPORT_TIME},    {"last_drop", NULL, REPORT_TIME},
		{NULL, "FIRST DROP", REPORT_STRING},  {NULL, "LAST DROP", REPORT_STRING},
		{"by", "FIRST BY", REPORT_STRING},
	};
	size_t n = replay_offenders(replay);

	report_table(report, "sources", "sources that lost packets", columns, ARRAY_SIZE(columns),
		     "no source lost a packet");
	for (size_t i = 0; i < n && i < top; i++)
		report_source(report, replay, &replay->tally.sources[i]);
	if (n > top)
		report_line(report, "and %zu more; --top shows more", n - top);
	report_line(report, "%zu sources in all", replay->tally.n_sources);
}

/* For programs: what the page draws. */
static void report_timeline(struct report *report, const struct replay_tally *tally)
{
	static const struct report_column columns[] = {
		{"time", NULL, REPORT_TIME},
		{"passed", NULL, REPORT_NUMBER},
		{"dropped", NULL, REPORT_NUMBER},
		{"would_drop", NULL, REPORT_NUMBER},
	};

	report_value(report, "point_seconds", NULL, REPORT_DURATION, tally->point_ns);
	report_table(report, "timeline", NULL, columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < tally->n_points; i++) {
		report_cell(report, tally->first_ns + i * tally->point_ns);
		report_counts(report, &tally->points[i]);
	}
}

void replay_report(struct report *report, const struct replay *replay, size_t top, bool is_text)
{
	report_summary(report, replay);
	report_subject(report, replay);
	report_frames(report, replay);
	report_value(report, "sources_count", NULL, REPORT_NUMBER, replay->tally.n_sources);
	report_verdicts(report, &replay->tally.total);
	report_reasons(report, &replay->tally);
	report_rules(report, replay);
	report_sources(report, replay, top ?: is_text ? TOP_TEXT : SIZE_MAX);
	report_timeline(report, &replay->tally);
}
