/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is dropped and blocked, told by the packet program (bpf/events.h) to one reader a guard, for as long as
 * that renews its lease.
 */
#pragma once

#include "guard.h"

#define EVENTS_RENEW_NS 1000000000ull /* renewed so often, a lease never ends */

struct events;

/*
 * Becomes the reader; -EBUSY: there is one. What was told to an earlier one is thrown away, and nothing is told
 * before events_renew. The guard may be open to be read only, and must outlive this.
 */
int events_open(const struct guard *guard, int (*each)(const struct guard_event *event, void *data),
		void *data, struct events **ret_events, struct why *why);
/* Accepts NULL; sets *events to NULL. The packet program tells nothing more. */
void events_close(struct events **events);

/* From `now`, in time units, on. False: the lease had ended, and what was since then is not counted. */
bool events_renew(struct events *events, uint64_t now);
/* Ends the lease. When it returns, all that was told can be read. */
void events_stop(const struct events *events);

/* Readable when there is something to be read. */
int events_fd(const struct events *events);
/* Calls `each` for what is there. What that returns below 0 ends it, and is returned. */
int events_read(struct events *events);

/* How many were told and suppressed, of each kind, since events_open. */
int events_count(const struct events *events, struct guard_event_counts *ret_counts,
		 struct why *why);
