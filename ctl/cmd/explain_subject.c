/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "explain.h"
#include "policy/describe.h"
#include "policy/load.h"

#define CAPACITY 1024 /* of the tables to try on: they hold one source */

/* Sets have names in the policy's file only: it counts as long as it says what is in force. */
static void find_sets(struct explain *explain)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	const struct record *record = explain->subject.view.record;
	struct policy *policy = NULL;

	if (strcmp(record->path, "-") == 0 ||
	    policy_load(record->path, NULL, &diagnostics, &policy) < 0)
		return;
	if (policy_hash(policy) == record->hash)
		explain->subject.loaded.policy = take_ptr(policy);
	policy_free(&policy);
}

/* What is known of the source goes along, or nothing is. */
static int copy_state(struct explain *explain, struct why *why)
{
	const struct head *head = &explain->head;
	struct trial_copy *copy = &explain->copy;
	int r = 0;

	copy->now = clock_now_read();
	copy->address = trial_source(explain->subject.compiled, &head->from, head->is_ipv6);
	if (explain->subject.view.guard && head->kind == HEAD_IP)
		r = trial_copy(explain->subject.trial, explain->subject.view.guard,
			       explain->subject.compiled, &head->from, head->is_ipv6, copy, why);
	explain->subject.view.now = copy->now;
	return r;
}

int explain_open_subject(struct explain *explain)
{
	const struct arguments *args = explain->args;
	struct why why = {};
	int code = subject_open(args->dir, args_value(args, 'P'), args_value(args, 'i'), CAPACITY,
				&explain->subject);

	if (code != EXIT_DONE)
		return code;
	if (explain->subject.view.guard)
		find_sets(explain);
	return copy_state(explain, &why) < 0 ? fail_why(&why) : EXIT_DONE;
}
