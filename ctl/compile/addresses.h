/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources and destinations: the trees that turn an address into the number of a vector. */
#pragma once

#include "btree.h"
#include "membership.h"

struct address_trees {
	__u32 roots[RANGE_FAMILIES];
	size_t n_ranges;  /* of both families */
	size_t n_classes; /* distinct vectors among them */
};

/* Source ranges carry GUARD_RANGE_SPLIT and _MAY_PASS. -E2BIG as vectors_intern; -ENOMEM. */
int addresses_compile(const struct policy *policy, enum address_side side, struct vectors *vectors,
		      struct cell_list *cells, struct address_trees *ret_trees);
