/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times between the packet program's clock and the wall's, also across a reboot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "bpf/abi.h"
#include "guard/clock.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY (86400 * NS_PER_S)

/* Ten seconds after a boot, and years after one. */
static const struct clock_now clocks[] = {
	{(uint64_t)(10 * NS_PER_S) << GUARD_TIME_SHIFT, 1800000000 * (uint64_t)NS_PER_S},
	{(uint64_t)(1500 * DAY) << GUARD_TIME_SHIFT, 1800000000 * (uint64_t)NS_PER_S},
};

static const int64_t distances[] = {
	0,	   1,	       -1,	  NS_PER_S, -NS_PER_S, 11 * NS_PER_S, -11 * NS_PER_S,
	365 * DAY, -365 * DAY, 730 * DAY,
};

static void what_goes_there_comes_back(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
		for (size_t j = 0; j < ARRAY_SIZE(distances); j++) {
			uint64_t wall_ns = clocks[i].wall_ns + (uint64_t)distances[j];
			uint64_t units = clock_from_wall(&clocks[i], wall_ns);

			assert_int_equal(clock_to_wall(&clocks[i], units), wall_ns);
			/* As the packet program tells past from future. */
			assert_int_equal((int64_t)(units - clocks[i].units) > 0, distances[j] > 0);
		}
}

static void what_is_too_far_away_stays_on_its_side(void **state)
{
	static const uint64_t far_ns[] = {1, INT64_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(far_ns); i++) {
		uint64_t units = clock_from_wall(&clocks[0], far_ns[i]);

		assert_int_equal((int64_t)(units - clocks[0].units) > 0,
				 far_ns[i] > clocks[0].wall_ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_there_comes_back),
		cmocka_unit_test(what_is_too_far_away_stays_on_its_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
