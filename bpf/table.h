/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of sources (abi.h, struct guard_set): where a source is, and which slot a new one takes. Pure,
 * and used by the tool as well.
 *
 * Each source has a home, one way of its first set: whoever sits there is found with one look at a tag, and
 * without a branch that the processor cannot foresee. So a new source gets it when it can be had.
 *
 * A slot changes hands without a lock, and nobody waits for anybody. Whoever enters a source fills a spare entry
 * that is its own, then exchanges the slot's tag for one that names it; the entry that the slot had is the next
 * spare. So an entry is not written over before its new owner enters another source, and packets that found
 * it just before have long counted there. Two who enter the same source at once see each other's tag: who
 * does takes its own back, and looks again.
 */
#pragma once

#include "parse.h"

/* An established source is as hard to push out as one that was seen so much later: 70 s. */
#define TABLE_HEADSTART 16
#define TABLE_TRIES 16 /* to enter a source; two that are in each other's way part soon */

#define TABLE_HASH_NEVER_0 ((__u64)1 << 37) /* a bit of every hash, for 0 is a free slot */

/* Off the usual path: unrolled, a loop would take more of the stack than there is. */
#ifdef __clang__
#define NOT_UNROLLED _Pragma("clang loop unroll(disable)")
#else
#define NOT_UNROLLED
#endif

/* A source's two sets, and the table's numbers (enum guard_table_number). */
struct table {
	struct guard_set *first, *second;
	__u64 *numbers;
	__u32 capacity;
};

/* What came of entering a source. */
struct table_result {
	__u64 tag;   /* the source's */
	__u32 spare; /* entry that whoever entered it has now */
	__u32 pad;
};

/* Multiplication by secret odd numbers is universal hashing (Dietzfelbinger et al., 1997). */
static __always_inline __u64 table_hash(const struct guard_address *source,
					const volatile __u64 *seed)
{
	/* In host order, for a multiplication carries upwards only, and low bits are what differs most. */
	__u64 upper = be64_to_cpu(source->words[0]), lower = be64_to_cpu(source->words[1]);
	__u64 hash = upper * seed[0] + (lower ^ seed[0]) * seed[1];

	hash = (hash ^ hash >> 32) * seed[1];
	return hash ^ hash >> 32;
}

/* A source's first set, made of the upper bits of the hash's upper half. */
static __always_inline __u32 table_first(__u64 hash, __u32 sets)
{
	return (hash >> 32) * sets >> 32;
}

/* And its second, of the lower half's: another than the first. */
static __always_inline __u32 table_second(__u64 hash, __u32 sets)
{
	__u32 set = table_first(hash, sets) + 1 + ((hash & 0xffffffff) * (sets - 1) >> 32);

	return set < sets ? set : set - sets;
}

/* Its tag without entry, flags and age: what both halves have left. */
static __always_inline __u64 table_bits(__u64 hash)
{
	return hash << 50 | (hash & 0x1fff00000000) << 5 | TABLE_HASH_NEVER_0;
}

static __always_inline __u64 table_age(__u64 now)
{
	return now >> GUARD_AGE_SHIFT & GUARD_TAG_AGE;
}

static __always_inline __u32 table_home(__u64 bits)
{
	return bits >> 61;
}

static __always_inline __u32 table_entry(__u64 tag)
{
	return tag >> GUARD_TAG_ENTRY_SHIFT & GUARD_TAG_ENTRY;
}

/* What a slot says that has the entry and no source. */
static __always_inline __u64 table_free_tag(__u32 entry)
{
	return (__u64)entry << GUARD_TAG_ENTRY_SHIFT;
}

static __always_inline __u64 table_new_tag(__u64 hash, __u32 entry, __u64 now)
{
	return table_bits(hash) | table_free_tag(entry) | table_age(now);
}

static __always_inline bool table_is_whose(__u64 tag, __u64 bits)
{
	return (tag & GUARD_TAG_HASH) == bits;
}

/* Notes that the source behind the tag was seen now. A lost race loses nothing but the note. */
static __always_inline void table_touch(__u64 *tag, __u64 now, bool is_established)
{
	__u64 old = *(volatile __u64 *)tag;
	__u64 next = (old & ~(__u64)GUARD_TAG_AGE) | table_age(now);

	if (is_established)
		next |= GUARD_TAG_ESTABLISHED;
	if (old & GUARD_TAG_HASH)
		__sync_val_compare_and_swap(tag, old, next);
}

#define TABLE_FREE 0x10000 /* idleness of a free slot; more: of one that is home as well */

/* How readily the slot is given away; 0: not at all. */
static __always_inline __u64 table_idleness(__u64 tag, __u64 age, bool is_home, bool has_entries)
{
	__u64 idle = (age - tag) & GUARD_TAG_AGE;

	if (!(tag & GUARD_TAG_HASH))
		return has_entries || table_entry(tag) ? TABLE_FREE + is_home : 0;
	/* Seen after this packet came, on another CPU or in a table that is copied. */
	if (idle > GUARD_TAG_AGE / 2)
		return 0;
	if (tag & GUARD_TAG_ESTABLISHED)
		return idle > TABLE_HEADSTART ? 2 * (idle - TABLE_HEADSTART) + 1 : 1;
	/* Of those that came and went it matters little which one goes. */
	return is_home && idle ? TABLE_FREE - 1 : 2 * idle + 2;
}

