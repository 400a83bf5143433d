/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocks.h"

#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "clock.h"

#define BATCH 4096 /* entries a system call */

struct guard_block block_by_hand(uint64_t since, uint64_t duration_ns, const char *reason)
{
	struct guard_block block = {.flags = GUARD_BLOCK_BY_HAND, .since = since};

	block.until = duration_ns ? since + (duration_ns << GUARD_TIME_SHIFT) : GUARD_FOREVER;
	block.forget = block.until;
	snprintf(block.reason, sizeof(block.reason), "%s", reason);
	return block;
}

bool block_is_active(const struct guard_block *block, uint64_t now)
{
	return block->until == GUARD_FOREVER || (int64_t)(block->until - now) > 0;
}

bool block_is_remembered(const struct guard_block *block, uint64_t now)
{
	return !block_is_active(block, now) && (int64_t)(block->forget - now) > 0;
}

static struct guard_block_key key_of(const struct prefix *prefix)
{
	return (struct guard_block_key){.address = prefix->address, .bits = prefix->bits};
}

/* Before the first block of a length is written, or packets would not look for it. */
static void note_lengths(const struct guard *guard, const struct block_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_ipv6 = !address_is_ipv4(&entries[i].prefix.address);
		unsigned bits = entries[i].prefix.bits;

		__atomic_fetch_or(&guard->memory->block_bits[is_ipv6][bits / 64], 1ull << bits % 64,
				  __ATOMIC_SEQ_CST);
	}
}

/* Sources look each time until end_change, also when it never comes. */
static void begin_change(const struct guard *guard)
{
	__atomic_fetch_or(&guard->memory->block_generation, 1, __ATOMIC_SEQ_CST);
}

/* Makes every source look once more. */
static void end_change(const struct guard *guard)
{
	__atomic_fetch_add(&guard->memory->block_generation, 1, __ATOMIC_SEQ_CST);
}

static int write_batch(const struct guard *guard, const struct guard_block_key *keys,
		       const struct guard_block *values, size_t n, size_t *done, struct why *why)
{
	__u32 count = n;
	int r = bpf_map_update_batch(guard->blocks, keys, values, &count, NULL);

	*done += r < 0 ? count : n;
	if (r < 0 && errno == E2BIG)
		return why_set(why, -E2BIG,
			       "the table of blocks is full; lift some (xdpguard unblock), or "
			       "block prefixes in the place of addresses");
	return r < 0 ? guard_explain(why, -errno, "cannot write the table of blocks") : 0;
}

int blocks_write(const struct guard *guard, const struct block_entry *entries, size_t n_entries,
		 size_t *ret_done, struct why *why)
{
	_cleanup_free_ struct guard_block_key *keys = calloc(BATCH, sizeof(*keys));
	_cleanup_free_ struct guard_block *values = calloc(BATCH, sizeof(*values));
	int r = 0;

	*ret_done = 0;
	if (!keys || !values)
		return why_set(why, -ENOMEM, "not enough memory");
	note_lengths(guard, entries, n_entries);
	begin_change(guard);
	for (size_t at = 0; r == 0 && at < n_entries; at += BATCH) {
		size_t n = n_entries - at < BATCH ? n_entries - at : BATCH;

		for (size_t i = 0; i < n; i++) {
			keys[i] = key_of(&entries[at + i].prefix);
			values[i] = entries[at + i].block;
		}
		r = write_batch(guard, keys, values, n, ret_done, why);
	}
	end_change(guard);
	return r;
}

int blocks_add(const struct guard *guard, const struct prefix *prefixes, size_t n_prefixes,
	       const struct guard_block *block, size_t *ret_done, struct why *why)
{
	_cleanup_free_ struct block_entry *entries = calloc(n_prefixes, sizeof(*entries));

	*ret_done = 0;
	if (!entries)
		return why_set(why, -ENOMEM, "not enough memory");
	for (size_t i = 0; i < n_prefixes; i++)
		entries[i] = (struct block_entry){prefixes[i], *block};
	return blocks_write(guard, entries, n_prefixes, ret_done, why);
}

