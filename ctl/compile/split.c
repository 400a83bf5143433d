/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "split.h"

#include "base/cleanup.h"
#include "bpf/abi.h"

/*
 * Up to three pieces: what lies in an aggregate that the range before began, whole aggregates, and
 * what lies in one that goes on into the next range. `low` is an aggregate's last address less its
 * first.
 */
static int add_pieces(struct range_list *list, range_key first, range_key last, range_key low,
		      uint32_t value)
{
	range_key tail;
	int r;

	if (first & low) {
		r = range_list_add(list, first, value | GUARD_RANGE_SPLIT);
		if (r < 0 || last <= (first | low))
			return r;
		first = (first | low) + 1;
	}
	if ((last & low) == low)
		return range_list_add(list, first, value);

	tail = last & ~low;
	if (first < tail) {
		r = range_list_add(list, first, value);
		if (r < 0)
			return r;
	}
	return range_list_add(list, tail, value | GUARD_RANGE_SPLIT);
}

int split_ranges(const struct range_list *ranges, enum range_family family, unsigned aggregate,
		 struct range_list *ret_split)
{
	_cleanup_(range_list_free) struct range_list split = {};
	const range_key low = range_low_bits(aggregate);

	for (size_t i = 0; i < ranges->n_items; i++) {
		const struct range *range = &ranges->items[i];
		range_key last = i + 1 < ranges->n_items ? range[1].first - 1
							 : range_last_key(family);
		int r = add_pieces(&split, range->first, last, low, range->value);

		if (r < 0)
			return r;
	}
	*ret_split = split;
	split = (struct range_list){};
	return 0;
}
