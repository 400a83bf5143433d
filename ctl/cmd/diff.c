/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "diff.h"
#include "enforcement.h"
#include "render/report.h"
#include "report_changes.h"
#include "store/snapshot.h"

static int print(const struct arguments *args, const struct enforcement *e)
{
	bool is_same = enforcement_is_same_policy(e);
	struct report *report = output_begin(args);

	report_value(report, "same", NULL, REPORT_BOOL, is_same);
	report_string(report, "policy", NULL, e->after->name);
	report_string(report, "in_force", NULL, e->before ? e->before->name : NULL);
	if (!is_same && !e->before)
		report_line(report, "no policy is in force");
	report_changes(report, &e->changes);
	if (output_end(&report) != EXIT_DONE)
		return DIFF_TROUBLE;
	return is_same ? DIFF_SAME : DIFF_DIFFERENT;
}

static int diff_policy(const struct arguments *args)
{
	_cleanup_(enforcement_release) struct enforcement e = {
		.dir = args->dir,
		.state = args->state,
		.is_reading = true,
	};

	if (args_has(args, 'n'))
		return fail_usage("--top is for snapshots, and %s is none", args->operands[0]);
	if (load_policy(args->operands[0], &e.loaded) != EXIT_DONE ||
	    enforcement_plan(&e) != EXIT_DONE)
		return DIFF_TROUBLE;
	return print(args, &e);
}

static int run(const struct arguments *args)
{
	if (args->n_operands > 1 || snapshot_is_one(args->operands[0]))
		return diff_snapshots(args);
	return diff_policy(args);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "FILE [NEW]",
	.min_operands = 1,
	.max_operands = 2,
	.summary = "Compare a policy file with the policy in force, or two snapshots",
	.help = "Of a policy, rule by rule: lines with - are in force, lines with + are the\n"
		"file's. Of two snapshots, or of one and what is counted now: how many packets\n"
		"came in between and what became of them, which sources and blocks came and\n"
		"went. What was reset or replaced in between is said, and has no rates.\n"
		"Exits like diff(1): with 0 when they are the same, 1 when they differ, 2 when\n"
		"there is trouble.",
	.examples = "  xdpguard diff edge.yaml\n"
		    "  xdpguard diff edge.yaml && echo in force\n"
		    "  xdpguard diff monday.json\n"
		    "  xdpguard diff monday.json tuesday.json --top 50",
	.options =
		(const struct command_option[]){
			{'n', "top", "N", "of snapshots: the N sources that lost most (20)"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_LOOK_UP(),
			CAPABILITY_TO_READ(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
