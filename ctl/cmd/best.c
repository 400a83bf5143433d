/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When `max` items are there they become a heap whose root is the worst: what is better replaces it. */
#include "best.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void best_begin(struct best *best, size_t item_size, size_t max,
		int (*compare)(const void *a, const void *b))
{
	*best = (struct best){.item_size = item_size, .max = max, .compare = compare};
}

static char *item(const struct best *best, size_t i)
{
	return best->items + i * best->item_size;
}

static void swap(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char kept = a[i];

		a[i] = b[i];
		b[i] = kept;
	}
}

static size_t worse(const struct best *best, size_t a, size_t b)
{
	return b < best->n && best->compare(item(best, b), item(best, a)) > 0 ? b : a;
}

static void sift_down(struct best *best, size_t at)
{
	for (;;) {
		size_t worst = worse(best, worse(best, at, 2 * at + 1), 2 * at + 2);

		if (worst == at)
			return;
		swap(item(best, at), item(best, worst), best->item_size);
		at = worst;
	}
}

static int make_room(struct best *best)
{
	size_t wanted = best->n_allocated ? 2 * best->n_allocated : 64;
	char *grown;

	if (best->n < best->n_allocated)
		return 0;
	if (wanted > best->max)
		wanted = best->max;
	grown = reallocarray(best->items, wanted, best->item_size);
	if (!grown)
		return -ENOMEM;
	best->items = grown;
	best->n_allocated = wanted;
	return 0;
}

static int append(struct best *best, const void *offered)
{
	int r = make_room(best);

	if (r < 0)
		return r;
	memcpy(item(best, best->n++), offered, best->item_size);
	if (best->n == best->max)
		for (size_t i = best->n / 2; i-- > 0;)
			sift_down(best, i);
	return 0;
}

int best_offer(struct best *best, const void *offered)
{
	best->n_offered++;
	if (best->n < best->max)
		return append(best, offered);
	if (best->max == 0 || best->compare(offered, item(best, 0)) >= 0)
		return 0;
	memcpy(item(best, 0), offered, best->item_size);
	sift_down(best, 0);
	return 0;
}

void best_sort(struct best *best)
{
	if (best->n)
		qsort(best->items, best->n, best->item_size, best->compare);
}

void best_release(struct best *best)
{
	free(best->items);
	*best = (struct best){};
}
