/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GCRA, one limit at a time: exactly at, under and over it to the nanosecond, and within 1 % over
 * hours. Time is what the test says, so an hour takes as long as its packets.
 */
#include "check.h"

#include <inttypes.h>

static const struct layer *const families[] = {
	FRAME(IPV4(), UDP(53), PAYLOAD(958)), /* 1000 bytes */
	FRAME(IPV6(), UDP(53), PAYLOAD(938)),
};

static void apply_limit(struct fixture *fixture, const char *limit)
{
	char policy[256];

	snprintf(policy, sizeof(policy), "version: 1\nrules: [{name: it, limit: {%s}}]\n", limit);
	fixture_apply_text(fixture, policy);
}

/* Every test of a table starts with a budget that nothing was taken from. */
static void forget_limits(struct fixture *fixture)
{
	fixture_apply_text(fixture, "version: 1\n");
}

/* How many of so many pass at START_NS + ns. */
static uint64_t send_at(struct fixture *fixture, const struct frame *frame, uint64_t ns,
			uint64_t packets)
{
	fixture_set_time(fixture, START_NS + ns);
	return fixture_send_many(fixture, frame->bytes, frame->size, packets);
}

static bool passes_at(struct fixture *fixture, const struct frame *frame, uint64_t ns)
{
	fixture_set_time(fixture, START_NS + ns);
	return fixture_passes(fixture, frame->bytes, frame->size);
}

static void expect_passed(const char *limit, const char *when, uint64_t passed, uint64_t expect)
{
	if (passed != expect)
		fail_msg("{%s}, %s: %" PRIu64 " passed, not %" PRIu64, limit, when, passed, expect);
}

struct exact_case {
	const char *limit;
	uint64_t burst;
	uint64_t interval_ns;
};

/* Rates of whole nanoseconds, so that nothing is rounded. */
static const struct exact_case exact_cases[] = {
	{"rate: 1/h", 1, NS_PER_HOUR},
	{"rate: 1/h, burst: 9000", 9000, NS_PER_HOUR},
	{"rate: 36/h, burst: 2", 2, 100 * NS_PER_S},
	{"rate: 1/m, burst: 3", 3, 60 * NS_PER_S},
	{"rate: 1/s, burst: 1", 1, NS_PER_S},
	{"rate: 10/s", 1, 100 * NS_PER_MS},
	{"rate: 500/s", 50, 2 * NS_PER_MS},
	{"rate: 1k/s, burst: 1", 1, NS_PER_MS},
	{"rate: 1k/s, burst: 1M", 1000000, NS_PER_MS},
	{"rate: 1M/s, burst: 1", 1, NS_PER_US},
	{"rate: 1M/s", 100000, NS_PER_US},
	{"rate: 100M/s, burst: 1", 1, 10},
	{"rate: 100M/s, burst: 1000", 1000, 10},
	/* 1 byte a microsecond; what comes at once is 100 ms of it. */
	{"bandwidth: 8Mbit/s", 100, NS_PER_MS},
	{"bandwidth: 1MB/s", 100, NS_PER_MS},
	{"bandwidth: 8Gbit/s", 100000, NS_PER_US},
	{"rate: 1k/s, burst: 3, bandwidth: 8Mbit/s", 3, NS_PER_MS},
	{"rate: 1M/s, burst: 1M, bandwidth: 8Mbit/s", 100, NS_PER_MS},
};

static void check_exact(struct fixture *fixture, const struct exact_case *c,
			const struct frame *frame)
{
	const uint64_t interval = c->interval_ns;
	uint64_t idle = (c->burst + 5) * interval;

	apply_limit(fixture, c->limit);
	expect_passed(c->limit, "the burst", send_at(fixture, frame, 0, c->burst), c->burst);
	expect_passed(c->limit, "and one more", send_at(fixture, frame, 0, 1), 0);
	expect_passed(c->limit, "too early", send_at(fixture, frame, interval - 1, 2), 0);
	expect_passed(c->limit, "after an interval", send_at(fixture, frame, interval, 3), 1);
	expect_passed(c->limit, "too early again", send_at(fixture, frame, 2 * interval - 1, 2), 0);
	expect_passed(c->limit, "after one more", send_at(fixture, frame, 2 * interval, 3), 1);
	expect_passed(c->limit, "after a long time", send_at(fixture, frame, idle, c->burst + 9),
		      c->burst);
	forget_limits(fixture);
}

