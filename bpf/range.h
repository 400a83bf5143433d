/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which range an address lies in: a walk down the compiled B-trees (abi.h, struct guard_cell). */
#pragma once

#include "maps.h"
#include "parse.h"

/* How many of a cell's keys are <= key. Counts on past the match: cheaper than to branch out. */
static __always_inline __u32 keys_below(const __u64 *keys, __u32 used, __u64 key)
{
	__u32 below = 0;

	for (__u32 i = 0; i < GUARD_NODE_KEYS; i++)
		below += i < used && keys[i] <= key;
	return below;
}

/* Picks instead of indexing: the verifier need not follow every outcome of the count. */
static __always_inline __u32 leaf_value(const struct guard_cell *leaf, __u32 used, __u64 key)
{
	__u32 value = leaf->leaf.value[0];

	for (__u32 i = 0; i < GUARD_LEAF_KEYS; i++)
		if (i < used && leaf->leaf.key[i] <= key)
			value = leaf->leaf.value[i + 1];
	return value;
}

static __always_inline __u32 tree_find(void *cells, __u32 root, __u64 key)
{
	__u32 at = root;

	for (int depth = 0; depth < GUARD_TREE_DEPTH_MAX; depth++) {
		const struct guard_cell *cell = bpf_map_lookup_elem(cells, &at);

		if (!cell)
			break;
		if (cell->keys & GUARD_CELL_LEAF)
			return leaf_value(cell, cell->keys & ~GUARD_CELL_LEAF, key);
		at = cell->child + keys_below(cell->key, cell->keys, key);
	}
	return 0; /* a tree that the compiler did not make: the vector of the empty class */
}

/* The value of the range that an address lies in, in the policy's slot of map ranges. */
__slow_path_global __u32 range_find(__u32 slot, __u32 root, const struct guard_address *address,
				    __u32 family)
{
	void *cells = bpf_map_lookup_elem(&ranges, &slot);
	__u64 upper, lower;
	__u32 value;

	if (!cells || !address)
		return 0;
	upper = be64_to_cpu(address->words[0]);
	lower = be64_to_cpu(address->words[1]);
	if (family == IPV4)
		return tree_find(cells, root, lower & 0xffffffff);
	value = tree_find(cells, root, upper);
	if (value & GUARD_RANGE_DESCEND)
		value = tree_find(cells, value & GUARD_RANGE_NUMBER, lower);
	return value;
}
