/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source's entry: found, or made when it is admitted, and what it caches of slower tables. */
#pragma once

#include "admit.h"
#include "bits.h"
#include "gcra.h"
#include "range.h"
#include "table.h"

static __always_inline bool is_same(const struct guard_address *a, const struct guard_address *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static __always_inline void source_begin(struct guard_source *source,
					 const struct guard_address *address, __u64 now)
{
	*source = (struct guard_source){.address = *address, .first_seen = now, .last_seen = now};
}

/* A source that is not at home, and is entered if it must be. */
struct quest {
	struct guard_address address;
	__u64 hash;
	__u64 now;
	__u64 tag;  /* where it was found, or put */
	__u32 slot; /* of that tag, when it was found */
	__u32 admit_always;
};

static __always_inline struct guard_source *source_at(__u32 entry)
{
	return bpf_map_lookup_elem(&sources, &entry);
}

/* Another CPU entered the source at once. Packets that it may have counted in what is not used go over. */
static __always_inline void source_fold(struct guard_source *unused, struct guard_source *source)
{
	__u64 passed = __sync_lock_test_and_set(&unused->passed, 0);
	__u64 dropped = __sync_lock_test_and_set(&unused->dropped, 0);

	if (passed)
		__sync_fetch_and_add(&source->passed, passed);
	if (dropped)
		__sync_fetch_and_add(&source->dropped, dropped);
}

/* 1: entered, 0: another CPU has entered it, else there was no place. */
static __always_inline int source_enter(struct quest *q, struct guard_admission *a)
{
	__u32 number = cfg_sets;
	struct table t = {.capacity = cfg_capacity};
	struct guard_source *spare, *source;
	struct guard_set *numbers;
	struct table_result result;
	__u32 entry;
	int r;

	numbers = bpf_map_lookup_elem(&tags, &number);
	number = table_first(q->hash, cfg_sets);
	t.first = bpf_map_lookup_elem(&tags, &number);
	number = table_second(q->hash, cfg_sets);
	t.second = bpf_map_lookup_elem(&tags, &number);
	if (!numbers || !t.first || !t.second)
		return -1;
	t.numbers = numbers->tag;
	entry = a->spare ?: table_new_entry(&t);
	spare = source_at(entry);
	if (!entry || !spare)
		return -1;
	source_begin(spare, &q->address, q->now);
	r = table_enter(&t, table_new_tag(q->hash, entry, q->now), &result);
	a->spare = result.spare;
	q->tag = result.tag;
	source = r == 0 ? source_at(table_entry(result.tag)) : NULL;
	if (source)
		source_fold(spare, source);
	return r;
}

static __always_inline bool source_admit(struct quest *q)
{
	struct guard_control *c = control_find();
	struct guard_admission *a;
	__u32 zero = 0;
	int r;

	a = bpf_map_lookup_elem(&admission, &zero);
	if (!a || !c)
		return false;
	admission_turn(a, q->now);
	if (!q->admit_always && !admit(&q->address, q->now, c, a))
		return false;
	r = source_enter(q, a);
	if (r < 0)
		a->failed++;
	else
		a->admitted += r;
	return r >= 0;
}

static __always_inline bool source_is_in(struct quest *q, __u32 number)
{
	struct guard_set *set = bpf_map_lookup_elem(&tags, &number);
	__u32 way = table_look(set, table_bits(q->hash), GUARD_WAYS);

	if (!set || way >= GUARD_WAYS)
		return false;
	q->slot = number * GUARD_WAYS + way;
	q->tag = set->tag[way];
	return true;
}

/* 0: it is not admitted, or there was no place. */
__slow_path_global int source_seek(struct quest *q)
{
	if (!q)
		return 0;
	return source_is_in(q, table_first(q->hash, cfg_sets)) ||
	       source_is_in(q, table_second(q->hash, cfg_sets)) || source_admit(q);
}

static __always_inline bool is_established(const struct guard_source *source)
{
	return (source->passed + source->dropped) >> GUARD_TALLY_BYTES_BITS >= GUARD_ESTABLISHED ||
	       source->passed_wide.packets || source->dropped_wide.packets;
}

/* Once in 2^GUARD_AGE_SHIFT a source. */
__slow_path void source_touch(__u32 slot, const struct guard_source *source, __u64 now)
{
	__u32 number = slot / GUARD_WAYS;
	struct guard_set *set = bpf_map_lookup_elem(&tags, &number);

	if (set)
		table_touch(&set->tag[slot % GUARD_WAYS], now, is_established(source));
}

/* The entry that the tag in the slot names, if it is the source's. */
static __always_inline struct guard_source *
source_of(__u64 tag, __u32 slot, const struct guard_address *address, __u64 now)
{
	struct guard_source *source = source_at(table_entry(tag));

	if (!source || !is_same(&source->address, address))
		return NULL;
	if (source->last_seen != now) {
		if (table_age(source->last_seen) != table_age(now))
			source_touch(slot, source, now);
		source->last_seen = now;
	}
	return source;
}

/* NULL: it is outside the table. Such a packet obeys every rule, with shared budgets. */
static __always_inline struct guard_source *source_find(const struct judgement *j)
{
	struct guard_address address = j->p.from;
	const struct guard_set *set;
	__u32 number, slot;
	__u64 hash, tag;

	mask_address(&address, &j->policy->source_mask[j->p.family & 1]);
	hash = table_hash(&address, cfg_seed);
	number = table_first(hash, cfg_sets);
	slot = number * GUARD_WAYS + table_home(table_bits(hash));
	set = bpf_map_lookup_elem(&tags, &number);
	if (!set)
		return NULL;
	tag = *(volatile __u64 *)&set->tag[slot % GUARD_WAYS];
	if (!table_is_whose(tag, table_bits(hash))) {
		struct quest q = {address, hash, j->clock.now, 0, 0, j->policy->admit_always};

		if (!source_seek(&q))
			return NULL;
		tag = q.tag;
		slot = q.slot;
	}
	return source_of(tag, slot, &address, j->clock.now);
}

/*
 * Limits of older policies would hold their inline places for ever. An idle budget says nothing that a
 * new one does not, so it can go; where two CPUs race here, one packet's cost may go with it.
 */
static __always_inline void drop_idle_limits(struct guard_source *source, const struct clock *clock)
{
	for (int i = 0; i < GUARD_INLINE_LIMITS; i++) {
		struct guard_inline_limit *l = &source->limits[i];

		if (!gcra_backlog(l->bucket.packet_tat, clock->now) &&
		    !gcra_backlog(l->bucket.byte_tat, clock->now))
			l->limit = 0;
	}
}

/* The value of the source's range in this policy. */
static __always_inline __u32 source_range(const struct judgement *j)
{
	const struct guard_policy *policy = j->policy;
	__u64 cached = j->source ? *(volatile __u64 *)&j->source->range : 0;
	bool is_current = cached >> 32 == policy->generation;
	__u32 range;

	if (is_current && !(cached & GUARD_RANGE_SPLIT))
		return cached;
	range = range_find(policy->ranges, policy->from_root[j->p.family & 1], &j->p.from,
			   j->p.family);
	if (j->source && !is_current) {
		drop_idle_limits(j->source, &j->clock);
		j->source->block = 0; /* another aggregate asks for other prefixes */
		*(volatile __u64 *)&j->source->range = (__u64)policy->generation << 32 | range;
	}
	return range;
}
