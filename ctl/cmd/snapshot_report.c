/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot_report.h"

#include <string.h>

#include "base/cleanup.h"

#define COLUMNS_MAX 12

/* What stands in a column. */
enum cell {
	NAME,
	CHANGE,
	COUNT,
	RATE,
	BITS, /* a second, of bytes */
	RULE,
};

struct table {
	const char *key, *heading, *empty;
	struct report_column columns[COLUMNS_MAX];
	struct {
		enum cell cell;
		enum snapshot_count count;
	} cells[COLUMNS_MAX];
	size_t n_columns;
};

static const struct table tables[SNAPSHOT_LISTS] =
	{
		[SNAPSHOT_VERDICTS] =
			{
				.key = "verdicts",
				.heading = "totals",
				.empty = "no packet came",
				.columns = {{"verdict", "VERDICT", REPORT_STRING},
					    {"packets", "PACKETS", REPORT_COUNT},
					    {"pps", "PPS", REPORT_RATE},
					    {"bytes", "BYTES", REPORT_BYTES},
					    {"bps", "BANDWIDTH", REPORT_BANDWIDTH}},
				.cells = {{NAME, 0},
					  {COUNT, SNAPSHOT_PACKETS},
					  {RATE, SNAPSHOT_PACKETS},
					  {COUNT, SNAPSHOT_BYTES},
					  {BITS, SNAPSHOT_BYTES}},
				.n_columns = 5,
			},
		[SNAPSHOT_REASONS] =
			{
				.key = "reasons",
				.heading = "reasons",
				.columns = {{"reason", "REASON", REPORT_STRING},
					    {"packets", "PACKETS", REPORT_COUNT},
					    {"pps", "PPS", REPORT_RATE},
					    {"bytes", "BYTES", REPORT_BYTES},
					    {"would_drop", "WOULD DROP", REPORT_COUNT}},
				.cells = {{NAME, 0},
					  {COUNT, SNAPSHOT_PACKETS},
					  {RATE, SNAPSHOT_PACKETS},
					  {COUNT, SNAPSHOT_BYTES},
					  {COUNT, SNAPSHOT_WOULD_DROP}},
				.n_columns = 5,
			},
		[SNAPSHOT_INTERFACES] =
			{
				.key = "interfaces",
				.heading = "interfaces",
				.columns = {{"interface", "INTERFACE", REPORT_STRING},
					    {"passed", "PASSED", REPORT_COUNT},
					    {"passed_bytes", "BYTES", REPORT_BYTES},
					    {"dropped", "DROPPED", REPORT_COUNT},
					    {"dropped_bytes", "BYTES", REPORT_BYTES},
					    {"would_drop", "WOULD DROP", REPORT_COUNT}},
				.cells = {{NAME, 0},
					  {COUNT, SNAPSHOT_PASSED},
					  {COUNT, SNAPSHOT_PASSED_BYTES},
					  {COUNT, SNAPSHOT_DROPPED},
					  {COUNT, SNAPSHOT_DROPPED_BYTES},
					  {COUNT, SNAPSHOT_WOULD_DROP}},
				.n_columns = 6,
			},
		[SNAPSHOT_RULES] =
			{
				.key = "rules",
				.heading = "rules",
				.empty = "no rule decided about a packet",
				.columns = {{"name", "RULE", REPORT_STRING},
					    {"change", "CHANGE", REPORT_STRING},
					    {"hits", "HITS", REPORT_COUNT},
					    {"pps", "PPS", REPORT_RATE},
					    {"bytes", "BYTES", REPORT_BYTES},
					    {"passed", "PASSED", REPORT_COUNT},
					    {"dropped", "DROPPED", REPORT_COUNT},
					    {"dropped_pps", "DROPPED PPS", REPORT_RATE},
					    {"would_drop", "WOULD DROP", REPORT_COUNT}},
				.cells = {{NAME, 0},
					  {CHANGE, 0},
					  {COUNT, SNAPSHOT_PACKETS},
					  {RATE, SNAPSHOT_PACKETS},
					  {COUNT, SNAPSHOT_BYTES},
					  {COUNT, SNAPSHOT_PASSED},
					  {COUNT, SNAPSHOT_DROPPED},
					  {RATE, SNAPSHOT_DROPPED},
					  {COUNT, SNAPSHOT_WOULD_DROP}},
				.n_columns = 9,
			},
		[SNAPSHOT_SOURCES] =
			{
				.key = "sources",
				.heading = "sources",
				.empty = "no source sent anything",
				.columns = {{"address", "SOURCE", REPORT_STRING},
					    {"change", "CHANGE", REPORT_STRING},
					    {"packets", "PACKETS", REPORT_COUNT},
					    {"pps", "PPS", REPORT_RATE},
					    {"bytes", "BYTES", REPORT_BYTES},
					    {"passed", "PASSED", REPORT_COUNT},
					    {"dropped", "DROPPED", REPORT_COUNT},
					    {"dropped_pps", "DROPPED PPS", REPORT_RATE},
					    {"would_drop", "WOULD DROP", REPORT_COUNT},
					    {"rule", "RULE", REPORT_STRING}},
				.cells = {{NAME, 0},
					  {CHANGE, 0},
					  {COUNT, SNAPSHOT_PACKETS},
					  {RATE, SNAPSHOT_PACKETS},
					  {COUNT, SNAPSHOT_BYTES},
					  {COUNT, SNAPSHOT_PASSED},
					  {COUNT, SNAPSHOT_DROPPED},
					  {RATE, SNAPSHOT_DROPPED},
					  {COUNT, SNAPSHOT_WOULD_DROP},
					  {RULE, 0}},
				.n_columns = 10,
			},
};

