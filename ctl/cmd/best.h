/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The best few of many: however many are offered, no more than `max` are kept in memory. */
#pragma once

#include <stddef.h>

struct best {
	char *items; /* sorted, best first, after best_sort */
	size_t item_size;
	size_t n, n_allocated, max;
	size_t n_offered;
	int (*compare)(const void *a, const void *b); /* below 0: a is better */
};

/* `max` SIZE_MAX: all of them. */
void best_begin(struct best *best, size_t item_size, size_t max,
		int (*compare)(const void *a, const void *b));
/* Copies the item, if it is among the best so far. -ENOMEM. */
int best_offer(struct best *best, const void *item);
/* Once, after the last one was offered. */
void best_sort(struct best *best);
void best_release(struct best *best);
