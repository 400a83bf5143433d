/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drops.h"

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "totals.h"
#include "values.h"

#define TOP_DEFAULT 10

/* Packets and bytes, real ones and those of monitor mode. */
static void report_counts(struct report *report, const struct guard_count *dropped,
			  const struct guard_count *would_drop)
{
	report_cell(report, dropped->packets);
	if (dropped->packets)
		report_colour(report, REPORT_BAD);
	report_cell(report, dropped->bytes);
	report_cell(report, would_drop->packets);
	if (would_drop->packets)
		report_colour(report, REPORT_WARN);
	report_cell(report, would_drop->bytes);
}

static int report_reasons(struct report *report, const struct view *view, struct why *why)
{
	static const struct report_column columns[] = {
		{"reason", "REASON", REPORT_STRING},
		{"dropped", "DROPPED", REPORT_COUNT},
		{"dropped_bytes", "BYTES", REPORT_BYTES},
		{"would_drop", "WOULD DROP", REPORT_COUNT},
		{"would_drop_bytes", NULL, REPORT_BYTES},
		{"meaning", "MEANING", REPORT_STRING},
	};
	struct guard_count totals[GUARD_OUTCOMES];
	int r = totals_read(view->guard, totals, why);

	if (r < 0)
		return r;
	report_table(report, "reasons", "by reason", columns, ARRAY_SIZE(columns), NULL);
	for (unsigned i = GUARD_FIRST_DROP; i < GUARD_REASON_COUNT; i++) {
		report_cell_string(report, reason_name(i));
		report_counts(report, &totals[i], &totals[GUARD_REASON_COUNT + i]);
		report_cell_string(report, reason_meaning(i));
	}
	return 0;
}

static int report_rules(struct report *report, const struct view *view, struct why *why)
{
	static const struct report_column columns[] = {
		{"name", "RULE", REPORT_STRING},
		{"dropped", "DROPPED", REPORT_COUNT},
		{"dropped_bytes", "BYTES", REPORT_BYTES},
		{"would_drop", "WOULD DROP", REPORT_COUNT},
		{"would_drop_bytes", NULL, REPORT_BYTES},
	};
	const struct record *record = view->record;

	report_table(report, "rules", "by rule", columns, ARRAY_SIZE(columns),
		     "no rule has dropped anything");
	for (size_t i = 0; record && i < record->identity.n_rules; i++) {
		const struct rule_identity *rule = &record->identity.rules[i];
		struct guard_rule_count count;
		int r = read_rule(view->guard, rule->slot, &count, why);

		if (r < 0)
			return r;
		if (!count.dropped.packets && !count.would_drop.packets)
			continue;
		report_cell_string(report, rule->name);
		report_counts(report, &count.dropped, &count.would_drop);
	}
	return 0;
}

int drops_report(struct report *report, const struct view *view, size_t top, struct drops *drops,
		 struct why *why)
{
	const struct source_query query = {
		.order = SOURCE_BY_DROPS,
		.top = top,
		.only_offenders = true,
	};
	int r = report_reasons(report, view, why);

	if (r == 0)
		r = report_rules(report, view, why);
	if (r == 0)
		r = source_list_read(view, &query, NULL, &drops->list, why);
	if (r < 0)
		return r;
	source_report(report, view, &query, &drops->list, "worst sources", &drops->columns);
	if (drops->list.n_matching > drops->list.n)
		report_line(report, "and %zu more; --top shows more",
			    drops->list.n_matching - drops->list.n);
	return 0;
}

void drops_release(struct drops *drops)
{
	source_list_release(&drops->list);
}

static int run(const struct arguments *args)
{
	_cleanup_(drops_release) struct drops drops = {};
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(view_close) struct view view = {};
	size_t top = TOP_DEFAULT;
	struct why why = {};

	if (args_has(args, 'n') && value_count("top", args_value(args, 'n'), &top))
		return EXIT_USAGE;
	if (view_open(args->dir, &view, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	if (drops_report(report, &view, top, &drops, &why) < 0)
		return fail_why(&why);
	return output_end(&report);
}

const struct command command_drops = {
	.name = "drops",
	.summary = "Show what was dropped: by reason, by rule, and the worst sources",
	.help = "Reasons count every packet on every interface. Rules count what they\n"
		"decided: packets of blocked sources, malformed ones and the default's\n"
		"belong to no rule.",
	.examples = "  xdpguard drops\n  xdpguard drops --top 50 --json",
	.options =
		(const struct command_option[]){
			{'n', "top", "N", "only the N worst sources (10)"},
			{},
		},
	.has_data = true,
	.capabilities = capabilities_to_open,
	.run = run,
};
