/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GCRA against the token bucket that it is the other side of: a level of tokens, earned with time and
 * spent by packets, in arithmetic that neither wraps nor rounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/gcra.h"

/* Time units; none of them is a power of two. */
struct bucket_case {
	const char *title;
	__u64 allowance;
	__u64 cost_max;	 /* of a packet; 0: always `allowance` / 7 */
	__u64 pause_max; /* between packets */
	__u64 start;
};

static const struct bucket_case bucket_cases[] = {
	{"a burst of seven", 7000, 0, 900, 1},
	{"a burst of seven, often idle", 7000, 0, 1900, 1},
	{"costs that differ", 100000, 30000, 12000, 123456},
	{"costs above the allowance", 1000, 5000, 4000, 99},
	{"half of the clock's range behind", 7000, 3000, 900, (1ull << 63) - 500000},
	{"around the clock's end", 7000, 3000, 900, ~0ull - 500000},
	{"months of burst", 1ull << 61, 1ull << 58, 1ull << 57, 1},
};

struct token_bucket {
	__int128 backlog; /* spent and not yet earned back */
};

static __u64 random_below(__u64 *seed, __u64 limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % limit;
}

/* An untouched bucket gives any cost, another what is left of the allowance. */
static bool bucket_gives(struct token_bucket *bucket, __u64 pause, __u64 cost, __u64 allowance)
{
	bucket->backlog = bucket->backlog > pause ? bucket->backlog - pause : 0;
	if (bucket->backlog && bucket->backlog + cost > allowance)
		return false;
	bucket->backlog += cost;
	return true;
}

static void check_bucket(const struct bucket_case *c)
{
	struct token_bucket bucket = {};
	__u64 seed = 88172645463325252, now = c->start, tat = 0;
	unsigned taken = 0;

	for (unsigned i = 0; i < 10000; i++) {
		__u64 pause = random_below(&seed, c->pause_max);
		__u64 cost = c->cost_max ? 1 + random_below(&seed, c->cost_max) : c->allowance / 7;
		bool gives = bucket_gives(&bucket, pause, cost, c->allowance);

		now += pause;
		if (gives != (gcra_take(&tat, now, cost, c->allowance) == 0))
			fail_msg("%s: packet %u", c->title, i);
		taken += gives;
	}
	/* Or the case would say nothing. */
	if (taken < 100 || taken > 9900)
		fail_msg("%s: %u of 10000 taken", c->title, taken);
}

static void it_gives_what_a_token_bucket_gives(void **state)
{
	for (size_t i = 0; i < sizeof(bucket_cases) / sizeof(bucket_cases[0]); i++)
		check_bucket(&bucket_cases[i]);
}

static void the_excess_is_how_much_too_early_a_packet_comes(void **state)
{
	__u64 tat = 0;

	assert_int_equal(gcra_take(&tat, 1000, 100, 100), 0);
	for (__u64 early = 1; early <= 100; early++)
		assert_int_equal(gcra_take(&tat, 1100 - early, 100, 100), early);
	assert_int_equal(tat, 1100);
	assert_int_equal(gcra_take(&tat, 1100, 100, 100), 0);
}

static void a_refund_is_as_if_nothing_was_taken(void **state)
{
	__u64 tat = 0;

	assert_int_equal(gcra_take(&tat, 1000, 300, 1000), 0);
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(gcra_take(&tat, 1000, 700, 1000), 0);
		gcra_refund(&tat, 700);
	}
	assert_int_equal(tat, 1300);
}

/* What was never used says 0, which after half of the clock's range looks like a time ahead. */
static void what_was_never_used_owes_nothing(void **state)
{
	static const __u64 times[] = {0, 1, 1ull << 62, 1ull << 63, (1ull << 63) + 1, ~0ull};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(gcra_backlog(0, times[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_what_a_token_bucket_gives),
		cmocka_unit_test(the_excess_is_how_much_too_early_a_packet_comes),
		cmocka_unit_test(a_refund_is_as_if_nothing_was_taken),
		cmocka_unit_test(what_was_never_used_owes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
