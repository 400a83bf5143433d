/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a packet conform to all limits of the rule that matched it? One that does not takes nothing. */
#pragma once

#include "block.h"

__slow_path struct guard_bucket *keyed_bucket(const struct guard_limit *limit,
					      const struct guard_address *address, __u32 bits)
{
	struct guard_bucket_key key = budget_key(limit, address, bits);
	struct guard_bucket fresh = {}, *bucket;

	bucket = bpf_map_lookup_elem(&buckets, &key);
	if (bucket)
		return bucket;
	bpf_map_update_elem(&buckets, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&buckets, &key);
}

/*
 * A free place in the source's entry; NULL: there is none. A limit that found none when it was first used
 * brings its state along.
 */
__slow_path struct guard_bucket *inline_claim(struct guard_source *source,
					      const struct guard_limit *limit,
					      const struct guard_address *address, __u32 bits)
{
	struct guard_bucket_key key = budget_key(limit, address, bits);

	for (int i = 0; i < GUARD_INLINE_LIMITS; i++) {
		struct guard_inline_limit *l = &source->limits[i];
		__u32 taken = l->limit ?: __sync_val_compare_and_swap(&l->limit, 0, limit->id);
		const struct guard_bucket *old;

		if (taken && taken != limit->id)
			continue;
		old = taken ? NULL : bpf_map_lookup_elem(&buckets, &key);
		if (old)
			l->bucket = *old;
		return &l->bucket;
	}
	return NULL;
}

static __always_inline struct guard_bucket *inline_bucket(struct guard_source *source,
							  const struct guard_limit *limit,
							  const struct guard_address *address,
							  __u32 bits)
{
	/* All places are looked at before a free one is taken: it may have become free since. */
	for (int i = 0; i < GUARD_INLINE_LIMITS; i++)
		if (source->limits[i].limit == limit->id)
			return &source->limits[i].bucket;
	return inline_claim(source, limit, address, bits);
}

/* `bits` of the address are what the limit counts. */
static __always_inline struct guard_bucket *bucket_of(const struct guard_limit *limit,
						      struct guard_source *source,
						      const struct guard_address *address,
						      __u32 bits)
{
	struct guard_bucket *bucket;
	struct guard_shared *s;
	__u32 slot = limit->slot;

	if (limit->per == GUARD_PER_ALL || !source) {
		s = bpf_map_lookup_elem(&shared, &slot);
		if (!s)
			return NULL;
		return limit->per == GUARD_PER_ALL ? &s->all : &s->unadmitted;
	}
	if (limit->per == GUARD_PER_SOURCE) {
		bucket = inline_bucket(source, limit, address, bits);
		if (bucket)
			return bucket;
	}
	return keyed_bucket(limit, address, bits);
}

/*
 * A second look at a budget: sharper, if the clock may be why it refused, and with others that take from it at the
 * same time.
 */
__slow_path_global bool budget_take_again(struct clock *clock, __u64 *tat, __u64 cost,
					  __u64 allowance, bool is_refused)
{
	struct guard_control *control = control_find();

	if (!clock || !tat || !control)
		return true;
	if (is_refused && !clock_sharpen(clock, control))
		return false;
	return gcra_take(tat, clock->now, cost, allowance) == 0;
}

/* Takes the cost if it conforms. A lone taker needs one look and one exchange; the rest is for others. */
static __always_inline bool budget_take(struct judgement *j, __u64 *tat, __u64 cost,
					__u64 allowance)
{
	__u64 old = *(volatile __u64 *)tat;
	__u64 excess = gcra_excess(old, j->clock.now, cost, allowance);

	if (!excess && gcra_try(tat, old, j->clock.now, cost))
		return true;
	/* Jiffies lag by up to one; only where that could be the whole excess is it worth asking. */
	if (excess > cfg_jiffy)
		return false;
	return budget_take_again(&j->clock, tat, cost, allowance, excess);
}

/* GUARD_PASS_LIMIT, or the reason why the packet exceeds this limit. */
static __always_inline enum guard_reason limit_take(struct judgement *j,
						    const struct guard_limit *limit)
{
	struct guard_bucket *bucket =
		bucket_of(limit, j->source, &j->p.from, budget_bits(j->policy, limit, j->p.family));

	if (!bucket)
		return GUARD_PASS_LIMIT; /* no room for its state: fail open, as without the rule */
	if (limit->interval &&
	    !budget_take(j, &bucket->packet_tat, limit->interval, budget_allowance(limit)))
		return GUARD_DROP_RATE;
	if (limit->byte_cost &&
	    !budget_take(j, &bucket->byte_tat, budget_byte_cost(limit, j->p.length),
			 limit->byte_burst)) {
		if (limit->interval)
			gcra_refund(&bucket->packet_tat, limit->interval);
		return GUARD_DROP_BANDWIDTH;
	}
	return GUARD_PASS_LIMIT;
}

static __always_inline const struct guard_limit *limit_of(const struct guard_policy *policy,
							  const struct guard_rule *rule, __u32 n)
{
	return &policy->limit[(rule->first_limit + n) & (GUARD_LIMITS_MAX - 1)];
}

/* Gives back what the packet took. */
static __always_inline void limit_refund(const struct guard_policy *policy,
					 const struct guard_limit *limit,
					 struct guard_source *source, const struct refusal *r)
{
	struct guard_bucket *bucket =
		bucket_of(limit, source, &r->from, budget_bits(policy, limit, r->family));

	if (!bucket)
		return;
	if (limit->interval)
		gcra_refund(&bucket->packet_tat, limit->interval);
	if (limit->byte_cost)
		gcra_refund(&bucket->byte_tat, budget_byte_cost(limit, r->length));
}

/* What follows from a refusal: what conformed gets back what it gave, and the limit may block. */
__slow_path_global int limits_refuse(const struct guard_policy *policy,
				     const struct guard_rule *rule, struct guard_source *source,
				     const struct refusal *r)
{
	const struct guard_limit *limit;

	if (!policy || !rule || !r)
		return 0;
	for (__u32 i = 0; i < GUARD_LIMITS_PER_RULE && i < r->limit; i++)
		limit_refund(policy, limit_of(policy, rule, i), source, r);
	limit = limit_of(policy, rule, r->limit);
	/* What is outside the table shares one budget: nobody knows who exceeded it. */
	if (limit->block_first && source && !(r->is_watched && rule->monitor))
		block_exceeding(policy, rule, limit, source, r);
	return 0;
}

static __always_inline enum guard_reason limits_take(struct judgement *j,
						     const struct guard_rule *rule)
{
	enum guard_reason reason = GUARD_PASS_LIMIT;
	__u32 n;

	for (n = 0; n < GUARD_LIMITS_PER_RULE && n < rule->limits; n++) {
		reason = limit_take(j, limit_of(j->policy, rule, n));
		if (reason != GUARD_PASS_LIMIT)
			break;
	}
	if (reason == GUARD_PASS_LIMIT)
		return reason;
	n += j->policy->zero; /* as in parse.h: the verifier need not follow on from each n */
	if (n || limit_of(j->policy, rule, n)->block_first) {
		struct refusal r = {j->p.from,	 j->clock, j->p.family,
				    j->p.length, n,	   j->is_watched};

		limits_refuse(j->policy, rule, j->source, &r);
	}
	return reason;
}
