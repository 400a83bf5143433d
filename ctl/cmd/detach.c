/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "detach.h"
#include "guard/attach.h"
#include "guard/in_use.h"
#include "guard/lock.h"
#include "interfaces.h"
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

/* The rows of all of them, before the guard goes off any. */
static int find_rows(const struct attach_table *table, const struct interfaces *interfaces,
		     int rows[GUARD_INTERFACES_MAX], struct why *why)
{
	for (size_t i = 0; i < interfaces->n; i++) {
		rows[i] = attach_table_find(table, interfaces->names[i]);
		if (rows[i] < 0)
			return why_set(why, -ENOENT, "%s: the guard is not attached there",
				       interfaces->names[i]);
	}
	return 0;
}

/* Whether they were the last interfaces is in *ret_is_last: the guard has gone with them then. */
static int detach_some(const char *dir, const struct interfaces *interfaces, struct report *report,
		       bool *ret_is_last, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	int rows[GUARD_INTERFACES_MAX], r;
	struct attach_table table;

	r = guard_open(dir, true, &guard, why);
	if (r == 0)
		r = attach_table_read(guard, &table, why);
	if (r == 0)
		r = find_rows(&table, interfaces, rows, why);
	if (r != 0)
		return r;
	for (size_t i = 0; i < interfaces->n; i++) {
		r = attach_remove(guard, rows[i], why);
		if (r < 0)
			return r;
		detach_report(table.rows[rows[i]].name, report);
		table.rows[rows[i]].ifindex = 0;
	}
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
	_cleanup_free_ struct interfaces *named = calloc(1, sizeof(*named));
	_cleanup_close_ int lock = -1;
	const char *dev = args_value(args, 'd');
	struct why why = {};
	bool is_gone = true;
	int code, r;

	if (!named)
		return fail("not enough memory");
	if (!dev == !args_has(args, 'a'))
		return fail_usage("detach: say --dev INTERFACE, or --all");
	code = dev ? interfaces_choose(named, dev, NULL) : EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	lock = lock_take(&why);
	if (lock < 0)
		return fail_why(&why);
	report = output_begin(args);
	r = dev ? detach_some(args->dir, named, report, &is_gone, &why)
		: detach_all(args->dir, detach_report, report, &why);
	if (r < 0) {
		/* What is off is told all the same. */
		lock_release(&lock);
		output_end(&report);
		return fail_why(&why);
	}
	if (is_gone) {
		pending_remove(args->state, NULL);
		report_line(report, "nothing is left of the guard in %s", args->dir);
	}
	lock_release(&lock);
	return output_end(&report);
}

const struct command command_detach = {
	.name = "detach",
	.summary = "Take the guard off an interface, or off all and remove it",
	.help = "Of several interfaces all, or none when the guard is not on one of them.\n"
		"Programs of others there go on. With the last interface go the tables:\n"
		"counters, blocks and limits' budgets. --all also takes off what another\n"
		"version of xdpguard left.",
	.examples = "  xdpguard detach --dev eth0,eth1\n  xdpguard detach --all",
	.options =
		(const struct command_option[]){
			{'d', "dev", "IF[,IF…]", "these interfaces"},
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