static const char *const kinds[CHANGE_KINDS] = {
	[CHANGE_COUNTED] = "counted",
	[CHANGE_CAME] = "came",
	[CHANGE_WENT] = "went",
	[CHANGE_ANEW] = "anew",
};

static void report_rate(struct report *report, const struct snapshot_changes *changes,
			enum snapshot_list list, const struct row_change *change, uint64_t count)
{
	uint64_t rate;

	if (snapshot_rate(changes, list, change, count, &rate))
		report_cell(report, rate);
	else
		report_cell_none(report);
}

/* Bytes as bits: a counter of bytes that this overflows takes centuries. */
static uint64_t bits(uint64_t bytes)
{
	return bytes > UINT64_MAX / 8 ? UINT64_MAX : 8 * bytes;
}

static void report_cells(struct report *report, const struct snapshot_changes *changes,
			 enum snapshot_list list, const struct row_change *change)
{
	const struct table *table = &tables[list];

	for (size_t i = 0; i < table->n_columns; i++) {
		uint64_t count = change->counts[table->cells[i].count];

		switch (table->cells[i].cell) {
		case NAME:
			report_cell_string(report, change->row->name);
			break;
		case CHANGE:
			report_cell_string(report, kinds[change->kind]);
			break;
		case COUNT:
			if (change->kind == CHANGE_WENT)
				report_cell_none(report);
			else
				report_cell(report, count);
			break;
		case RATE:
			report_rate(report, changes, list, change, count);
			break;
		case BITS:
			report_rate(report, changes, list, change, bits(count));
			break;
		case RULE:
			report_cell_string(report, change->row->rule[0] ? change->row->rule : NULL);
			break;
		}
	}
}

static void report_list(struct report *report, const struct snapshot_changes *changes,
			enum snapshot_list list, size_t top)
{
	const struct row_changes *rows = &changes->lists[list];
	const struct table *table = &tables[list];

	report_table(report, table->key, table->heading, table->columns, table->n_columns,
		     table->empty);
	for (size_t i = 0; i < rows->n && i < top; i++)
		report_cells(report, changes, list, &rows->items[i]);
}

static void report_blocks(struct report *report, const struct snapshot_changes *changes)
{
	static const struct report_column columns[] = {
		{"prefix", "PREFIX", REPORT_STRING}, {"change", "CHANGE", REPORT_STRING},
		{"until", "UNTIL", REPORT_STRING},   {"since", "SINCE", REPORT_STRING},
		{"by", "BY", REPORT_STRING},	     {"rule", "RULE", REPORT_STRING},
		{"reason", "REASON", REPORT_STRING},
	};

	report_table(report, "blocks", "blocks", columns, ARRAY_SIZE(columns),
		     "no block came or went");
	for (size_t i = 0; i < changes->n_blocks; i++) {
		const struct snapshot_block *block = changes->blocks[i].block;

		report_cell_string(report, block->prefix);
		report_cell_string(report,
				   kinds[changes->blocks[i].has_come ? CHANGE_CAME : CHANGE_WENT]);
		report_cell_string(report, block->until);
		report_cell_string(report, block->since);
		report_cell_string(report, block->by);
		report_cell_string(report, block->rule[0] ? block->rule : NULL);
		report_cell_string(report, block->reason[0] ? block->reason : NULL);
	}
}

