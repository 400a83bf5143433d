/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixes of sets into ranges of addresses that the same rules allow. */
#pragma once

#include "membership.h"
#include "ranges.h"

/*
 * Every range's value is the number of a vector; neighbours differ. Caller frees the list.
 * -E2BIG as vectors_intern; -ENOMEM.
 */
int sweep_prefixes(const struct policy *policy, const struct membership *membership,
		   enum range_family family, struct vectors *vectors,
		   struct range_list *ret_ranges);
