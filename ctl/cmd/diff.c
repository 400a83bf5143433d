/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "enforcement.h"
#include "render/report.h"
#include "report_changes.h"

/* As diff(1) has it, and whoever calls it from a script expects. */
enum {
	DIFF_SAME = 0,
	DIFF_DIFFERENT = 1,
	DIFF_TROUBLE = 2,
};

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

static int run(const struct arguments *args)
{
	_cleanup_(enforcement_release) struct enforcement e = {
		.dir = args->dir,
		.state = args->state,
		.is_reading = true,
	};

	if (load_policy(args->operands[0], &e.loaded) != EXIT_DONE ||
	    enforcement_plan(&e) != EXIT_DONE)
		return DIFF_TROUBLE;
	return print(args, &e);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Compare a policy file with the policy in force, rule by rule",
	.help = "Lines with - are in force, lines with + are the file's. Exits like diff(1):\n"
		"with 0 when they are the same, 1 when they differ, 2 when there is trouble.",
	.examples = "  xdpguard diff edge.yaml\n"
		    "  xdpguard diff edge.yaml && echo in force",
	.has_data = true,
	.run = run,
};
