/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of blocks: by rules and by hand, one kind of entry. */
#pragma once

#include <stddef.h>

#include "base/address.h"
#include "guard.h"

struct block_entry {
	struct prefix prefix;
	struct guard_block block;
};

/*
 * Blocks all of them, by batches; an older block of the same prefix is replaced. `block` is the same for
 * all. -E2BIG: the table is full; those before it stay blocked, *ret_done says how many.
 */
int blocks_add(const struct guard *guard, const struct prefix *prefixes, size_t n_prefixes,
	       const struct guard_block *block, size_t *ret_done, struct why *why);

/* Likewise, each with a block of its own. */
int blocks_write(const struct guard *guard, const struct block_entry *entries, size_t n_entries,
		 size_t *ret_done, struct why *why);

/* *ret_done counts those that were blocked. */
int blocks_remove(const struct guard *guard, const struct prefix *prefixes, size_t n_prefixes,
		  size_t *ret_done, struct why *why);

/* All entries, also ended ones that a relapse would count. Caller frees. */
int blocks_read(const struct guard *guard, struct block_entry **ret_entries, size_t *ret_n,
		struct why *why);

/* It has ended, but a relapse would count. */
bool block_is_remembered(const struct guard_block *block, uint64_t now);

/* Drops entries that are neither active nor remembered: the packet program drops none. */
int blocks_sweep(const struct guard *guard, struct why *why);

/* From `since` on (time units), for so long; 0: until it is lifted. */
struct guard_block block_by_hand(uint64_t since, uint64_t duration_ns, const char *reason);

/* False: it has ended. */
bool block_is_active(const struct guard_block *block, uint64_t now);

/*
 * When the longest block that covers this source ends: time units, GUARD_FOREVER, or 0 when there is none.
 * One of monitor mode, which drops nothing, is none.
 */
uint64_t blocks_until(const struct guard *guard, const struct prefix *source, uint64_t now);
