/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces that a run of apply is to guard, and what became of them so far. */
#pragma once

#include <net/if.h>

#include "changes.h"
#include "guard/attach.h"

struct report;

struct interfaces {
	char names[GUARD_INTERFACES_MAX][IF_NAMESIZE];
	size_t n;
	struct attachment attached[GUARD_INTERFACES_MAX];
};

/* A list with commas, or with NULL what the policy says. An enum exit_code, with the message printed. */
int interfaces_choose(struct interfaces *interfaces, const char *dev, const struct policy *policy);
int interfaces_add(struct interfaces *interfaces, const char *name);

/* A missing one is an error, which is printed. */
int interfaces_check(const struct interfaces *interfaces);

/* Forgets those that the machine has not (any more). */
void interfaces_drop_missing(struct interfaces *interfaces);

/* Which of them the guard is not on yet, and which others it is on; `guard` may be NULL. -ENOMEM. */
int interfaces_find_changes(const struct interfaces *interfaces, const struct guard *guard,
			    struct changes *changes);

int interfaces_attach(struct interfaces *interfaces, const struct guard *guard,
		      const struct chain *chain, bool *is_changed, struct why *why);

/* Wherever it can be. */
void interfaces_attach_most(struct interfaces *interfaces, const struct guard *guard,
			    const struct chain *chain, bool *is_changed);

/* Takes the guard off interfaces that are not to have it any more. */
int interfaces_remove_others(const struct interfaces *interfaces, const struct guard *guard,
			     bool *is_changed, struct why *why);

/* Takes the guard off where this run has put it, and puts it back as it was where it was before. */
void interfaces_undo(const struct interfaces *interfaces, const struct guard *guard);

/* A table of what runs where; what is less than the policy's `attach` asks for is warned of. */
void interfaces_report(const struct interfaces *interfaces, const struct guard *guard,
		       enum attach_mode attach, struct report *report);