int blocks_remove(const struct guard *guard, const struct prefix *prefixes, size_t n_prefixes,
		  size_t *ret_done, struct why *why)
{
	int r = 0;

	*ret_done = 0;
	begin_change(guard);
	for (size_t i = 0; r == 0 && i < n_prefixes; i++) {
		struct guard_block_key key = key_of(&prefixes[i]);

		if (bpf_map_delete_elem(guard->blocks, &key) == 0)
			++*ret_done;
		else if (errno != ENOENT)
			r = guard_explain(why, -errno, "cannot write the table of blocks");
	}
	end_change(guard);
	return r;
}

struct entries {
	struct block_entry *items;
	size_t n, room;
};

static int entries_add(struct entries *entries, const struct guard_block_key *keys,
		       const struct guard_block *values, size_t n)
{
	if (entries->n + n > entries->room) {
		size_t room = 2 * entries->room + n;
		void *items = realloc(entries->items, room * sizeof(*entries->items));

		if (!items)
			return -ENOMEM;
		entries->items = items;
		entries->room = room;
	}
	for (size_t i = 0; i < n; i++)
		entries->items[entries->n++] = (struct block_entry){
			.prefix = {keys[i].address, keys[i].bits},
			.block = values[i],
		};
	return 0;
}

static int read_all(const struct guard *guard, struct entries *entries)
{
	_cleanup_free_ struct guard_block_key *keys = calloc(BATCH, sizeof(*keys));
	_cleanup_free_ struct guard_block *values = calloc(BATCH, sizeof(*values));
	__u32 position, *at = NULL;
	bool is_last = false;
	int r;

	if (!keys || !values)
		return -ENOMEM;
	while (!is_last) {
		__u32 n = BATCH;

		r = bpf_map_lookup_batch(guard->blocks, at, &position, keys, values, &n, NULL);
		is_last = r < 0 && errno == ENOENT;
		if (r < 0 && !is_last)
			return -errno;
		r = entries_add(entries, keys, values, n);
		if (r < 0)
			return r;
		at = &position;
	}
	return 0;
}

int blocks_read(const struct guard *guard, struct block_entry **ret_entries, size_t *ret_n,
		struct why *why)
{
	struct entries entries = {};
	int r = read_all(guard, &entries);

	if (r < 0) {
		free(entries.items);
		return guard_explain(why, r, "cannot read the table of blocks");
	}
	*ret_entries = entries.items;
	*ret_n = entries.n;
	return 0;
}

static bool is_over(const struct guard_block *block, uint64_t now)
{
	return !block_is_active(block, now) && !block_is_remembered(block, now);
}

/* A packet may have set it anew since it was read: then it is put back, unless one has set it again. */
static void sweep_one(const struct guard *guard, const struct prefix *prefix, uint64_t now)
{
	struct guard_block_key key = key_of(prefix);
	struct guard_block block;

	if (bpf_map_lookup_and_delete_elem(guard->blocks, &key, &block) == 0 &&
	    !is_over(&block, now))
		bpf_map_update_elem(guard->blocks, &key, &block, BPF_NOEXIST);
}

int blocks_sweep(const struct guard *guard, struct why *why)
{
	_cleanup_free_ struct block_entry *entries = NULL;
	uint64_t now = clock_now_read().units;
	size_t n = 0;
	int r = blocks_read(guard, &entries, &n, why);

	for (size_t i = 0; r == 0 && i < n; i++)
		if (is_over(&entries[i].block, now))
			sweep_one(guard, &entries[i].prefix, now);
	return r;
}

uint64_t blocks_until(const struct guard *guard, const struct prefix *source, uint64_t now)
{
	bool is_ipv6 = !address_is_ipv4(&source->address);
	uint64_t until = 0;

	for (unsigned bits = 0; bits <= source->bits; bits++) {
		struct prefix prefix = {source->address, bits};
		struct guard_block_key key;
		struct guard_block block;

		if (!(guard->memory->block_bits[is_ipv6][bits / 64] >> bits % 64 & 1))
			continue;
		address_mask(&prefix.address, bits);
		key = key_of(&prefix);
		if (bpf_map_lookup_elem(guard->blocks, &key, &block) == 0 &&
		    !(block.flags & GUARD_BLOCK_MONITOR) && block_is_active(&block, now) &&
		    block.until > until)
			until = block.until;
	}
	return until;
}