static void limits_hold_to_the_nanosecond(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");

	for (size_t i = 0; i < ARRAY_SIZE(exact_cases); i++)
		for (size_t n = 0; n < ARRAY_SIZE(families); n++) {
			struct frame frame = frame_of(families[n]);

			check_exact(fixture, &exact_cases[i], &frame);
		}
}

static void who_keeps_to_the_limit_loses_nothing(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct frame frame = frame_of(families[0]);

	apply_limit(fixture, "rate: 1k/s, burst: 1");
	for (uint64_t i = 0; i < 20000; i++)
		assert_true(passes_at(fixture, &frame, i * NS_PER_MS));
	apply_limit(fixture, "bandwidth: 8Mbit/s");
	for (uint64_t i = 20000; i < 40000; i++)
		assert_true(passes_at(fixture, &frame, i * NS_PER_MS));
}

/* The second comes too early, the third late enough: a dropped packet takes nothing. */
static void a_nanosecond_too_fast_and_every_second_packet_goes(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct frame frame = frame_of(families[0]);

	apply_limit(fixture, "rate: 1k/s, burst: 1");
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(passes_at(fixture, &frame, i * (NS_PER_MS - 1)), i % 2 == 0);
}

struct long_case {
	const char *limit;
	unsigned size; /* of each frame */
	double rate;   /* packets a second that this allows */
	double burst;  /* packets */
	uint64_t duration_ns;
	uint64_t step_ns;
	uint64_t offered; /* at every step */
};

static const struct long_case long_cases[] = {
	{"rate: 1/h", 60, 1 / 3600.0, 1, 200 * NS_PER_HOUR, NS_PER_HOUR / 30, 1},
	{"rate: 7/h, burst: 2", 60, 7 / 3600.0, 2, 100 * NS_PER_HOUR, 60 * NS_PER_S, 2},
	{"rate: 1/m", 60, 1 / 60.0, 1, 10 * NS_PER_HOUR, 6 * NS_PER_S, 1},
	{"rate: 3/s, burst: 2", 60, 3, 2, NS_PER_HOUR / 4, 100 * NS_PER_MS, 1},
	{"rate: 1k/s, burst: 10k", 60, 1000, 10000, NS_PER_HOUR, 8 * NS_PER_S, 10000},
	{"rate: 999983/s", 60, 999983, 99998, NS_PER_S, 20 * NS_PER_MS, 25000},
	{"rate: 30M/s, burst: 64k", 60, 30e6, 64000, NS_PER_S / 20, NS_PER_MS, 40000},
	{"rate: 100M/s, burst: 200k", 60, 100e6, 200000, NS_PER_S / 50, NS_PER_MS, 120000},
	{"bandwidth: 1kbit/s", 1500, 125 / 1500.0, 1, 10 * NS_PER_HOUR, 4 * NS_PER_S, 1},
	{"bandwidth: 1kbit/s", 60, 125 / 60.0, 1, NS_PER_HOUR / 4, 160 * NS_PER_MS, 1},
	{"bandwidth: 1Mbit/s", 1500, 125e3 / 1500, 8, NS_PER_HOUR / 10, 90 * NS_PER_MS, 20},
	{"bandwidth: 10Gbit/s", 1514, 1.25e9 / 1514, 1.25e8 / 1514, NS_PER_S, 20 * NS_PER_MS,
	 20000},
	{"bandwidth: 400Gbit/s", 3000, 5e10 / 3000, 5e9 / 3000, NS_PER_S / 20, NS_PER_MS, 20000},
};

