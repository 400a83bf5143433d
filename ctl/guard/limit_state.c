/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit_state.h"

#include <bpf/bpf.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "bpf/budget.h"
#include "source_table.h"

unsigned limit_state_bits(const struct guard_policy *policy, const struct guard_limit *limit,
			  bool is_ipv6)
{
	return budget_bits(policy, limit, is_ipv6);
}

static int look_up(int map, const void *key, void *value)
{
	return bpf_map_lookup_elem(map, key, value) < 0 && errno != ENOENT ? -errno : 0;
}

/* State of limits per source lies in the source's entry, as far as there is room. */
static bool read_inline(const struct guard_source *source, const struct guard_limit *limit,
			struct guard_bucket *bucket)
{
	for (unsigned i = 0; i < GUARD_INLINE_LIMITS; i++) {
		if (source->limits[i].limit != limit->id)
			continue;
		*bucket = source->limits[i].bucket;
		return true;
	}
	return false;
}

static int read_shared(const struct guard *guard, const struct guard_limit *limit,
		       struct guard_bucket *ret_bucket)
{
	struct guard_shared shared = {};
	int r = look_up(guard->shared, &limit->slot, &shared);

	*ret_bucket = limit->per == GUARD_PER_ALL ? shared.all : shared.unadmitted;
	return r;
}

int limit_state_read(const struct guard *guard, const struct guard_policy *policy,
		     const struct guard_limit *limit, const struct guard_address *from,
		     bool is_ipv6, bool is_admitted, struct guard_bucket *ret_bucket)
{
	struct guard_bucket_key key = budget_key(limit, from, budget_bits(policy, limit, is_ipv6));
	struct guard_address address = *from;
	struct guard_source source = {};
	struct guard_bucket bucket = {};
	int r;

	if (limit->per == GUARD_PER_ALL || !is_admitted)
		return read_shared(guard, limit, ret_bucket);
	address_mask(&address, policy->aggregate[is_ipv6]);
	r = source_table_read(guard, &address, &source);
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && (limit->per != GUARD_PER_SOURCE || !read_inline(&source, limit, &bucket)))
		r = look_up(guard->buckets, &key, &bucket);
	if (r == 0)
		*ret_bucket = bucket;
	return r;
}

static uint64_t left(uint64_t allowance, uint64_t tat, uint64_t now)
{
	uint64_t backlog = gcra_backlog(tat, now);

	return backlog < allowance ? allowance - backlog : 0;
}

uint64_t limit_state_packets(const struct guard_limit *limit, const struct guard_bucket *bucket,
			     uint64_t now)
{
	return left(budget_allowance(limit), bucket->packet_tat, now) / limit->interval;
}

uint64_t limit_state_bytes(const struct guard_limit *limit, const struct guard_bucket *bucket,
			   uint64_t now)
{
	uint64_t time = left(limit->byte_burst, bucket->byte_tat, now);

	return (uint64_t)(((unsigned __int128)time << GUARD_BYTE_COST_SHIFT) / limit->byte_cost);
}

uint64_t limit_state_burst(const struct guard_limit *limit)
{
	return limit->tolerance / limit->interval + 1;
}

enum guard_reason limit_state_judge(const struct guard_limit *limit,
				    const struct guard_bucket *bucket, uint64_t now, size_t size)
{
	if (limit->interval &&
	    gcra_excess(bucket->packet_tat, now, limit->interval, budget_allowance(limit)))
		return GUARD_DROP_RATE;
	if (limit->byte_cost &&
	    gcra_excess(bucket->byte_tat, now, budget_byte_cost(limit, (uint32_t)size),
			limit->byte_burst))
		return GUARD_DROP_BANDWIDTH;
	return GUARD_PASS_LIMIT;
}
