/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "detach.h"
#include "guard/attach.h"
#include "guard/in_use.h"
#include "guard/lock.h"
#include "render/report.h"
#include "store/pending.h"

static bool is_attached_somewhere(const struct attach_table *table)
{
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (table->rows[row].ifindex)
			return true;
	return false;
}

void detach_report(const char *interface, void *report)
{
	report_line(report, "%s: detached", interface);
}

/* The tables go, if nobody uses them. */
static int remove_guard(const char *dir, struct why *why)
{
	int r = in_use_check(dir, why);

	return r < 0 ? r : guard_destroy(dir, why);
}

/* Whether that was the last interface is in *ret_is_last: the guard has gone with it then. */
static int detach_one(const char *dir, const char *interface, struct report *report,
		      bool *ret_is_last, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	struct attach_table table;
	int row, r;

	r = guard_open(dir, true, &guard, why);
	if (r == 0)
		r = attach_table_read(guard, &table, why);
	if (r < 0)
		return r;
	row = attach_table_find(&table, interface);
	if (row < 0)
		return why_set(why, -ENOENT, "%s: the guard is not attached there", interface);
	r = attach_remove(guard, row, why);
	if (r < 0)
		return r;
	detach_report(table.rows[row].name, report);
	table.rows[row].ifindex = 0;
	*ret_is_last = !is_attached_somewhere(&table);
	return *ret_is_last ? remove_guard(dir, why) : 0;
}

int detach_all(const char *dir, void (*each)(const char *interface, void *data), void *data,
	       struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	int r = guard_open_remains(dir, &guard, why);

	if (r == 0)
		r = attach_remove_all(guard, each, data, why);
	return r < 0 ? r : remove_guard(dir, why);
}

static int run(const struct arguments *args)
{
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_close_ int lock = -1;
	const char *dev = args_value(args, 'd');
	struct why why = {};
	bool is_gone = true;
	int r;

	if (!dev == !args_has(args, 'a'))
		return fail_usage("detach: say --dev INTERFACE, or --all");
	lock = lock_take(&why);
	if (lock < 0)
		return fail_why(&why);
	report = output_begin(args);
	r = dev ? detach_one(args->dir, dev, report, &is_gone, &why)
		: detach_all(args->dir, detach_report, report, &why);
	if (r < 0)
		return fail_why(&why);
	if (is_gone) {
		pending_remove(args->state, NULL);
		report_line(report, "nothing is left of the guard in %s", args->dir);
	}
	return output_end(&report);
}

const struct command command_detach = {
	.name = "detach",
	.summary = "Take the guard off an interface, or off all and remove it",
	.help = "Programs of others on the interface go on. With the last interface go the\n"
		"tables: counters, blocks and limits' budgets. --all also takes off what\n"
		"another version of xdpguard left.",
	.examples = "  xdpguard detach --dev eth0\n  xdpguard detach --all",
	.options =
		(const struct command_option[]){
			{'d', "dev", "IF", "this interface"},
			{'a', "all", NULL, "every interface"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_ATTACH(),
			CAPABILITY_TO_LOOK_UP(.is_needed = true),
			CAPABILITY_TO_OPEN,
			{},
		},
	.run = run,
};