static void report_side(struct report *report, const char *key, const char *label,
			const struct snapshot *snapshot)
{
	report_object(report, key, NULL);
	report_value(report, "taken", label, REPORT_TIME, snapshot->taken_ns);
	report_string(report, "policy", NULL, snapshot->policy[0] ? snapshot->policy : NULL);
	report_string(report, "hash", NULL, snapshot->hash[0] ? snapshot->hash : NULL);
	report_object_end(report);
}

static const char *or_else(const char *text, const char *other)
{
	return text[0] ? text : other;
}

static void report_policy(struct report *report, const struct snapshot *before,
			  const struct snapshot *after)
{
	if (!strcmp(before->hash, after->hash))
		report_line(report, "policy %s (%s) was put in force again in between",
			    or_else(after->policy, "none"), or_else(after->hash, "-"));
	else
		report_line(report, "policy %s (%s) was replaced in between, now %s (%s)",
			    or_else(before->policy, "none"), or_else(before->hash, "-"),
			    or_else(after->policy, "none"), or_else(after->hash, "-"));
	report_colour(report, REPORT_WARN);
}

/* What makes numbers mean something else than what was counted all the time. */
static void report_breaks(struct report *report, const struct snapshot_changes *changes)
{
	bool sources = changes->lists[SNAPSHOT_SOURCES].is_reset,
	     rules = changes->lists[SNAPSHOT_RULES].is_reset,
	     reasons = changes->lists[SNAPSHOT_VERDICTS].is_reset;

	report_value(report, "guard_replaced", NULL, REPORT_BOOL, changes->is_other_guard);
	report_value(report, "policy_replaced", NULL, REPORT_BOOL, changes->is_other_policy);
	report_object(report, "reset", NULL);
	report_value(report, "sources", NULL, REPORT_BOOL, sources);
	report_value(report, "rules", NULL, REPORT_BOOL, rules);
	report_value(report, "reasons", NULL, REPORT_BOOL, reasons);
	report_object_end(report);
	if (changes->is_other_guard) {
		report_line(report,
			    "another guard is in its place since, or the host was started again: "
			    "shown is what the new one has counted");
		report_colour(report, REPORT_WARN);
	}
	if (changes->is_other_policy)
		report_policy(report, changes->before, changes->after);
	if (sources || rules || reasons) {
		report_line(report, "reset in between:%s%s%s; shown is what was counted since",
			    sources ? " sources" : "", rules ? " rules" : "",
			    reasons ? " reasons" : "");
		report_colour(report, REPORT_WARN);
	}
}

static void report_sources(struct report *report, const struct snapshot_changes *changes,
			   size_t top)
{
	const struct row_changes *rows = &changes->lists[SNAPSHOT_SOURCES];

	report_list(report, changes, SNAPSHOT_SOURCES, top);
	if (rows->n > top)
		report_line(report, "and %zu more; --top shows more", rows->n - top);
}

static void report_numbers(struct report *report, const struct row_changes *sources)
{
	report_object(report, "sources_count", NULL);
	report_value(report, "counted", NULL, REPORT_NUMBER, sources->n_of[CHANGE_COUNTED]);
	report_value(report, "came", NULL, REPORT_NUMBER, sources->n_of[CHANGE_CAME]);
	report_value(report, "went", NULL, REPORT_NUMBER, sources->n_of[CHANGE_WENT]);
	report_value(report, "anew", NULL, REPORT_NUMBER, sources->n_of[CHANGE_ANEW]);
	report_object_end(report);
	if (sources->n)
		report_line(report, "sources: %zu came, %zu went, %zu that were there sent more",
			    sources->n_of[CHANGE_CAME], sources->n_of[CHANGE_WENT],
			    sources->n_of[CHANGE_COUNTED] + sources->n_of[CHANGE_ANEW]);
}

void snapshot_report(struct report *report, const struct snapshot_changes *changes, size_t top)
{
	report_value(report, "same", NULL, REPORT_BOOL, changes->is_same);
	report_side(report, "old", "old", changes->before);
	report_side(report, "new", "new", changes->after);
	report_value(report, "seconds", "between", REPORT_DURATION, changes->elapsed_ns);
	report_breaks(report, changes);
	report_numbers(report, &changes->lists[SNAPSHOT_SOURCES]);
	report_list(report, changes, SNAPSHOT_VERDICTS, SIZE_MAX);
	report_list(report, changes, SNAPSHOT_REASONS, SIZE_MAX);
	report_list(report, changes, SNAPSHOT_INTERFACES, SIZE_MAX);
	report_list(report, changes, SNAPSHOT_RULES, SIZE_MAX);
	report_sources(report, changes, top);
	report_blocks(report, changes);
}
