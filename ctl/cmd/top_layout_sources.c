/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "top_layout.h"

#define NS_PER_MS 1000000ull

enum column {
	ADDRESS,
	PPS,
	PACKETS,
	BYTES,
	DROPPED,
	LAST_SEEN,
	BLOCK_ENDS,
	RULE,
	COLUMNS,
};

struct column_info {
	const char *title;
	unsigned width;
	unsigned expendable; /* the highest go first when there is no room; 0: never */
	bool is_left;
	enum source_order order; /* that it shows; SOURCE_ORDERS: none */
};

static const struct column_info all_columns[COLUMNS] = {
	[ADDRESS] = {"SOURCE", 15, 0, true, SOURCE_ORDERS},
	[PPS] = {"PPS", 8, 0, false, SOURCE_BY_RATE},
	[PACKETS] = {"PACKETS", 8, 1, false, SOURCE_BY_PACKETS},
	[BYTES] = {"BYTES", 8, 3, false, SOURCE_BY_BYTES},
	[DROPPED] = {"DROPPED", 8, 0, false, SOURCE_BY_DROPS},
	[LAST_SEEN] = {"LAST SEEN", 10, 4, false, SOURCE_BY_LAST_SEEN},
	[BLOCK_ENDS] = {"BLOCK ENDS", 11, 0, false, SOURCE_ORDERS},
	[RULE] = {"RULE", 12, 2, true, SOURCE_ORDERS},
};

/* The columns of one screen; width 0: left out. */
struct table {
	const struct top_scene *scene;
	struct canvas *canvas;
	unsigned widths[COLUMNS];
	size_t first; /* source in the first row */
};

static unsigned widths_sum(const struct table *table)
{
	unsigned sum = 1;

	for (unsigned i = 0; i < COLUMNS; i++)
		if (table->widths[i])
			sum += table->widths[i] + 1;
	return sum;
}

/* An address is shown in full, whatever goes for it. */
static void choose_columns(struct table *table, size_t n_rows)
{
	const struct top_sources *sources = table->scene->sources;
	unsigned columns = table->canvas->columns;

	for (unsigned i = 0; i < COLUMNS; i++)
		table->widths[i] = all_columns[i].width;
	for (size_t i = table->first; i < sources->n && i < table->first + n_rows; i++) {
		char text[ADDRESS_TEXT_SIZE];
		size_t length = strlen(prefix_format(&sources->items[i].prefix, text));

		if (length > table->widths[ADDRESS])
			table->widths[ADDRESS] = (unsigned)length;
	}
	for (unsigned worth = 4; worth > 0 && widths_sum(table) > columns; worth--)
		for (unsigned i = 0; i < COLUMNS; i++)
			if (all_columns[i].expendable == worth)
				table->widths[i] = 0;
	if (table->widths[RULE])
		table->widths[RULE] += columns - widths_sum(table);
}

static const char *rate_words(const struct table *table, const struct source_row *row,
			      char text[UNITS_TEXT_SIZE])
{
	return table->scene->sources->has_rates ? units_rate(row->rate, text) : "-";
}

static const char *block_words(const struct table *table, const struct top_source *source,
			       char text[UNITS_TEXT_SIZE])
{
	if (!source->block_ends_ns)
		return "-";
	if (source->block_ends_ns == TOP_FOREVER)
		return "forever";
	return units_ago(source->block_ends_ns, table->scene->wall_ns, text);
}

static const char *cell_words(const struct table *table, const struct top_source *source,
			      enum column column, char text[ADDRESS_TEXT_SIZE])
{
	const struct source_row *row = &source->row;

	switch (column) {
	case ADDRESS:
		return prefix_format(&source->prefix, text);
	case PPS:
		return rate_words(table, row, text);
	case PACKETS:
		return units_count(row->packets, text);
	case BYTES:
		return units_bytes(row->bytes, text);
	case DROPPED:
		return units_count(row->counts.dropped.packets + row->counts.would_drop, text);
	case LAST_SEEN:
		return units_ago(source->last_seen_ns, table->scene->wall_ns, text);
	case BLOCK_ENDS:
		return block_words(table, source, text);
	case RULE:
		return source->rule[0] ? source->rule : "-";
	case COLUMNS:
		break;
	}
	return "";
}

