/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks: a table of their own, by prefix, that the tool writes by hand and limits write here. A source
 * keeps what the table said until the generation in map control moves on.
 *
 * Prefixes longer than a source's aggregate are not the source's: they are looked up every time, and
 * only when there are any.
 */
#pragma once

#include "bits.h"
#include "budget.h"
#include "events.h"
#include "source.h"

struct block_state {
	__u64 until;
	__u64 flags; /* enum guard_block_flag; 0: not blocked */
};

/* Which prefixes of a packet's source are asked for, and when. */
struct block_query {
	struct guard_address address;
	struct clock clock;
	__u32 family;
	int first, last;	  /* leading bits */
	struct block_state state; /* the answer */
};

/* An enforced block outweighs a monitoring one, then the later end counts. */
static __always_inline void block_merge(struct block_state *state, const struct guard_block *block)
{
	__u64 flags = block->flags | GUARD_BLOCK_ACTIVE;
	__u64 was_monitor = state->flags & GUARD_BLOCK_MONITOR;
	__u64 is_monitor = flags & GUARD_BLOCK_MONITOR;

	if (state->flags && (was_monitor < is_monitor ||
			     (was_monitor == is_monitor && block->until <= state->until)))
		return;
	state->until = block->until;
	state->flags = flags;
}

/* Which of the lengths first..last that are in word `w` of block_bits may have blocks. */
static __always_inline __u64 lengths_in_use(const struct guard_control *control, __u32 family,
					    int first, int last, int w)
{
	return control->block_bits[family & 1][w] & ~upper_bits(64 * (w + 1) - 1 - last) &
	       upper_bits(64 * (w + 1) - first);
}

static __always_inline bool has_lengths(const struct guard_control *control, __u32 family,
					int first, int last)
{
	return lengths_in_use(control, family, first, last, 0) |
	       lengths_in_use(control, family, first, last, 1) |
	       lengths_in_use(control, family, first, last, 2);
}

__slow_path_global int block_find_one(struct block_query *q, __u32 bits)
{
	struct guard_block_key key = {.bits = bits};
	struct guard_block *block;

	if (!q)
		return 0;
	key.address = q->address;
	mask_prefix(&key.address, bits);
	block = bpf_map_lookup_elem(&blocks, &key);
	if (block && !clock_is_past(&q->clock, block->until))
		block_merge(&q->state, block);
	return 0;
}

/* Merges all blocks that the query asks for. */
__slow_path_global int block_find(struct block_query *q)
{
	struct guard_control *c = control_find();

	if (!q || !c)
		return 0;
	for (int w = 0; w < 3; w++) {
		__u64 lengths = lengths_in_use(c, q->family, q->first, q->last, w);

		for (int i = 0; i < 64 && lengths; i++, lengths &= lengths - 1)
			block_find_one(q, w * 64 + lowest_bit(lengths));
	}
	return 0;
}

static __always_inline void source_cache_block(struct guard_source *source, __u32 generation,
					       const struct block_state *state)
{
	source->blocked_until = state->until;
	/* Of an odd generation nobody's answer is of the same one. */
	*(volatile __u64 *)&source->block = (__u64)(generation & ~1u) << 32 | state->flags;
}

/* What the source remembers; false: nothing, or nothing that still holds. */
static __always_inline bool source_cached_block(const struct judgement *j,
						struct block_state *ret_state)
{
	__u64 cached;

	if (!j->source)
		return false;
	cached = *(volatile __u64 *)&j->source->block;
	*ret_state = (struct block_state){j->source->blocked_until, (__u8)cached};
	if (cached >> 32 != *(volatile __u32 *)&j->control->block_generation)
		return false;
	return !ret_state->flags || !clock_is_past(&j->clock, ret_state->until);
}

/* Adds to *state what blocks prefixes of first..last bits. */
static __always_inline void block_ask(const struct judgement *j, int first, int last,
				      struct block_state *state)
{
	struct block_query q = {j->p.from, j->clock, j->p.family, first, last, *state};

	if (!has_lengths(j->control, j->p.family, first, last))
		return;
	block_find(&q);
	*state = q.state;
}

