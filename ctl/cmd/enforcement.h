/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a policy in force: one that was typed, one of the history, or the old one when nobody confirmed the
 * new. In this order: load and lock_take, either first, then plan, keep, carry_out. Functions that return an enum exit_code have
 * told what is wrong.
 */
#pragma once

#include "changes.h"
#include "guard/push.h"
#include "guard/resize.h"
#include "interfaces.h"
#include "load_policy.h"
#include "store/history.h"

struct enforcement {
	const char *dir;   /* of the guard */
	const char *state; /* where its history is */
	const char *how;   /* for the history: "apply" */
	int *lock;	   /* that is held, until something is printed */
	uint64_t source; /* number of the policy that comes back from the history; 0: from a file */
	bool is_reading; /* nothing is to be changed, and the lock is not held */
	bool is_trial;	 /* it goes on probation */
	bool is_rollback; /* what is in force is taken back */
	bool is_rules_first; /* interfaces and tables that cannot follow do not keep the policy from its place */

	struct copies copies;
	struct loaded loaded;
	struct interfaces interfaces;

	struct guard *guard;
	bool is_fresh;	       /* the guard was made by this run */
	struct record *before; /* NULL: no policy was in force */
	struct record *after;
	struct fresh_slots *slots;
	struct changes changes;		  /* of the policy */
	struct changes interface_changes; /* of where it is in force */

	bool is_settled; /* this policy is in force, and kept, and stays; after->number is its */
	struct entry *entry; /* NULL: the history has not taken it */
	uint64_t kept;	     /* number of an old policy that the history must not drop now */

	bool is_resizing;
	struct resize resize;
	bool is_in_force; /* this policy is, after carry_out */
	bool is_changed;  /* by this run */
	bool is_emptied;  /* the table of sources, for what makes one source has changed */
};

/* From a file. `dev`: interfaces, with commas; NULL: what the policy says. An exit code. */
int enforcement_load(struct enforcement *e, const char *path, const char *dev);
/* Policy `number` of the history. `dev` NULL: where it was in force. An exit code. */
int enforcement_load_kept(struct enforcement *e, uint64_t number, const char *dev);

/* Opens the guard, if there is one, and compares. An exit code. */
int enforcement_plan(struct enforcement *e);
/* The policy in force judges as this one does. */
bool enforcement_is_same_policy(const struct enforcement *e);

/* The history takes the policy, unless nothing changes. What fails here keeps nothing from going on. */
int enforcement_keep(struct enforcement *e, struct why *why);

/*
 * An exit code. If it fails with is_in_force, something behind the policy's coming into force did, and it stays; else what
 * was in force before is in force still.
 */
int enforcement_carry_out(struct enforcement *e);

/* Back to where it was loaded, to be planned again. */
void enforcement_rewind(struct enforcement *e);

void enforcement_release(struct enforcement *e);
