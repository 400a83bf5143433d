/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/read.h"

static void report_rule(struct report *report, const char *name, const char *words,
			const struct guard_rule_count *count)
{
	report_cell_string(report, name);
	report_cell(report, count->passed.packets + count->dropped.packets);
	report_cell(report, count->passed.bytes + count->dropped.bytes);
	report_cell(report, count->passed.packets);
	report_cell(report, count->passed.bytes);
	report_cell(report, count->dropped.packets);
	if (count->dropped.packets)
		report_colour(report, REPORT_BAD);
	report_cell(report, count->dropped.bytes);
	report_cell(report, count->would_drop.packets);
	if (count->would_drop.packets)
		report_colour(report, REPORT_WARN);
	report_cell(report, count->would_drop.bytes);
	report_cell_string(report, words);
}

int rules_report(struct report *report, const struct view *view, struct why *why)
{
	static const struct report_column columns[] = {
		{"name", "RULE", REPORT_STRING},
		{"hits", "HITS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},
		{"passed", "PASSED", REPORT_COUNT},
		{"passed_bytes", NULL, REPORT_BYTES},
		{"dropped", "DROPPED", REPORT_COUNT},
		{"dropped_bytes", NULL, REPORT_BYTES},
		{"would_drop", "WOULD DROP", REPORT_COUNT},
		{"would_drop_bytes", NULL, REPORT_BYTES},
		{"words", "MATCHES AND DOES", REPORT_STRING},
	};
	const struct record *record = view->record;

	report_table(report, "rules", NULL, columns, ARRAY_SIZE(columns),
		     record ? "the policy has no rules" : "no policy is in force");
	for (size_t i = 0; record && i < record->identity.n_rules; i++) {
		struct guard_rule_count count;
		int r = read_rule(view->guard, record->identity.rules[i].slot, &count, why);

		if (r < 0)
			return r;
		report_rule(report, record->identity.rules[i].name, record->rules[i], &count);
	}
	return 0;
}

static int run(const struct arguments *args)
{
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(view_close) struct view view = {};
	struct why why = {};

	if (view_open(args->dir, &view, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	if (rules_report(report, &view, &why) < 0)
		return fail_why(&why);
	return output_end(&report);
}

const struct command command_rules = {
	.name = "rules",
	.summary = "Show what every rule matched, passed and dropped",
	.help = "In the order of the policy. A rule counts the packets that it decided\n"
		"about: one that is dropped because its source is blocked counts in no\n"
		"rule, and xdpguard drops shows it. WOULD DROP packets, of monitor mode,\n"
		"are also in PASSED. Counts outlive an apply for as long as the rule keeps\n"
		"its name.",
	.examples = "  xdpguard rules\n  xdpguard rules --json",
	.has_data = true,
	.capabilities = capabilities_to_open,
	.run = run,
};
