/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GCRA, the generic cell rate algorithm (ITU-T I.371, virtual scheduling): a budget is one theoretical
 * arrival time, how far it lies ahead of now is what was spent and not yet earned back. One
 * compare-and-swap takes from it, so the limit holds over all CPUs together. Pure.
 */
#pragma once

#include "parse.h"

#define GCRA_TRIES 4 /* lost races before a taker adds without comparing */

static __always_inline __u64 gcra_backlog(__u64 tat, __u64 now)
{
	/* 0 is a budget that nothing was ever taken from. */
	return tat && (__s64)(tat - now) > 0 ? tat - now : 0;
}

/*
 * By how much `cost` is more than what is left of `allowance`; 0: it conforms. An untouched budget bears
 * any cost, or a frame longer than the whole allowance could never pass.
 */
static __always_inline __u64 gcra_excess(__u64 tat, __u64 now, __u64 cost, __u64 allowance)
{
	__u64 backlog = gcra_backlog(tat, now);

	return backlog && backlog + cost > allowance ? backlog + cost - allowance : 0;
}

static __always_inline bool gcra_try(__u64 *tat, __u64 old, __u64 now, __u64 cost)
{
	__u64 next = now + gcra_backlog(old, now) + cost;

	return __sync_val_compare_and_swap(tat, old, next) == old;
}

/*
 * Takes a cost that conforms; returns by how much it does not, with nothing taken. Whoever loses
 * GCRA_TRIES races in a row has just been told that it conforms, so it adds without comparing: under
 * contention a budget is overdrawn by at most one packet a CPU, and a conforming packet is never
 * refused.
 */
__slow_path_global __u64 gcra_take(__u64 *tat, __u64 now, __u64 cost, __u64 allowance)
{
	if (!tat)
		return 0;
	for (int i = 0; i < GCRA_TRIES; i++) {
		__u64 old = *(volatile __u64 *)tat;
		__u64 excess = gcra_excess(old, now, cost, allowance);

		if (excess)
			return excess;
		if (gcra_try(tat, old, now, cost))
			return 0;
	}
	__sync_fetch_and_add(tat, cost);
	return 0;
}

static __always_inline void gcra_refund(__u64 *tat, __u64 cost)
{
	__sync_fetch_and_add(tat, -cost);
}
