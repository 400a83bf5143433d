/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ranges.h"

#include <endian.h>

#include "base/cleanup.h"

range_key range_last_key(enum range_family family)
{
	return range_low_bits(family == RANGE_IPV4 ? ADDRESS_IPV4_BITS : 0);
}

range_key range_low_bits(unsigned bits)
{
	return bits < 128 ? ~(range_key)0 >> bits : 0;
}

enum range_family range_family_of(const struct prefix *prefix)
{
	return prefix_is_ipv4(prefix) ? RANGE_IPV4 : RANGE_IPV6;
}

range_key range_key_of(const struct guard_address *address, enum range_family family)
{
	range_key key = (range_key)be64toh(address->words[0]) << 64 | be64toh(address->words[1]);

	return key & range_last_key(family);
}

int range_list_add(struct range_list *list, range_key first, uint32_t value)
{
	if (list->n_items && list->items[list->n_items - 1].value == value)
		return 0;
	if (list->n_items == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 64;
		struct range *items = reallocarray(list->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->n_items++] = (struct range){first, value};
	return 0;
}

void range_list_free(struct range_list *list)
{
	free(list->items);
	*list = (struct range_list){};
}