static void check_long(struct fixture *fixture, const struct long_case *c)
{
	struct frame frame = frame_of(FRAME(IPV4(), UDP(53), PAYLOAD(c->size - 42)));
	const double seconds = (double)c->duration_ns / NS_PER_S;
	const double expect = c->burst + c->rate * seconds;
	uint64_t passed;

	apply_limit(fixture, c->limit);
	passed = send_at(fixture, &frame, 0, (uint64_t)c->burst);
	for (uint64_t ns = 0; ns <= c->duration_ns; ns += c->step_ns)
		passed += send_at(fixture, &frame, ns, c->offered);
	/* What a step cannot bring may be one packet, or what is left of an interval. */
	if ((double)passed > expect * 1.01 + 1 || (double)passed < expect * 0.99 - 1)
		fail_msg("{%s}: %" PRIu64 " passed in %.0f s, not %.0f", c->limit, passed, seconds,
			 expect);
	forget_limits(fixture);
}

static void limits_hold_within_1_percent_over_hours(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");

	for (size_t i = 0; i < ARRAY_SIZE(long_cases); i++)
		check_long(fixture, &long_cases[i]);
}

/* Where a frame takes the shortest time, rounding weighs most. */
static void the_highest_bandwidth_holds_for_the_smallest_frames(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct frame large = frame_of(FRAME(IPV4(), UDP(53), PAYLOAD(2958)));
	struct frame small = frame_of(FRAME(IPV4(), UDP(53), PADDING(18)));
	const double expect = 5e10 / 60 * 0.005;
	uint64_t passed = 0;

	apply_limit(fixture, "bandwidth: 400Gbit/s");
	send_at(fixture, &large, 0, 2000000);
	for (uint64_t us = 500; us <= 5000; us += 500)
		passed += send_at(fixture, &small, us * NS_PER_US, 500000);
	if ((double)passed > expect * 1.01 || (double)passed < expect * 0.99)
		fail_msg("%" PRIu64 " passed in 5 ms, not %.0f", passed, expect);
}

static void a_frame_longer_than_the_burst_passes_an_untouched_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct frame frame = frame_of(families[0]);
	const uint64_t frame_ns =
		8 * NS_PER_S; /* 1000 bytes at 125 bytes a second; the burst is 12 */

	apply_limit(fixture, "bandwidth: 1kbit/s");
	expect_passed("1kbit/s", "untouched", send_at(fixture, &frame, 0, 3), 1);
	expect_passed("1kbit/s", "too early", send_at(fixture, &frame, frame_ns - 1, 3), 0);
	expect_passed("1kbit/s", "earned back", send_at(fixture, &frame, frame_ns, 3), 1);
}

static void what_is_left_of_a_bandwidth_goes_to_shorter_frames(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct frame large = frame_of(families[0]);
	struct frame small = frame_of(FRAME(IPV4(), UDP(53), PAYLOAD(58))); /* 100 bytes */

	apply_limit(fixture, "bandwidth: 8Mbit/s");
	expect_passed("8Mbit/s", "the burst", send_at(fixture, &large, 0, 1000), 100);
	expect_passed("8Mbit/s", "half a frame later", send_at(fixture, &large, 500000, 9), 0);
	expect_passed("8Mbit/s", "shorter frames", send_at(fixture, &small, 500000, 9), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_hold_to_the_nanosecond),
		cmocka_unit_test(who_keeps_to_the_limit_loses_nothing),
		cmocka_unit_test(a_nanosecond_too_fast_and_every_second_packet_goes),
		cmocka_unit_test(limits_hold_within_1_percent_over_hours),
		cmocka_unit_test(the_highest_bandwidth_holds_for_the_smallest_frames),
		cmocka_unit_test(a_frame_longer_than_the_burst_passes_an_untouched_budget),
		cmocka_unit_test(what_is_left_of_a_bandwidth_goes_to_shorter_frames),
	};

	return CHECK_RUN(tests);
}
