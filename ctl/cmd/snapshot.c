/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "render/report.h"
#include "snapshot_write.h"
#include "store/out_file.h"

static int run(const struct arguments *args)
{
	_cleanup_(out_file_abort) struct out_file file = OUT_FILE_NONE;
	const char *path = args->operands[0];
	struct report *report;
	struct why why = {};
	size_t n_sources;

	if (out_file_begin(path, &file, &why) < 0 ||
	    snapshot_write(args->dir, args->state, file.out, &n_sources, &why) < 0 ||
	    out_file_end(&file, &why) < 0)
		return fail_why(&why);
	if (!strcmp(path, "-"))
		return EXIT_DONE;
	report = output_begin(args);
	report_line(report, "%zu source%s, and all that was counted, in %s", n_sources,
		    n_sources == 1 ? "" : "s", path);
	return output_end(&report);
}

const struct command command_snapshot = {
	.name = "snapshot",
	.operands = "FILE|-",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Write all that is counted now to a file, for xdpguard diff",
	.help = "One JSON object: what status, rules, sources and blocks print with --json,\n"
		"and when it was. The file is for root alone, and takes the place of an older\n"
		"one when it is whole. A FILE of - is standard output.",
	.examples = "  xdpguard snapshot monday.json\n"
		    "  xdpguard diff monday.json\n"
		    "  xdpguard snapshot - | jq '.sources | length'",
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_LOOK_UP(),
			CAPABILITY_TO_WRITE(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
