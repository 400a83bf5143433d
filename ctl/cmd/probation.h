/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy on probation: `apply --confirm`. A process of its own, which outlives the terminal and the session,
 * puts the old policy back when the time is over and nobody has confirmed the new one.
 */
#pragma once

#include "enforcement.h"
#include "store/pending.h"

struct report;

/*
 * True: the policy in force, number `in_force` of the history, is on probation. What cannot be read is told
 * and counts as none.
 */
bool probation_is_on(const char *state, uint64_t in_force, struct pending *ret_pending);

/* What to do first when nothing else may be put in force now. Prints it; an exit code. */
int probation_refuse(const struct pending *pending);

/* The watcher as apply holds it. */
struct probation {
	int socket;
};

#define PROBATION_NONE \
	{ \
		.socket = -1 \
	}

/*
 * Starts the watcher of e's policy, which waits for probation_start. It has read by then what it may have to
 * put back, policy `back_to` of the history; 0 is none, and it will take the guard off. If the
 * caller dies, the watcher watches.
 */
int probation_begin(const struct enforcement *e, uint64_t back_to, uint64_t duration_ns,
		    struct probation *ret_probation, struct why *why);
/* The policy is in force. If it fails, nobody watches: it has to be taken back. */
int probation_start(struct probation *probation, struct why *why);
/* It is not; or with a probation that is not begun, nothing. */
void probation_cancel(struct probation *probation);

/* Members `probation` of JSON, and a line for people. `pending` NULL: none. */
void probation_report(struct report *report, const char *state, const struct pending *pending);
