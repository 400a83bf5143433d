/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cmd/best.h"

/* Odd in size, so that a swap of words would not do. */
struct item {
	unsigned value;
	unsigned char tag[7];
};

static int largest_first(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->value < y->value) - (x->value > y->value);
}

static unsigned value_at(const struct best *best, size_t i)
{
	return ((const struct item *)best->items)[i].value;
}

static void offer(struct best *best, unsigned value)
{
	struct item item = {value, {value, value, value, value, value, value, value}};

	assert_int_equal(best_offer(best, &item), 0);
}

static void few_of_many_are_the_best_in_order(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), 3, largest_first);
	for (unsigned i = 0; i < 1000; i++)
		offer(&best, i * 7919 % 1000); /* each of 0..999 once */
	best_sort(&best);
	assert_int_equal(best.n, 3);
	assert_int_equal(best.n_offered, 1000);
	assert_int_equal(value_at(&best, 0), 999);
	assert_int_equal(value_at(&best, 1), 998);
	assert_int_equal(value_at(&best, 2), 997);
	best_release(&best);
}

static void no_more_than_max_are_kept(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), 100, largest_first);
	for (unsigned i = 0; i < 100000; i++)
		offer(&best, i);
	assert_int_equal(best.n, 100);
	assert_in_range(best.n_allocated, 100, 100);
	best_release(&best);
}

static void fewer_than_max_are_all_there(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), 10, largest_first);
	offer(&best, 1);
	offer(&best, 3);
	offer(&best, 2);
	best_sort(&best);
	assert_int_equal(best.n, 3);
	assert_int_equal(value_at(&best, 0), 3);
	assert_int_equal(value_at(&best, 2), 1);
	best_release(&best);
}

static void none_are_kept_of_max_zero(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), 0, largest_first);
	offer(&best, 1);
	best_sort(&best);
	assert_int_equal(best.n, 0);
	assert_int_equal(best.n_offered, 1);
	best_release(&best);
}

static void without_max_all_are_kept(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), SIZE_MAX, largest_first);
	for (unsigned i = 0; i < 5000; i++)
		offer(&best, i);
	best_sort(&best);
	assert_int_equal(best.n, 5000);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(value_at(&best, i), 4999 - i);
	best_release(&best);
}

/* Every order of offering, every max, against a sort of all. */
static void any_order_gives_what_a_sort_gives(void **state)
{
	for (unsigned seed = 1; seed < 200; seed++) {
		size_t max = seed % 17 + 1, n = seed % 61;
		struct item all[64];
		struct best best;

		srandom(seed);
		best_begin(&best, sizeof(struct item), max, largest_first);
		for (size_t i = 0; i < n; i++) {
			all[i] = (struct item){random() % 50, {i}};
			assert_int_equal(best_offer(&best, &all[i]), 0);
		}
		qsort(all, n, sizeof(*all), largest_first);
		best_sort(&best);
		assert_int_equal(best.n, n < max ? n : max);
		for (size_t i = 0; i < best.n; i++)
			assert_int_equal(value_at(&best, i), all[i].value);
		best_release(&best);
	}
}

static void items_stay_whole(void **state)
{
	struct best best;

	best_begin(&best, sizeof(struct item), 8, largest_first);
	for (unsigned i = 0; i < 200; i++)
		offer(&best, i);
	best_sort(&best);
	for (size_t i = 0; i < best.n; i++) {
		const struct item *item = &((const struct item *)best.items)[i];

		for (size_t k = 0; k < sizeof(item->tag); k++)
			assert_int_equal(item->tag[k], item->value);
	}
	best_release(&best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_of_many_are_the_best_in_order),
		cmocka_unit_test(no_more_than_max_are_kept),
		cmocka_unit_test(fewer_than_max_are_all_there),
		cmocka_unit_test(none_are_kept_of_max_zero),
		cmocka_unit_test(without_max_all_are_kept),
		cmocka_unit_test(any_order_gives_what_a_sort_gives),
		cmocka_unit_test(items_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
