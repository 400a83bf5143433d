/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a limit counts, and what a packet costs there. Pure: the tool explains limits by it, too. */
#pragma once

#include "bits.h"
#include "gcra.h"

/* Leading bits of a source that one budget of the limit is for. */
static __always_inline __u32 budget_bits(const struct guard_policy *policy,
					 const struct guard_limit *limit, __u32 family)
{
	if (limit->per == GUARD_PER_PREFIX)
		return family == IPV4 ? limit->bits_ipv4 : limit->bits_ipv6;
	return policy->aggregate[family & 1];
}

/* Of map buckets. */
static __always_inline struct guard_bucket_key
budget_key(const struct guard_limit *limit, const struct guard_address *address, __u32 bits)
{
	struct guard_bucket_key key = {.address = *address, .limit = limit->id};

	mask_prefix(&key.address, bits);
	return key;
}

/* How far the packets' arrival time may lie ahead. The cost of each is the interval. */
static __always_inline __u64 budget_allowance(const struct guard_limit *limit)
{
	return limit->tolerance + limit->interval;
}

static __always_inline __u64 budget_byte_cost(const struct guard_limit *limit, __u32 length)
{
	return length * limit->byte_cost >> GUARD_BYTE_COST_SHIFT;
}