static enum canvas_style cell_style(const struct top_source *source, enum column column)
{
	if (column == BLOCK_ENDS && source->block_ends_ns)
		return CANVAS_BAD;
	if (column == DROPPED && source->row.counts.dropped.packets)
		return CANVAS_BAD;
	if (column == DROPPED && source->row.counts.would_drop)
		return CANVAS_WARN;
	return CANVAS_PLAIN;
}

static void cell(const struct table *table, unsigned row, unsigned at, enum column column,
		 enum canvas_style style, const char *text)
{
	if (all_columns[column].is_left)
		canvas_text(table->canvas, row, at, table->widths[column], style, text);
	else
		canvas_text_right(table->canvas, row, at, table->widths[column], style, text);
}

static void source_line(const struct table *table, unsigned row, const struct top_source *source)
{
	char text[ADDRESS_TEXT_SIZE];
	unsigned at = 1;

	for (unsigned i = 0; i < COLUMNS; i++) {
		if (!table->widths[i])
			continue;
		cell(table, row, at, i, cell_style(source, i), cell_words(table, source, i, text));
		at += table->widths[i] + 1;
	}
}

/* The column that the list is sorted by is lit. */
static void titles(const struct table *table, unsigned row)
{
	unsigned at = 1;

	for (unsigned i = 0; i < COLUMNS; i++) {
		bool is_order = all_columns[i].order == table->scene->ui->order;

		if (!table->widths[i])
			continue;
		cell(table, row, at, i, is_order ? CANVAS_TITLE : CANVAS_DIM, all_columns[i].title);
		at += table->widths[i] + 1;
	}
}

/* That the sources are read less often than the rest, and why. */
static void period_words(const struct top_scene *scene, char *text, size_t size)
{
	uint64_t took_ns = scene->sources->took_ns;
	char period[UNITS_TEXT_SIZE], took[UNITS_TEXT_SIZE];

	text[0] = '\0';
	if (scene->period_ns > scene->interval_ns)
		snprintf(text, size, "every %s, for reading takes %s ",
			 units_duration(scene->period_ns, period),
			 units_duration(took_ns - took_ns % NS_PER_MS, took));
}

static void bar(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	const struct top_sources *sources = scene->sources;
	char left[200], right[160], filter[ADDRESS_TEXT_SIZE], rate[UNITS_TEXT_SIZE] = "-",
							       n[UNITS_TEXT_SIZE];

	if (sources->has_rates)
		units_rate(sources->rate, rate);
	snprintf(left, sizeof(left), " SOURCES by %s%s%s: %s, %s", source_orders[scene->ui->order],
		 scene->ui->has_filter ? " in " : "",
		 scene->ui->has_filter ? prefix_format(&scene->ui->filter, filter) : "",
		 units_count(sources->n_matching, n), rate);
	period_words(scene, right, sizeof(right));
	canvas_text_right(canvas, row, 0, canvas->columns, CANVAS_HEADER, right);
	canvas_text(canvas, row, 0, canvas->columns - (unsigned)strlen(right), CANVAS_HEADER, left);
	canvas_fill(canvas, row, CANVAS_HEADER);
}

/* So that the marked one is among those that are shown. */
static size_t first_row(size_t marked, size_t n_sources, size_t n_rows)
{
	return marked < n_sources && marked >= n_rows ? marked - n_rows + 1 : 0;
}

unsigned top_layout_sources(const struct top_scene *scene, struct canvas *canvas, unsigned row,
			    unsigned end)
{
	const struct top_sources *sources = scene->sources;
	size_t n_rows = end - row - 2, marked = sources->n;
	struct table table = {.scene = scene, .canvas = canvas};

	if (scene->ui->has_mark)
		marked = top_sources_find(sources, &scene->ui->mark);
	table.first = first_row(marked, sources->n, n_rows);
	choose_columns(&table, n_rows);
	bar(scene, canvas, row++);
	titles(&table, row++);
	if (!sources->n)
		canvas_text(canvas, row, 1, canvas->columns, CANVAS_DIM,
			    sources->wall_ns ? "no sources" : "reading the sources ...");
	for (size_t i = table.first; i < sources->n && row < end; i++, row++) {
		source_line(&table, row, &sources->items[i]);
		if (i == marked)
			canvas_mark(canvas, row);
	}
	return (unsigned)n_rows;
}
