/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets and bytes of one source in one word, so that counting a packet on several CPUs costs one
 * atomic add where two counters would cost two. Pure.
 */
#pragma once

#include "parse.h"

/* 2^23 packets of at most 65,535 bytes stay below the 2^40 that the bytes have. */
static __always_inline void tally_add(__u64 *word, struct guard_count *wide, __u32 length)
{
	const __u64 one = (__u64)1 << GUARD_TALLY_BYTES_BITS;
	__u64 full;

	if (!(__sync_fetch_and_add(word, one + length) & GUARD_TALLY_FULL))
		return;
	/* Each exchange takes what it finds exactly once, however many CPUs come here. */
	full = __sync_lock_test_and_set(word, 0);
	__sync_fetch_and_add(&wide->packets, full >> GUARD_TALLY_BYTES_BITS);
	__sync_fetch_and_add(&wide->bytes, full & (one - 1));
}
