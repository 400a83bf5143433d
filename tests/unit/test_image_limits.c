/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits in the packet program's units, and the order in which they are judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "compile/limits.h"
#include "image_support.h"

#define SECOND 1000000000ull
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define LONGEST 0x7fffffffffffffffull /* times are compared by signed difference */

struct unit_case {
	const char *name;
	struct limit limit;
	struct guard_limit expect;
};

static const struct unit_case unit_cases[] = {
	{"one packet a second, and no second one at once",
	 {.packets = 1, .period_ns = SECOND, .burst = 1},
	 {.interval = 128000000000, .tolerance = 0}},
	{"a burst of ten is the first packet and nine intervals",
	 {.packets = 1000, .period_ns = SECOND, .burst = 10},
	 {.interval = 128000000, .tolerance = 9 * 128000000}},
	{"a third of a second rounds up",
	 {.packets = 3, .period_ns = SECOND, .burst = 1},
	 {.interval = 42666666667}},
	{"a sixth rounds down",
	 {.packets = 6, .period_ns = SECOND, .burst = 1},
	 {.interval = 21333333333}},
	{"the lowest rate",
	 {.packets = 1, .period_ns = HOUR, .burst = 1},
	 {.interval = 460800000000000}},
	{"the lowest rate with 400 days of burst",
	 {.packets = 1, .period_ns = HOUR, .burst = 9600},
	 {.interval = 460800000000000, .tolerance = 9599 * 460800000000000}},
	{"a burst that no clock reaches is as long as one reaches",
	 {.packets = 1, .period_ns = HOUR, .burst = 1000000},
	 {.interval = 460800000000000, .tolerance = LONGEST}},
	{"the largest burst there can be",
	 {.packets = 1, .period_ns = HOUR, .burst = UINT64_MAX},
	 {.interval = 460800000000000, .tolerance = LONGEST}},
	{"the highest rate",
	 {.packets = 100000000, .period_ns = SECOND, .burst = 10000000},
	 {.interval = 1280, .tolerance = 9999999ull * 1280}},
	{"the lowest bandwidth, with 100 ms of burst",
	 {.bits_per_second = 1000},
	 {.byte_cost = 67108864000000, .byte_burst = 12800000000}},
	{"the highest bandwidth, to a part in a million",
	 {.bits_per_second = 400000000000},
	 {.byte_cost = 167772, .byte_burst = 12800000000}},
	{"1 Gbit/s is 8 ns a byte",
	 {.bits_per_second = 1000000000},
	 {.byte_cost = 8 * 128 * 65536, .byte_burst = 12800000000}},
	{"a rate and a bandwidth together",
	 {.packets = 500, .period_ns = SECOND, .burst = 1000, .bits_per_second = 10000000},
	 {.interval = 256000000,
	  .tolerance = 999 * 256000000ull,
	  .byte_cost = 6710886400,
	  .byte_burst = 12800000000}},
	{"a block that doubles up to a day",
	 {.packets = 1,
	  .period_ns = SECOND,
	  .burst = 1,
	  .block_first_ns = MINUTE,
	  .block_factor = 2,
	  .block_max_ns = DAY},
	 {.interval = 128000000000,
	  .block_first = 128 * MINUTE,
	  .block_factor = 2,
	  .block_max = 128 * DAY}},
	{"the longest block",
	 {.packets = 1,
	  .period_ns = SECOND,
	  .burst = 1,
	  .block_first_ns = 365 * DAY,
	  .block_factor = 1,
	  .block_max_ns = 365 * DAY},
	 {.interval = 128000000000,
	  .block_first = 4036608000000000000,
	  .block_factor = 1,
	  .block_max = 4036608000000000000}},
	{"a budget for all has no bits",
	 {.packets = 1, .period_ns = SECOND, .burst = 1, .per = PER_ALL},
	 {.interval = 128000000000, .per = GUARD_PER_ALL}},
	{"a prefix's IPv4 bits count behind those of v4-mapping",
	 {.packets = 1,
	  .period_ns = SECOND,
	  .burst = 1,
	  .per = PER_PREFIX,
	  .bits_ipv4 = 24,
	  .bits_ipv6 = 48},
	 {.interval = 128000000000, .per = GUARD_PER_PREFIX, .bits_ipv4 = 120, .bits_ipv6 = 48}},
	{"a prefix may be everybody, or one address",
	 {.packets = 1,
	  .period_ns = SECOND,
	  .burst = 1,
	  .per = PER_PREFIX,
	  .bits_ipv4 = 0,
	  .bits_ipv6 = 128},
	 {.interval = 128000000000, .per = GUARD_PER_PREFIX, .bits_ipv4 = 96, .bits_ipv6 = 128}},
};

