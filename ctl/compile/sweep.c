/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sweep over the address space from 0 up. Prefixes nest or are apart, never overlap by halves, so
 * those open at a point form a stack, and closing one is going back to what the one below had
 * gathered.
 */
#include "sweep.h"

#include "base/cleanup.h"

/* Packed: there may be millions. */
struct member_prefix {
	range_key first;
	uint32_t set;
	uint8_t bits;
} __attribute__((packed, aligned(4)));

struct prefix_list {
	struct member_prefix *items;
	size_t n_items;
};

struct open_prefix {
	range_key last;
	size_t set;
	struct vector let_in, kept_out; /* by this prefix and those around it */
};

struct sweep {
	struct open_prefix *stack; /* the bottom is the whole space, in no set */
	size_t depth;
	bool *is_open; /* by set */
	range_key at;  /* everything before is covered by ranges */
	struct range_list ranges;
	struct vectors *vectors;
};

static int outer_first(const void *left, const void *right)
{
	const struct member_prefix *l = left, *r = right;

	if (l->first != r->first)
		return l->first < r->first ? -1 : 1;
	return l->bits - r->bits; /* the outer one first */
}

static void add_set(struct prefix_list *list, const struct set *set, size_t index,
		    enum range_family family)
{
	for (size_t i = 0; i < set->n_prefixes; i++) {
		const struct prefix *prefix = &set->prefixes[i];

		if (range_family_of(prefix) != family)
			continue;
		list->items[list->n_items++] = (struct member_prefix){
			.first = range_key_of(&prefix->address, family),
			.set = index,
			.bits = prefix->bits,
		};
	}
}

static int collect_prefixes(const struct policy *policy, const struct membership *membership,
			    enum range_family family, struct prefix_list *ret_list)
{
	size_t n_prefixes = 0;

	for (size_t i = 0; i < policy->n_sets; i++) {
		if (membership->of_set[i].is_named)
			n_prefixes += policy->sets[i].n_prefixes;
	}
	ret_list->items = calloc(n_prefixes + 1, sizeof(*ret_list->items));
	if (!ret_list->items)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_sets; i++) {
		if (membership->of_set[i].is_named)
			add_set(ret_list, &policy->sets[i], i, family);
	}
	qsort(ret_list->items, ret_list->n_items, sizeof(*ret_list->items), outer_first);
	return 0;
}

static void prefix_list_free(struct prefix_list *list)
{
	free(list->items);
}

/* The innermost open prefix decides from where the ranges end up to `last`. */
static int cover(struct sweep *sweep, range_key last)
{
	const struct open_prefix *top = &sweep->stack[sweep->depth - 1];
	struct vector allowed = top->let_in;
	uint16_t number;
	int r;

	vector_subtract(&allowed, &top->kept_out);
	r = vectors_intern(sweep->vectors, &allowed, &number);
	if (r < 0)
		return r;
	r = range_list_add(&sweep->ranges, sweep->at, number);
	if (r < 0)
		return r;
	sweep->at = last + 1;
	return 0;
}

static int close_until(struct sweep *sweep, range_key first)
{
	while (sweep->stack[sweep->depth - 1].last < first) {
		const struct open_prefix *top = &sweep->stack[sweep->depth - 1];
		int r = 0;

		if (sweep->at <= top->last)
			r = cover(sweep, top->last);
		if (r < 0)
			return r;
		sweep->is_open[top->set] = false;
		sweep->depth--;
	}
	return 0;
}

static int open_prefix(struct sweep *sweep, const struct member_prefix *prefix,
		       const struct set_member *member)
{
	struct open_prefix *top;
	int r;

	r = close_until(sweep, prefix->first);
	if (r < 0)
		return r;
	if (sweep->is_open[prefix->set]) /* says nothing new, and each set is on the stack once */
		return 0;
	if (sweep->at < prefix->first) {
		r = cover(sweep, prefix->first - 1);
		if (r < 0)
			return r;
	}

	top = &sweep->stack[sweep->depth++];
	*top = top[-1];
	top->last = prefix->first | range_low_bits(prefix->bits);
	top->set = prefix->set;
	vector_join(&top->let_in, &member->let_in);
	vector_join(&top->kept_out, &member->kept_out);
	sweep->is_open[prefix->set] = true;
	return 0;
}

/* All that is still open reaches the end of the space, so only the innermost counts. */
static int close_all(struct sweep *sweep, range_key space_last)
{
	int r = close_until(sweep, space_last);

	return r < 0 ? r : cover(sweep, space_last);
}

static int sweep_prepare(struct sweep *sweep, const struct policy *policy,
			 const struct membership *membership, range_key space_last)
{
	sweep->stack = calloc(membership->n_named + 1, sizeof(*sweep->stack));
	sweep->is_open = calloc(policy->n_sets + 1, sizeof(*sweep->is_open));
	if (!sweep->stack || !sweep->is_open)
		return -ENOMEM;
	sweep->stack[sweep->depth++] = (struct open_prefix){
		.last = space_last,
		.let_in = membership->anyone,
	};
	return 0;
}

static void sweep_free(struct sweep *sweep)
{
	free(sweep->stack);
	free(sweep->is_open);
	range_list_free(&sweep->ranges);
}

int sweep_prefixes(const struct policy *policy, const struct membership *membership,
		   enum range_family family, struct vectors *vectors, struct range_list *ret_ranges)
{
	_cleanup_(prefix_list_free) struct prefix_list prefixes = {};
	_cleanup_(sweep_free) struct sweep sweep = {.vectors = vectors};
	const range_key space_last = range_last_key(family);
	int r;

	r = collect_prefixes(policy, membership, family, &prefixes);
	if (r < 0)
		return r;
	r = sweep_prepare(&sweep, policy, membership, space_last);
	if (r < 0)
		return r;
	for (size_t i = 0; i < prefixes.n_items; i++) {
		const struct member_prefix *prefix = &prefixes.items[i];

		r = open_prefix(&sweep, prefix, &membership->of_set[prefix->set]);
		if (r < 0)
			return r;
	}
	r = close_all(&sweep, space_last);
	if (r < 0)
		return r;

	*ret_ranges = sweep.ranges;
	sweep.ranges = (struct range_list){};
	return 0;
}
