/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of a limit is left, as read from where the packet program keeps it. */
#pragma once

#include <stddef.h>

#include "guard.h"

/* How many leading bits of a source one budget is for: v4-mapped. Of limits that not all sources share. */
unsigned limit_state_bits(const struct guard_policy *policy, const struct guard_limit *limit,
			  bool is_ipv6);

/*
 * The budget that a packet from `from` takes from. `is_admitted`: the source has a place in the table;
 * the others share one. All zero: nothing was ever taken.
 */
int limit_state_read(const struct guard *guard, const struct guard_policy *policy,
		     const struct guard_limit *limit, const struct guard_address *from,
		     bool is_ipv6, bool is_admitted, struct guard_bucket *ret_bucket);

/* What is left at `now`, in packets and bytes; of limits that count those. */
uint64_t limit_state_packets(const struct guard_limit *limit, const struct guard_bucket *bucket,
			     uint64_t now);
uint64_t limit_state_bytes(const struct guard_limit *limit, const struct guard_bucket *bucket,
			   uint64_t now);

/* What the limit allows at most, at once. */
uint64_t limit_state_burst(const struct guard_limit *limit);

/* What a packet of `size` bytes meets at `now`: GUARD_PASS_LIMIT, or why it exceeds the limit. */
enum guard_reason limit_state_judge(const struct guard_limit *limit,
				    const struct guard_bucket *bucket, uint64_t now, size_t size);