/*
 * What a set has to give away: idleness << 8 | way; of equals the lowest way, of sets with free slots the
 * one that has more. `home` is the source's way in this set, or GUARD_WAYS.
 *
 * This and the function behind it are global for the verifier, which else follows every outcome of every tag; `zero` is one that it does not know.
 */
__slow_path_global __u64 table_offer(const struct guard_set *set, __u64 age, __u32 home,
				     __u32 has_entries, __u64 zero)
{
	__u64 best = 0, free = 0;

	if (!set)
		return 0;
	NOT_UNROLLED
	for (__u32 way = GUARD_WAYS; way-- > 0;) {
		__u64 tag = *(volatile __u64 *)&set->tag[way];
		__u64 idleness = table_idleness(tag, age, way == home, has_entries) + zero;

		if (idleness >= best >> 8)
			best = idleness << 8 | way;
		free += idleness / TABLE_FREE;
	}
	return best + (free << 9); /* counts for more than home */
}

/* Which way of the set, but for `other_than`, is the source's; GUARD_WAYS: none. */
__slow_path_global __u32 table_look(const struct guard_set *set, __u64 bits, __u32 other_than)
{
	if (!set)
		return GUARD_WAYS;
	for (__u32 way = 0; way < GUARD_WAYS; way++)
		if (table_is_whose(*(volatile __u64 *)&set->tag[way], bits) && way != other_than)
			return way;
	return GUARD_WAYS;
}

/* The source's way in both sets, but for one; 2 * GUARD_WAYS: it is in neither. */
static __always_inline __u32 table_find(const struct table *t, __u64 bits, __u32 other_than)
{
	__u32 way = table_look(t->first, bits, other_than);

	if (way < GUARD_WAYS)
		return way;
	return GUARD_WAYS + table_look(t->second, bits, other_than - GUARD_WAYS);
}

#define TABLE_NO_WAY (2 * GUARD_WAYS)

/* Flag of a way that was free when it was chosen. */
#define TABLE_WAY_FREE 0x40

static __always_inline __u32 table_victim(const struct table *t, __u64 bits, __u64 age)
{
	bool has_entries = *(volatile __u64 *)&t->numbers[GUARD_TABLE_PLACED] < t->capacity;
	__u64 offer = table_offer(t->first, age, table_home(bits), has_entries, 0);
	__u64 other = table_offer(t->second, age, GUARD_WAYS, has_entries, 0);

	if (!(offer | other))
		return TABLE_NO_WAY;
	if (other >> 8 > offer >> 8)
		offer = other + GUARD_WAYS;
	return (offer & 0xf) | (offer >> 8 >= TABLE_FREE ? TABLE_WAY_FREE : 0);
}

static __always_inline __u64 *table_tag(const struct table *t, __u32 way)
{
	struct guard_set *set = way < GUARD_WAYS ? t->first : t->second;

	return &set->tag[way % GUARD_WAYS];
}

/* The number of an entry that nobody has had yet; 0: there is none left. */
static __always_inline __u32 table_new_entry(const struct table *t)
{
	__u64 *handed_out = &t->numbers[GUARD_TABLE_HANDED_OUT];
	const __u64 last = GUARD_ENTRIES(t->capacity) - 1;
	__u64 n;

	if (*(volatile __u64 *)handed_out >= last)
		return 0;
	n = __sync_fetch_and_add(handed_out, 1) + 1;
	return n <= last ? n : 0;
}

/* One try. True: `tag` is in the table, and *spare what the slot had; else somebody was in the way. */
static __always_inline bool table_try(const struct table *t, __u64 tag, __u32 *spare)
{
	const __u64 bits = tag & GUARD_TAG_HASH;
	__u32 way = table_victim(t, bits, tag & GUARD_TAG_AGE);
	__u64 *slot, before;

	if (way == TABLE_NO_WAY)
		return false;
	slot = table_tag(t, way & 0xf);
	before = *(volatile __u64 *)slot;
	/* Another CPU may have used it since, for this very source. */
	if (before & GUARD_TAG_HASH && (way & TABLE_WAY_FREE || table_is_whose(before, bits)))
		return false;
	if (__sync_val_compare_and_swap(slot, before, tag) != before)
		return false;
	if (table_find(t, bits, way & 0xf) != TABLE_NO_WAY &&
	    __sync_val_compare_and_swap(slot, tag, table_free_tag(table_entry(before))) == tag)
		return false;
	if (!table_entry(before))
		__sync_fetch_and_add(&t->numbers[GUARD_TABLE_PLACED], 1);
	*spare = table_entry(before);
	return true;
}

/*
 * Enters a source by a tag whose entry the caller has filled, or finds it: 1, 0. Else neither: all slots are of
 * sources that were seen later.
 */
static __always_inline int table_enter(const struct table *t, __u64 tag, struct table_result *ret)
{
	__u32 way, spare = table_entry(tag);

	for (int tries = 0; tries < TABLE_TRIES; tries++) {
		way = table_find(t, tag & GUARD_TAG_HASH, TABLE_NO_WAY);
		if (way < TABLE_NO_WAY) {
			*ret = (struct table_result){*(volatile __u64 *)table_tag(t, way), spare,
						     0};
			return 0;
		}
		if (table_try(t, tag, &spare)) {
			*ret = (struct table_result){tag, spare, 0};
			return 1;
		}
	}
	*ret = (struct table_result){0, spare, 0};
	return -1;
}
