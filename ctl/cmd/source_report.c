/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_report.h"

#include <string.h>

enum column {
	ADDRESS,
	PACKETS,
	BYTES,
	PASSED,
	DROPPED,
	WOULD_DROP,
	PPS,
	FIRST_SEEN,
	LAST_SEEN,
	BLOCKED_UNTIL, /* for programs: a time, or "forever" */
	BLOCK_ENDS,    /* for people */
	RULE,
	ENTERED, /* for snapshots: tells whether it is the same entry of the table */
	COLUMNS,
};
_Static_assert(COLUMNS == SOURCE_COLUMNS, "room for every column");

static const struct report_column all_columns[COLUMNS] = {
	[ADDRESS] = {"address", "SOURCE", REPORT_STRING},
	[PACKETS] = {"packets", "PACKETS", REPORT_COUNT},
	[BYTES] = {"bytes", "BYTES", REPORT_BYTES},
	[PASSED] = {"passed", "PASSED", REPORT_COUNT},
	[DROPPED] = {"dropped", "DROPPED", REPORT_COUNT},
	[WOULD_DROP] = {"would_drop", "WOULD DROP", REPORT_COUNT},
	[PPS] = {"pps", "PPS", REPORT_RATE},
	[FIRST_SEEN] = {"first_seen", "FIRST SEEN", REPORT_TIME},
	[LAST_SEEN] = {"last_seen", "LAST SEEN", REPORT_TIME},
	[BLOCKED_UNTIL] = {"blocked_until", NULL, REPORT_STRING},
	[BLOCK_ENDS] = {NULL, "BLOCK ENDS", REPORT_STRING},
	[RULE] = {"rule", "RULE", REPORT_STRING},
	[ENTERED] = {"entered", NULL, REPORT_NUMBER},
};

static void report_block(struct report *report, const struct view *view, uint64_t until)
{
	char text[VIEW_TIME_SIZE];

	if (!until) {
		report_cell_none(report);
		report_cell_none(report);
		return;
	}
	report_cell_string(report, view_end_stamp(view, until, text));
	report_cell_string(report, view_end_words(view, until, text));
	report_colour(report, REPORT_BAD);
}

static void report_drops(struct report *report, const struct source_counts *counts)
{
	report_cell(report, counts->dropped.packets);
	if (counts->dropped.packets)
		report_colour(report, REPORT_BAD);
	report_cell(report, counts->would_drop);
	if (counts->would_drop)
		report_colour(report, REPORT_WARN);
}

static void report_rate(struct report *report, const struct source_list *list, uint64_t rate)
{
	if (list->has_rates)
		report_cell(report, rate);
	else
		report_cell_none(report);
}

static void report_row(struct report *report, const struct view *view,
		       const struct source_list *list, const struct source_row *row)
{
	struct prefix prefix = view_source_prefix(view, &row->counts.address);
	char text[ADDRESS_TEXT_SIZE];

	report_cell_string(report, prefix_format(&prefix, text));
	report_cell(report, row->packets);
	report_cell(report, row->bytes);
	report_cell(report, row->counts.passed.packets);
	report_drops(report, &row->counts);
	report_rate(report, list, row->rate);
	report_cell(report, clock_to_wall(&view->now, row->counts.first_seen));
	report_cell(report, clock_to_wall(&view->now, row->counts.last_seen));
	report_block(report, view, row->blocked_until);
	report_cell_string(report, view_rule_name(view, row->counts.drop_slot));
	report_cell(report, row->counts.first_seen >> GUARD_TIME_SHIFT);
}

/* Columns that say nothing about any row are left out of text, and rates that nobody asked for of all. */
static void choose_columns(const struct source_query *query, const struct source_list *list,
			   struct report_column columns[COLUMNS])
{
	bool has_would_drop = false, has_block = false;

	memcpy(columns, all_columns, sizeof(all_columns));
	for (size_t i = 0; i < list->n; i++) {
		has_would_drop |= list->rows[i].counts.would_drop != 0;
		has_block |= list->rows[i].blocked_until != 0;
	}
	if (!has_would_drop)
		columns[WOULD_DROP].title = NULL;
	if (!has_block)
		columns[BLOCK_ENDS].title = NULL;
	if (!query->has_entries)
		columns[ENTERED].key = NULL;
	if (query->has_rates)
		columns[FIRST_SEEN].title = NULL; /* the rate needs its room */
	else
		columns[PPS].title = columns[PPS].key = NULL;
}

void source_report(struct report *report, const struct view *view, const struct source_query *query,
		   const struct source_list *list, const char *heading,
		   struct source_columns *ret_columns)
{
	choose_columns(query, list, ret_columns->items);
	report_table(report, "sources", heading, ret_columns->items, COLUMNS, "no sources");
	for (size_t i = 0; i < list->n; i++)
		report_row(report, view, list, &list->rows[i]);
}
