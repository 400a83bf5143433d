/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy to try packets on, in force or from a file, and the tables that they are tried in. */
#pragma once

#include "guard/trial.h"
#include "load_policy.h"
#include "view.h"

struct subject {
	struct view view; /* view.guard is the guard at work; NULL: the policy is a file */
	struct in_force in_force;
	struct loaded loaded;		     /* the file */
	const struct guard_policy *compiled; /* that judges */
	struct trial *trial;
};

/* What a subject is before it is opened. */
#define SUBJECT_NONE ((struct subject){.in_force = {.policy = -1, .ranges = -1}})

/*
 * `path` NULL: the policy in force in `dir`. `interface`, which may be NULL, has to be one of its, or
 * with `path` one of those that the policy names, if it names any. The
 * tables are for `capacity` sources; 0: for as many as a guard of the policy has. An exit code. Release it
 * with subject_release in any case.
 */
int subject_open(const char *dir, const char *path, const char *interface, uint32_t capacity,
		 struct subject *subject);
void subject_release(struct subject *subject);

/* Index of the rule with this slot, in policy order; -1: none has it. */
int subject_rule(const struct subject *subject, int32_t slot);
