/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address ranges: from a sorted list of where values begin. One family at a time; a value holds up
 * to the next range's first address, the last one's to the end of the family's space.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* An address as a number: IPv4 its 32 bits, IPv6 its 128. */
typedef unsigned __int128 range_key;

enum range_family {
	RANGE_IPV4,
	RANGE_IPV6,
};
#define RANGE_FAMILIES 2

/* Packed: there may be millions. */
struct range {
	range_key first;
	uint32_t value;
} __attribute__((packed, aligned(4)));

struct range_list {
	struct range *items; /* ascending; the first begins at 0 */
	size_t n_items, capacity;
};

range_key range_last_key(enum range_family family);

/* The bits behind a prefix of `bits` in v4-mapped counting, all set: the same for both families. */
range_key range_low_bits(unsigned bits);

enum range_family range_family_of(const struct prefix *prefix);
range_key range_key_of(const struct guard_address *address, enum range_family family);

/* Nothing is added when the last range has the same value. -ENOMEM. */
int range_list_add(struct range_list *list, range_key first, uint32_t value);
void range_list_free(struct range_list *list);
