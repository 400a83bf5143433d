/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "status_report.h"

static int run(const struct arguments *args)
{
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(view_close) struct view view = {};
	struct status status;
	struct why why = {};

	if (view_open(args->dir, &view, &why) < 0 ||
	    status_read(&view, interface_state_read, &status, &why) < 0)
		return fail_why(&why);
	report = output_begin(args);
	status_report(report, &status, args->state);
	return output_end(&report);
}

const struct command command_status = {
	.name = "status",
	.summary = "Show where the guard is attached, the policy in force and totals",
	.help = "Everything is read from the kernel at that moment: an interface that lost\n"
		"its program to another tool says NOT ATTACHED, and xdpguard apply mends\n"
		"it.",
	.examples = "  xdpguard status\n  xdpguard status --json",
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_LOOK_UP(),
			{},
		},
	.run = run,
};
