/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "apply.h"
#include "base/cleanup.h"
#include "capabilities.h"
#include "detach.h"
#include "guard/lock.h"
#include "probation.h"
#include "render/report.h"
#include "values.h"

static int choose_before(const struct arguments *args, const struct record *record,
			 uint64_t *ret_number)
{
	_cleanup_(history_release) struct history history = {};
	const struct entry *before;
	struct why why = {};

	if (history_read(args->state, &history, &why) < 0)
		return fail_why(&why);
	before =
		history_find_before(&history, history_find(&history, record->number), record->hash);
	if (!before)
		return fail("the history has no policy before this one that was not taken back, or "
			    "not confirmed; one of those by its number: xdpguard rollback NUMBER; "
			    "to take the guard off: xdpguard detach --all");
	*ret_number = before->number;
	return EXIT_DONE;
}

/* The policy to put back where none is named; 0: a probation began with none, and the guard is to go. */
static int choose(const struct arguments *args, uint64_t *ret_number)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_(record_free) struct record *record = NULL;
	struct pending pending;
	struct why why = {};

	if (guard_open(args->dir, false, &guard, &why) < 0 || record_read(guard, &record, &why) < 0)
		return fail_why(&why);
	if (!probation_is_on(args->state, record->number, &pending))
		return choose_before(args, record, ret_number);
	*ret_number = pending.back_to;
	return EXIT_DONE;
}

/* Back to what was there before the probation: nothing. */
static int take_off(const struct arguments *args, int *lock)
{
	_cleanup_(report_free) struct report *report = NULL;
	struct why why = {};

	if (args_has(args, 'n') || args_has(args, 'c'))
		return fail_usage("before the policy on probation there was none: rollback would "
				  "detach, which knows neither --dry-run nor --confirm");
	report = output_begin(args);
	if (detach_all(args->dir, detach_report, report, &why) < 0 ||
	    pending_remove(args->state, &why) < 0)
		return fail_why(&why);
	report_line(report, "no policy was in force before this one");
	lock_release(lock);
	return output_end(&report);
}

static int put_back(const struct arguments *args, uint64_t number, int *lock)
{
	char how[64];
	_cleanup_(enforcement_release) struct enforcement e = {
		.dir = args->dir,
		.state = args->state,
		.how = how,
		.lock = lock,
		.is_rollback = true,
	};

	snprintf(how, sizeof(how), "rollback to %" PRIu64, number);
	return enforcement_load_kept(&e, number, args_value(args, 'd')) ?: apply_locked(args, &e);
}

static int run(const struct arguments *args)
{
	_cleanup_close_ int lock = -1;
	struct why why = {};
	uint64_t number = 0;
	int code = EXIT_DONE;

	if (args->n_operands)
		code = value_history_number(args->operands[0], &number);
	if (code != EXIT_DONE)
		return code;
	/* What is in force, and may be chosen, must not change meanwhile. */
	lock = lock_take(&why);
	if (lock < 0)
		return fail_why(&why);
	if (!args->n_operands)
		code = choose(args, &number);
	if (code != EXIT_DONE)
		return code;
	return number ? put_back(args, number, &lock) : take_off(args, &lock);
}

const struct command command_rollback = {
	.name = "rollback",
	.operands = "[NUMBER]",
	.max_operands = 1,
	.summary = "Put the policy before this one back in force, or one by its number",
	.help = "What comes back is what the history kept: the policy's text with its lists as\n"
		"they were, whatever became of the files since. The one before is the last\n"
		"that judged otherwise and was no mistake: one that was taken back, or not\n"
		"confirmed, comes back by its number only. A policy on probation is taken\n"
		"back at once. Numbers are those of xdpguard history.",
	.examples = "  xdpguard rollback\n"
		    "  xdpguard rollback 12 --dry-run\n"
		    "  xdpguard rollback 12 --confirm 60s",
	.options =
		(const struct command_option[]){
			{'d', "dev", "IF[,IF…]", "attach here, not where it was attached"},
			{'c', "confirm", "TIME", "on probation: back again after 60s, 10m, …"},
			{'n', "dry-run", NULL, "print what would change, and change nothing"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_ATTACH(.without = 'n'),
			CAPABILITY_TO_LOOK_UP(.is_needed = true, .without = 'n'),
			CAPABILITY_TO_DROP(.with = 'c'),
			CAPABILITY_TO_OPEN,
			{},
		},
	.run = run,
};
