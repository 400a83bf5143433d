/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prefixes.h"

#include <string.h>

#include "base/cleanup.h"

static int reserve(struct prefixes *prefixes, size_t n_more)
{
	size_t n = prefixes->n_allocated ? prefixes->n_allocated : 16;
	struct prefix *grown;

	while (n - prefixes->n_items < n_more)
		n *= 2;
	if (n == prefixes->n_allocated)
		return 0;
	grown = reallocarray(prefixes->items, n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;

	prefixes->items = grown;
	prefixes->n_allocated = n;
	return 0;
}

int prefixes_add(struct prefixes *prefixes, const struct prefix *prefix)
{
	return prefixes_append(prefixes, prefix, 1);
}

int prefixes_append(struct prefixes *prefixes, const struct prefix *items, size_t n_items)
{
	int r;

	r = reserve(prefixes, n_items);
	if (r < 0)
		return r;
	if (n_items)
		memcpy(prefixes->items + prefixes->n_items, items, n_items * sizeof(*items));
	prefixes->n_items += n_items;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

static bool is_sorted(const struct prefixes *prefixes)
{
	for (size_t i = 1; i < prefixes->n_items; i++)
		if (prefix_compare(&prefixes->items[i - 1], &prefixes->items[i]) > 0)
			return false;
	return true;
}

void prefixes_normalize(struct prefixes *prefixes)
{
	size_t n_kept = 0;

	if (!is_sorted(prefixes))
		qsort(prefixes->items, prefixes->n_items, sizeof(*prefixes->items), compare);
	/* Sorted, a prefix comes right after the last kept one that could cover it. */
	for (size_t i = 0; i < prefixes->n_items; i++) {
		const struct prefix *last = n_kept ? &prefixes->items[n_kept - 1] : NULL;

		if (!last || !prefix_covers(last, &prefixes->items[i]))
			prefixes->items[n_kept++] = prefixes->items[i];
	}
	prefixes->n_items = n_kept;
}

/* How many items are not behind `prefix`. The last of them is the only one that can cover it. */
static size_t count_up_to(const struct prefix *items, size_t n_items, const struct prefix *prefix)
{
	size_t low = 0, high = n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&items[middle], prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool prefixes_cover(const struct prefix *items, size_t n_items, const struct prefix *prefix)
{
	size_t n = count_up_to(items, n_items, prefix);

	return n > 0 && prefix_covers(&items[n - 1], prefix);
}

bool prefixes_touch(const struct prefix *items, size_t n_items, const struct prefix *prefix)
{
	size_t n = count_up_to(items, n_items, prefix);

	return (n > 0 && prefix_covers(&items[n - 1], prefix)) ||
	       (n < n_items && prefix_covers(prefix, &items[n]));
}

void prefixes_release(struct prefixes *prefixes)
{
	free(prefixes->items);
	*prefixes = (struct prefixes){};
}
