/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/baseline.h"

static struct guard_address address(uint32_t number)
{
	return (struct guard_address){
		.bytes = {[10] = 0xff, 0xff, number >> 24, number >> 16, number >> 8, number}};
}

static void add(struct baseline *baseline, uint32_t number, uint64_t packets)
{
	struct guard_address a = address(number);

	assert_int_equal(baseline_add(baseline, &a, packets), 0);
}

static uint64_t since(const struct baseline *baseline, uint32_t number, uint64_t packets)
{
	struct guard_address a = address(number);

	return baseline_since(baseline, &a, packets);
}

static void counts_what_came_since(void **state)
{
	struct baseline baseline = {};

	add(&baseline, 0xc0000201, 100);
	add(&baseline, 0xc0000202, 0);
	assert_int_equal(since(&baseline, 0xc0000201, 130), 30);
	assert_int_equal(since(&baseline, 0xc0000201, 100), 0);
	assert_int_equal(since(&baseline, 0xc0000202, 7), 7);
	baseline_release(&baseline);
}

static void all_packets_of_a_new_source_are_since(void **state)
{
	struct baseline baseline = {};

	assert_int_equal(since(&baseline, 0xc0000201, 5), 5);
	add(&baseline, 0xc0000202, 1);
	assert_int_equal(since(&baseline, 0xc0000201, 5), 5);
	baseline_release(&baseline);
}

static void a_source_that_began_again_counts_from_zero(void **state)
{
	struct baseline baseline = {};

	add(&baseline, 0xc0000201, 1000);
	assert_int_equal(since(&baseline, 0xc0000201, 3), 3);
	baseline_release(&baseline);
}

static void many_sources_stay_apart(void **state)
{
	struct baseline baseline = {};

	for (uint32_t i = 0; i < 100000; i++)
		add(&baseline, i, i);
	assert_int_equal(baseline.n, 100000);
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(since(&baseline, i, i + 1), 1);
	assert_int_equal(since(&baseline, 100000, 42), 42);
	baseline_release(&baseline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_came_since),
		cmocka_unit_test(all_packets_of_a_new_source_are_since),
		cmocka_unit_test(a_source_that_began_again_counts_from_zero),
		cmocka_unit_test(many_sources_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
