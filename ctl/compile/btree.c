/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Built from the leaves up, every level full but for its last cell, children side by side. The
 * first range's key is kept nowhere: it covers all that lies before the second, so a slice of a
 * longer list makes a tree as well.
 */
#include "btree.h"

#include <string.h>

#include "base/cleanup.h"

#define LEAF_VALUES (GUARD_LEAF_KEYS + 1)
#define NODE_CHILDREN (GUARD_NODE_KEYS + 1)

/* Ranges as one tree sees them. */
struct slice {
	const struct range *ranges;
	size_t n_ranges;
	unsigned shift; /* where in range.first the tree's 64-bit key begins */
};

static __u64 key_at(const struct slice *slice, size_t range)
{
	return slice->ranges[range].first >> slice->shift;
}

/* Zeroed cells; *ret_first is the number of the first. */
static int add_cells(struct cell_list *cells, size_t n, size_t *ret_first)
{
	if (cells->capacity - cells->n_items < n) {
		size_t capacity = 2 * cells->n_items + n;
		struct guard_cell *items = reallocarray(cells->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		cells->items = items;
		cells->capacity = capacity;
	}
	memset(&cells->items[cells->n_items], 0, n * sizeof(*cells->items));
	*ret_first = cells->n_items;
	cells->n_items += n;
	return 0;
}

static size_t minimum(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t divide_up(size_t n, size_t by)
{
	return (n + by - 1) / by;
}

static void fill_leaf(struct guard_cell *leaf, const struct slice *slice, size_t first)
{
	size_t n_values = minimum(LEAF_VALUES, slice->n_ranges - first);

	leaf->keys = (n_values - 1) | GUARD_CELL_LEAF;
	for (size_t i = 0; i < n_values; i++) {
		leaf->leaf.value[i] = slice->ranges[first + i].value;
		if (i > 0)
			leaf->leaf.key[i - 1] = key_at(slice, first + i);
	}
}

/* `first` is the first range under the node, and each child has `span` of them. */
static void fill_node(struct guard_cell *node, const struct slice *slice, size_t first, size_t span,
		      size_t child)
{
	size_t n_children = minimum(NODE_CHILDREN, divide_up(slice->n_ranges - first, span));

	node->child = child;
	node->keys = n_children - 1;
	for (size_t i = 1; i < n_children; i++)
		node->key[i - 1] = key_at(slice, first + i * span);
}

static int add_tree(struct cell_list *cells, struct slice slice, __u32 *ret_root)
{
	size_t span = LEAF_VALUES; /* ranges under one cell of the level */
	size_t n_cells = divide_up(slice.n_ranges, span);
	size_t level, children;
	int r;

	r = add_cells(cells, n_cells, &level);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n_cells; i++)
		fill_leaf(&cells->items[level + i], &slice, i * span);

	while (n_cells > 1) {
		children = level;
		n_cells = divide_up(n_cells, NODE_CHILDREN);
		r = add_cells(cells, n_cells, &level);
		if (r < 0)
			return r;
		for (size_t i = 0; i < n_cells; i++)
			fill_node(&cells->items[level + i], &slice, i * span * NODE_CHILDREN, span,
				  children + i * NODE_CHILDREN);
		span *= NODE_CHILDREN;
	}
	*ret_root = level;
	return 0;
}

static __u64 upper_of(const struct range *range)
{
	return range->first >> 64;
}

static __u64 lower_of(const struct range *range)
{
	return range->first;
}

/*
 * The ranges that begin under one upper half, items [at, next), as seen by the tree over upper
 * halves: a value, or where some begin inside, a tree over the lower half and behind it the value
 * that goes on.
 */
static int add_upper(struct cell_list *cells, const struct range_list *ranges, size_t at,
		     size_t next, struct range_list *upper)
{
	const struct range *range = &ranges->items[at];
	const range_key first = (range_key)upper_of(range) << 64;
	bool starts_inside = lower_of(range) != 0;
	struct slice lower = {.ranges = range - starts_inside,
			      .n_ranges = next - at + starts_inside};
	__u32 root;
	int r;

	if (lower.n_ranges == 1)
		return range_list_add(upper, first, range->value);
	r = add_tree(cells, lower, &root);
	if (r < 0)
		return r;
	r = range_list_add(upper, first, root | GUARD_RANGE_DESCEND);
	if (r < 0 || upper_of(range) == UINT64_MAX)
		return r;
	if (next < ranges->n_items && upper_of(&ranges->items[next]) == upper_of(range) + 1)
		return 0;
	return range_list_add(upper, first + ((range_key)1 << 64), ranges->items[next - 1].value);
}

static int add_tree_of_halves(struct cell_list *cells, const struct range_list *ranges,
			      __u32 *ret_root)
{
	_cleanup_(range_list_free) struct range_list upper = {};

	for (size_t at = 0, next; at < ranges->n_items; at = next) {
		int r;

		for (next = at + 1; next < ranges->n_items; next++) {
			if (upper_of(&ranges->items[next]) != upper_of(&ranges->items[at]))
				break;
		}
		r = add_upper(cells, ranges, at, next, &upper);
		if (r < 0)
			return r;
	}
	return add_tree(cells, (struct slice){upper.items, upper.n_items, 64}, ret_root);
}

int btree_build(struct cell_list *cells, const struct range_list *ranges, enum range_family family,
		__u32 *ret_root)
{
	if (family == RANGE_IPV6)
		return add_tree_of_halves(cells, ranges, ret_root);
	return add_tree(cells, (struct slice){ranges->items, ranges->n_items, 0}, ret_root);
}

void cell_list_free(struct cell_list *cells)
{
	free(cells->items);
	*cells = (struct cell_list){};
}
