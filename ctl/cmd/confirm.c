/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/lock.h"
#include "probation.h"
#include "render/report.h"

/* Perhaps it came too late: the history says how the policy in force came there. */
static int fail_nothing(const char *state, const struct record *record)
{
	_cleanup_(history_release) struct history history = {};
	const struct entry *entry = NULL;

	if (history_read(state, &history, NULL) == 0)
		entry = history_find(&history, record->number);
	if (!entry)
		return fail("nothing is to be confirmed; in force is %s", record->name);
	return fail("nothing is to be confirmed; in force is policy %" PRIu64 ", %s (%s)",
		    entry->number, entry->name, entry->how);
}

static int confirm(const struct arguments *args, struct record **record)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	struct pending pending;
	struct why why = {};
	int r;

	lock = lock_take(&why);
	if (lock < 0 || guard_open(args->dir, false, &guard, &why) < 0 ||
	    record_read(guard, record, &why) < 0)
		return fail_why(&why);
	if (!probation_is_on(args->state, (*record)->number, &pending))
		return fail_nothing(args->state, *record);
	if (pending_remove(args->state, &why) < 0)
		return fail_why(&why);
	r = history_confirm(args->state, (*record)->number, &why);
	if (r < 0 && r != -ENOENT)
		warn("the history does not take the confirmation, so that rollback will not "
		     "choose this policy: %s",
		     why.text);
	return EXIT_DONE;
}

static int run(const struct arguments *args)
{
	_cleanup_(record_free) struct record *record = NULL;
	struct report *report;
	int code = confirm(args, &record);

	if (code != EXIT_DONE)
		return code;
	report = output_begin(args);
	report_line(report, "%s stays in force", record->name);
	return output_end(&report);
}

const struct command command_confirm = {
	.name = "confirm",
	.summary = "Keep the policy that apply --confirm has put on probation",
	.help = "Without it the old policy comes back when the probation is over. Exits with 1\n"
		"when nothing is to be confirmed: perhaps it came too late.",
	.examples = "  xdpguard confirm",
	.capabilities = capabilities_to_open,
	.run = run,
};
