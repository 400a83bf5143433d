/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "addresses.h"

#include "base/cleanup.h"
#include "split.h"
#include "sweep.h"

struct class_count {
	bool is_seen[GUARD_VECTORS_MAX];
	size_t n_classes;
};

static void count_classes(struct class_count *count, const struct range_list *ranges)
{
	for (size_t i = 0; i < ranges->n_items; i++) {
		bool *is_seen = &count->is_seen[ranges->items[i].value];

		count->n_classes += !*is_seen;
		*is_seen = true;
	}
}

static bool vector_meets(const __u64 left[GUARD_WORDS_MAX], const struct vector *right)
{
	for (size_t i = 0; i < GUARD_WORDS_MAX; i++) {
		if (left[i] & right->words[i])
			return true;
	}
	return false;
}

static void flag_may_pass(const struct policy *policy, const struct vectors *vectors,
			  struct range_list *ranges)
{
	struct vector passing = {};

	for (size_t i = 0; i < policy->n_rules; i++) {
		if (policy->rules[i].action == RULE_PASS)
			vector_add(&passing, i);
	}
	for (size_t i = 0; i < ranges->n_items; i++) {
		if (vector_meets(vectors->table[ranges->items[i].value], &passing))
			ranges->items[i].value |= GUARD_RANGE_MAY_PASS;
	}
}

static int flag_sources(const struct policy *policy, enum range_family family,
			const struct vectors *vectors, struct range_list *ranges)
{
	unsigned aggregate = family == RANGE_IPV4 ? ADDRESS_IPV4_BITS + policy->aggregate_ipv4
						  : policy->aggregate_ipv6;
	struct range_list split;
	int r;

	flag_may_pass(policy, vectors, ranges);
	r = split_ranges(ranges, family, aggregate, &split);
	if (r < 0)
		return r;
	range_list_free(ranges);
	*ranges = split;
	return 0;
}

int addresses_compile(const struct policy *policy, enum address_side side, struct vectors *vectors,
		      struct cell_list *cells, struct address_trees *ret_trees)
{
	_cleanup_(membership_free) struct membership membership = {};
	struct class_count count = {};
	struct address_trees trees = {};
	int r;

	r = membership_collect(policy, side, &membership);
	if (r < 0)
		return r;
	for (enum range_family family = 0; family < RANGE_FAMILIES; family++) {
		_cleanup_(range_list_free) struct range_list ranges = {};

		r = sweep_prefixes(policy, &membership, family, vectors, &ranges);
		if (r < 0)
			return r;
		count_classes(&count, &ranges);
		if (side == ADDRESS_FROM)
			r = flag_sources(policy, family, vectors, &ranges);
		if (r < 0)
			return r;
		trees.n_ranges += ranges.n_items;
		r = btree_build(cells, &ranges, family, &trees.roots[family]);
		if (r < 0)
			return r;
	}
	trees.n_classes = count.n_classes;
	*ret_trees = trees;
	return 0;
}
