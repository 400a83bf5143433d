/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocks.h"

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/blocks.h"
#include "values.h"

static int compare(const void *a, const void *b)
{
	const struct block_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

static bool is_match(const struct prefix *match, const struct prefix *prefix)
{
	return !match || prefix_covers(match, prefix) || prefix_covers(prefix, match);
}

/* "rule dns, monitor" */
static void report_setter(struct report *report, const struct view *view,
			  const struct guard_block *block)
{
	const char *rule = view_rule_name(view, block->slot);
	bool is_by_hand = block->flags & GUARD_BLOCK_BY_HAND;
	char words[128];

	snprintf(words, sizeof(words), "%s%s%s", is_by_hand ? "hand" : "rule ",
		 is_by_hand ? "" : rule ?: "that is gone",
		 block->flags & GUARD_BLOCK_MONITOR ? ", monitor" : "");
	report_cell_string(report, is_by_hand ? "hand" : "rule");
	report_cell_string(report, rule);
	report_cell(report, (block->flags & GUARD_BLOCK_MONITOR) != 0);
	report_cell_string(report, words);
}

static void report_entry(struct report *report, const struct view *view,
			 const struct block_entry *entry)
{
	const struct guard_block *block = &entry->block;
	char text[ADDRESS_TEXT_SIZE], time[VIEW_TIME_SIZE];

	report_cell_string(report, prefix_format(&entry->prefix, text));
	report_cell_string(report, view_end_stamp(view, block->until, time));
	report_cell_string(report, view_end_words(view, block->until, time));
	report_cell(report, clock_to_wall(&view->now, block->since));
	report_setter(report, view, block);
	report_cell(report, block->level);
	report_cell_string(report, block->reason[0] ? block->reason : NULL);
}

int blocks_report(struct report *report, const struct view *view, const struct prefix *match,
		  struct why *why)
{
	static const struct report_column columns[] = {
		{"prefix", "PREFIX", REPORT_STRING},
		{"until", NULL, REPORT_STRING},
		{NULL, "ENDS", REPORT_STRING},
		{"since", "SINCE", REPORT_TIME},
		{"by", NULL, REPORT_STRING},
		{"rule", NULL, REPORT_STRING},
		{"monitor", NULL, REPORT_BOOL},
		{NULL, "BY", REPORT_STRING},
		{"relapses", "RELAPSES", REPORT_NUMBER},
		{"reason", "REASON", REPORT_STRING},
	};
	_cleanup_free_ struct block_entry *entries = NULL;
	size_t n = 0, n_remembered = 0;
	int r = blocks_read(view->guard, &entries, &n, why);

	if (r < 0)
		return r;
	if (n)
		qsort(entries, n, sizeof(*entries), compare);
	report_table(report, "blocks", NULL, columns, ARRAY_SIZE(columns), "nothing is blocked");
	for (size_t i = 0; i < n; i++) {
		if (!is_match(match, &entries[i].prefix))
			continue;
		if (block_is_active(&entries[i].block, view->now.units))
			report_entry(report, view, &entries[i]);
		else if (block_is_remembered(&entries[i].block, view->now.units))
			n_remembered++;
	}
	if (n_remembered)
		report_line(report, "and %zu that ended, remembered for relapses", n_remembered);
	return 0;
}

static int run(const struct arguments *args)
{
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(view_close) struct view view = {};
	const struct prefix *match = NULL;
	struct prefix prefix;
	struct why why = {};

	if (args_has(args, 'm')) {
		if (value_prefix(args_value(args, 'm'), &prefix) != EXIT_DONE)
			return EXIT_USAGE;
		match = &prefix;
	}
	if (view_open(args->dir, &view, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	if (blocks_report(report, &view, match, &why) < 0)
		return fail_why(&why);
	return output_end(&report);
}

const struct command command_blocks = {
	.name = "blocks",
	.summary = "Show what is blocked: until when, since when, by whom and why",
	.help = "Blocks that rules set and blocks by hand are in one table. A block of\n"
		"monitor mode drops nothing.",
	.examples = "  xdpguard blocks\n  xdpguard blocks --match 192.0.2.7",
	.options =
		(const struct command_option[]){
			{'m', "match", "PREFIX", "only blocks in it, and those that cover it"},
			{},
		},
	.has_data = true,
	.capabilities = capabilities_to_open,
	.run = run,
};
