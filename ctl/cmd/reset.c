/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/lock.h"
#include "guard/read.h"
#include "guard/resets.h"
#include "render/report.h"

static int reset(const struct guard *guard, bool sources, bool rules, bool reasons,
		 struct report *report, struct why *why)
{
	const bool is_reset[RESETS_KINDS] = {
		[RESETS_SOURCES] = sources, [RESETS_RULES] = rules, [RESETS_REASONS] = reasons};
	int r = resets_note(guard, is_reset, why);

	if (r == 0 && sources) {
		r = reset_sources(guard, why);
		report_line(report, "sources: forgotten, with the limits' budgets that they held");
	}
	if (r == 0 && rules) {
		r = reset_rules(guard, why);
		report_line(report, "rules: counters are zero");
	}
	if (r == 0 && reasons) {
		r = reset_outcomes(guard, why);
		report_line(report, "reasons: counters are zero");
	}
	return r;
}

static int run(const struct arguments *args)
{
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	bool sources = args_has(args, 's'), rules = args_has(args, 'r'),
	     reasons = args_has(args, 'R');
	bool all = !sources && !rules && !reasons;
	struct why why = {};

	lock = lock_take(&why);
	if (lock < 0 || guard_open(args->dir, true, &guard, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	if (reset(guard, all || sources, all || rules, all || reasons, report, &why) < 0)
		return fail_why(&why);
	lock_release(&lock);
	return output_end(&report);
}

const struct command command_reset = {
	.name = "reset",
	.summary = "Zero the counters of sources, rules and reasons",
	.help = "Without an option all three. Sources are forgotten, and with them the\n"
		"limits' budgets that they hold: one that was over its limit starts afresh.\n"
		"Blocks stay.",
	.examples = "  xdpguard reset\n  xdpguard reset --rules --reasons",
	.options =
		(const struct command_option[]){
			{'s', "sources", NULL, "forget every source and its budgets"},
			{'r', "rules", NULL, "zero the counters of rules"},
			{'R', "reasons", NULL, "zero the counters of reasons"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			{CAP_BPF, true, .what_for = "to note when that was in a table"},
			{},
		},
	.run = run,
};
