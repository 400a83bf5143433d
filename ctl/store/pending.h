/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy on probation: in force until its time is over, unless somebody confirms it. The file "pending" of
 * the guard's state says so, and the process that watches the time holds a lock on it: the lock goes when
 * the process does, so nobody takes a dead watcher for one that is at work.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define PENDING_FAILURE_SIZE 640

struct pending {
	uint64_t number;      /* of the policy on probation, in the history */
	uint64_t back_to;     /* the one that comes back; 0: none was in force, the guard goes */
	uint64_t deadline_ns; /* CLOCK_BOOTTIME */
	char failure
		[PENDING_FAILURE_SIZE]; /* why the old one could not be put back; "": it was not tried yet */
	bool is_watched;		/* a process is there that will act */
};

/* -ENOENT: nothing is on probation. What an earlier boot left is nothing. */
int pending_read(const char *state, struct pending *ret_pending, struct why *why);

/* Nothing is on probation any more: a watcher sees that and ends. No error when nothing was. */
int pending_remove(const char *state, struct why *why);

/*
 * For the watcher. A file that nobody looks at yet, locked until the descriptor is closed; pending_publish
 * makes it the one that counts. Written again to change what it says. Whoever creates another before it was published
 * removes it.
 */
int pending_create(const char *state, const struct pending *pending, int *ret_fd, struct why *why);
int pending_publish(const char *state, int fd);
void pending_abort(const char *state, int fd);
bool pending_is_removed(int fd);
int pending_rewrite(int fd, const struct pending *pending);

/* CLOCK_BOOTTIME: it goes on while the machine sleeps, and nobody sets it. */
uint64_t pending_clock_ns(void);