static __always_inline struct block_state block_of(const struct judgement *j)
{
	const __u32 generation = *(volatile __u32 *)&j->control->block_generation;
	const int aggregate = j->policy->aggregate[j->p.family & 1];
	struct block_state state;

	if (!source_cached_block(j, &state)) {
		state = (struct block_state){};
		block_ask(j, 0, aggregate, &state);
		if (j->source)
			source_cache_block(j->source, generation, &state);
	}
	if (aggregate < 128)
		block_ask(j, aggregate + 1, 128, &state);
	return state;
}

/* Says that blocks of so many bits exist, before the first of them can be looked for. */
static __always_inline void note_block_bits(struct guard_control *control, __u32 family, __u32 bits)
{
	__u64 *word = &control->block_bits[family & 1][bits >> 6 & 3];
	__u64 bit = 1ull << (bits & 63);

	if (!(*word & bit))
		__sync_fetch_and_or(word, bit);
}

/* A packet that exceeds a limit of its rule. */
struct refusal {
	struct guard_address from;
	struct clock clock;
	__u32 family;
	__u32 length;
	__u32 limit;	 /* which of the rule's; those before it conformed, and took */
	bool is_watched; /* blocked already, by a rule that only monitors */
};

/* first * factor^level, at most max. */
__slow_path_global __u64 block_duration(__u64 first, __u64 max, __u32 factor, __u32 level)
{
	__u64 duration = first;

	for (__u32 i = 0; i < 64 && i < level && duration < max; i++)
		duration = duration > max / (factor ?: 1) ? max : duration * factor;
	return duration;
}

/* What the table has of the key is an earlier offence, or (false) stands in the way. */
static __always_inline bool block_follow(struct guard_block *block, const struct clock *clock,
					 const struct guard_block *old)
{
	bool was_monitor = old->flags & GUARD_BLOCK_MONITOR;
	bool is_monitor = block->flags & GUARD_BLOCK_MONITOR;
	bool is_remembered = !clock_is_past(clock, old->forget);

	block->until = old->until;
	/* What monitoring did is no earlier offence, and never takes an enforced block's place. */
	if (was_monitor != is_monitor)
		return was_monitor || !is_remembered;
	if (!clock_is_past(clock, old->until))
		return false;
	block->level = is_remembered ? old->level + 1 : 0;
	return true;
}

/* Afterwards block->until says when what now blocks the key ends. False: the table has no room, so nothing does. */
static __always_inline bool block_set(struct guard_control *c, const struct guard_limit *limit,
				      const struct refusal *r, const struct guard_block_key *key,
				      struct guard_block *block)
{
	struct guard_block *old = bpf_map_lookup_elem(&blocks, key);

	if (old && !block_follow(block, &r->clock, old))
		return true;
	block->until = r->clock.now + block_duration(limit->block_first, limit->block_max,
						     limit->block_factor, block->level);
	block->forget = block->until + (limit->block_factor > 1 ? limit->block_max : 0);
	note_block_bits(c, r->family, key->bits);
	if (bpf_map_update_elem(&blocks, key, block, BPF_ANY)) {
		__sync_fetch_and_add(&c->blocks_full, 1);
		return false;
	}
	if (events_are_wanted(c, block->since))
		event_block(key, block);
	return true;
}

/* Blocks what exceeded the limit: the source, or the prefix that the limit counts. */
static __always_inline void block_exceeding(const struct guard_policy *policy,
					    const struct guard_rule *rule,
					    const struct guard_limit *limit,
					    struct guard_source *source, const struct refusal *r)
{
	struct guard_control *control = control_find();
	struct guard_block_key key = {
		.address = r->from,
		.bits = budget_bits(policy, limit, r->family),
	};
	struct guard_block block = {
		.since = r->clock.now,
		.slot = rule->slot + 1,
		.flags = policy->monitor || rule->monitor ? GUARD_BLOCK_MONITOR : 0,
	};
	struct block_state state = {.flags = block.flags | GUARD_BLOCK_ACTIVE};

	if (!control)
		return;
	mask_prefix(&key.address, key.bits);
	if (!block_set(control, limit, r, &key, &block))
		return;
	/* Other sources of a prefix hold an older answer; a source that is itself the key does not. */
	if (limit->per == GUARD_PER_PREFIX)
		__sync_fetch_and_add(&control->block_generation, 2);
	/* A prefix longer than the aggregate is not the whole source. */
	if (key.bits > policy->aggregate[r->family & 1])
		return;
	state.until = block.until;
	source_cache_block(source, control->block_generation, &state);
}
