/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted ranges into the static B-trees of struct guard_cell. */
#pragma once

#include "bpf/abi.h"
#include "ranges.h"

struct cell_list {
	struct guard_cell *items;
	size_t n_items, capacity;
};

/* Adds the family's tree, and those that it leads on to. *ret_root: its root's number. -ENOMEM. */
int btree_build(struct cell_list *cells, const struct range_list *ranges, enum range_family family,
		__u32 *ret_root);
void cell_list_free(struct cell_list *cells);