static void limits_are_in_the_units_of_the_packet_program(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(unit_cases); i++) {
		const struct unit_case *c = &unit_cases[i];
		struct rule rule = {.limits = {c->limit}, .n_limits = 1};
		struct guard_limit limit;

		print_message("# %s\n", c->name);
		limits_compile(&rule, &limit);
		assert_memory_equal(&limit, &c->expect, sizeof(limit));
	}
}

/* 1 % over a second, at every packet size: what docs promise. */
static void bandwidths_are_held_at_every_frame_size(void **state)
{
	static const uint64_t bandwidths[] = {1000, 64000, 999999999, 10000000000, 400000000000};

	for (size_t i = 0; i < ARRAY_SIZE(bandwidths); i++) {
		struct rule rule = {.limits = {{.bits_per_second = bandwidths[i]}}, .n_limits = 1};
		struct guard_limit limit;

		limits_compile(&rule, &limit);
		for (uint64_t length = 60; length <= 9216; length += 12) {
			double exact = length * 8 * 128e9 / bandwidths[i];
			double held = (double)(length * limit.byte_cost >> GUARD_BYTE_COST_SHIFT);

			assert_true(held > exact * 0.99 && held < exact * 1.01);
		}
	}
}

/* `burst` numbers the limits in the file's order. */
#define LIMIT(number, ...) \
	{ \
		.packets = 1, .period_ns = SECOND, .burst = (number) + 1, __VA_ARGS__ \
	}
#define PREFIX(ipv4, ipv6) .per = PER_PREFIX, .bits_ipv4 = (ipv4), .bits_ipv6 = (ipv6)

struct order_case {
	const char *name;
	struct limit limits[POLICY_LIMITS_PER_RULE];
	size_t n_limits;
	unsigned order[POLICY_LIMITS_PER_RULE];
};

static const struct order_case order_cases[] = {
	{"narrowest first, whatever the file's order",
	 {LIMIT(0, .per = PER_ALL), LIMIT(1, PREFIX(16, 32)), LIMIT(2, PREFIX(24, 48)),
	  LIMIT(3, .per = PER_SOURCE)},
	 4,
	 {3, 2, 1, 0}},
	{"equals keep the file's order",
	 {LIMIT(0, .per = PER_ALL), LIMIT(1, .per = PER_SOURCE), LIMIT(2, .per = PER_ALL),
	  LIMIT(3, .per = PER_SOURCE)},
	 4,
	 {1, 3, 0, 2}},
	{"equal prefixes keep the file's order",
	 {LIMIT(0, PREFIX(24, 48)), LIMIT(1, PREFIX(24, 48))},
	 2,
	 {0, 1}},
	{"of equal IPv4 prefixes the longer IPv6 one goes first",
	 {LIMIT(0, PREFIX(24, 48)), LIMIT(1, PREFIX(24, 56))},
	 2,
	 {1, 0}},
	{"a /32 is still wider than a source",
	 {LIMIT(0, PREFIX(32, 128)), LIMIT(1, .per = PER_SOURCE)},
	 2,
	 {1, 0}},
};

static void narrow_limits_are_judged_first(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(order_cases); i++) {
		const struct order_case *c = &order_cases[i];
		struct guard_limit limits[GUARD_LIMITS_PER_RULE];
		struct rule rule = {.n_limits = c->n_limits};

		print_message("# %s\n", c->name);
		for (size_t n = 0; n < c->n_limits; n++)
			rule.limits[n] = c->limits[n];
		limits_compile(&rule, limits);
		for (size_t n = 0; n < c->n_limits; n++)
			assert_int_equal(limits[n].tolerance, c->order[n] * limits[n].interval);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_in_the_units_of_the_packet_program),
		cmocka_unit_test(bandwidths_are_held_at_every_frame_size),
		cmocka_unit_test(narrow_limits_are_judged_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
