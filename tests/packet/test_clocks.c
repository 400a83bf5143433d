/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two clocks of a limit, jiffies that lag and the precise one; and a host that has been up for so
 * long that half of the clock's range lies behind it.
 */
#include "check.h"

#include <inttypes.h>

#define JIFFY_NS (4 * NS_PER_MS)

static const struct layer *const web = FRAME(IPV4(), UDP(80));

static void set_lagging_clock(struct fixture *fixture, uint64_t ns)
{
	fixture_set_clocks(fixture, ns - ns % JIFFY_NS, ns);
}

static bool passes_at(struct fixture *fixture, const struct frame *frame, uint64_t ns)
{
	set_lagging_clock(fixture, ns);
	return fixture_passes(fixture, frame->bytes, frame->size);
}

static struct fixture *start_with_limit(const char *limit)
{
	char policy[256];

	snprintf(policy, sizeof(policy), "version: 1\nrules: [{name: web, limit: {%s}}]\n", limit);
	return fixture_from_text(policy);
}

/* A millisecond is a quarter of a jiffy: by jiffies alone three of four packets would be refused. */
static void jiffies_never_refuse_a_conforming_packet(void **state)
{
	static const char *const limits[] = {"rate: 1k/s, burst: 1", "bandwidth: 336kbit/s",
					     "rate: 1k/s, burst: 1, bandwidth: 336kbit/s"};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		_cleanup_fixture_ struct fixture *fixture = start_with_limit(limits[i]);
		struct frame frame = frame_of(web);

		for (uint64_t n = 0; n < 10000; n++)
			assert_true(passes_at(fixture, &frame, START_NS + 12345 + n * NS_PER_MS));
	}
}

/* Packets at once as the burst allows, at any place in a jiffy, after any pause that earns it back. */
static void jiffies_never_refuse_a_conforming_burst(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start_with_limit("rate: 1k/s, burst: 10");
	struct frame frame = frame_of(web);
	uint64_t ns = START_NS;

	for (unsigned n = 0; n < 500; n++) {
		for (unsigned i = 0; i < 10; i++)
			assert_true(passes_at(fixture, &frame, ns));
		ns += 10 * NS_PER_MS + n * 7919 % 1000;
	}
}

struct lag_case {
	const char *limit;
	uint64_t interval_ns;
	uint64_t burst;
	uint64_t step_ns; /* between packets */
	uint64_t on_ns;	  /* how long packets come, */
	uint64_t off_ns;  /* and how long then none */
};

static const struct lag_case lag_cases[] = {
	{"rate: 1k/s, burst: 1", NS_PER_MS, 1, 100 * NS_PER_US, NS_PER_S, 0},
	{"rate: 1k/s, burst: 100", NS_PER_MS, 100, 50 * NS_PER_US, NS_PER_S, 0},
	{"rate: 10k/s, burst: 1", 100 * NS_PER_US, 1, 10 * NS_PER_US, NS_PER_S, 0},
	{"rate: 10k/s, burst: 5", 100 * NS_PER_US, 5, 10 * NS_PER_US, 3 * NS_PER_MS, 2 * NS_PER_MS},
	{"rate: 100/s, burst: 3", 10 * NS_PER_MS, 3, 300 * NS_PER_US, NS_PER_S, 0},
	{"rate: 10/s, burst: 1", 100 * NS_PER_MS, 1, NS_PER_MS, NS_PER_S, 0},
};

static uint64_t count_passed(struct fixture *fixture, const struct lag_case *c, uint64_t until_ns)
{
	const uint64_t period = c->on_ns + c->off_ns;
	struct frame frame = frame_of(web);
	uint64_t passed = 0;

	/* Starts just before a jiffy ends, when it lags most. */
	for (uint64_t ns = JIFFY_NS - 1; ns < until_ns; ns += c->step_ns)
		if (ns % period < c->on_ns)
			passed += passes_at(fixture, &frame, START_NS + ns);
	return passed;
}

static void jiffies_let_pass_at_most_a_jiffys_worth_more(void **state)
{
	const uint64_t duration = NS_PER_S / 2;

	for (size_t i = 0; i < ARRAY_SIZE(lag_cases); i++) {
		const struct lag_case *c = &lag_cases[i];
		_cleanup_fixture_ struct fixture *fixture = start_with_limit(c->limit);
		uint64_t passed = count_passed(fixture, c, duration + JIFFY_NS);
		uint64_t earned = duration / c->interval_ns;

		if (passed > c->burst + earned + JIFFY_NS / c->interval_ns + 1)
			fail_msg("{%s}: %" PRIu64 " passed", c->limit, passed);
		if (c->off_ns == 0 && passed < c->burst + earned * 99 / 100 - 1)
			fail_msg("{%s}: only %" PRIu64 " passed", c->limit, passed);
	}
}

static void blocks_start_and_end_by_jiffies(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		start_with_limit("rate: 1/s, burst: 1, block: 10s");

	set_lagging_clock(fixture, START_NS + 1);
	check_frame(fixture, "first", web, "within-limit web");
	check_frame(fixture, "exceeds", web, "over-rate web");
	set_lagging_clock(fixture, START_NS + 10 * NS_PER_S - 1);
	check_frame(fixture, "blocked", web, "blocked");
	set_lagging_clock(fixture, START_NS + 10 * NS_PER_S + JIFFY_NS);
	check_frame(fixture, "a jiffy after its end", web, "within-limit web");
}

/* 2^56 ns are half of what the clock can count: times behind that look like times ahead. */
static const uint64_t uptimes_ns[] = {
	0,
	1,
	(1ull << 55) - 1,
	(1ull << 56) - NS_PER_DAY,
	(1ull << 56) - 1000,
	(1ull << 56) - 1,
	(1ull << 56),
	(1ull << 56) + NS_PER_DAY,
	(1ull << 57) - 1000,
};

#define N_UPTIMES ARRAY_SIZE(uptimes_ns)

/* Rules and sources of its own for every uptime: none of them was ever used before. */
static void uptime_source(char from[32], size_t uptime)
{
	snprintf(from, 32, "192.0.2.%zu", uptime + 1);
}

static char *uptime_rules(const char *limit, const char *per)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	fputs("version: 1\nrules:\n", file);
	for (size_t i = 0; i < N_UPTIMES; i++)
		fprintf(file, "  - {name: r%zu, to_port: %zu, limit: {%s, per: %s}}\n", i, i, limit,
			per);
	fclose(file);
	return text;
}

static void check_untouched(struct fixture *fixture, size_t uptime)
{
	const uint64_t now_ns = uptimes_ns[uptime];
	struct frame frame;
	char from[32];

	uptime_source(from, uptime);
	frame = frame_of(FRAME(IPV4(.from = from), UDP((unsigned)uptime)));
	fixture_set_time(fixture, now_ns);
	if (fixture_send_many(fixture, frame.bytes, frame.size, 9) != 3)
		fail_msg("up %" PRIu64 " ns: not the burst", now_ns);
	fixture_set_time(fixture, now_ns + NS_PER_MS - 1);
	if (fixture_passes(fixture, frame.bytes, frame.size))
		fail_msg("up %" PRIu64 " ns: too early", now_ns);
	fixture_set_time(fixture, now_ns + NS_PER_MS);
	if (fixture_send_many(fixture, frame.bytes, frame.size, 9) != 1)
		fail_msg("up %" PRIu64 " ns: not the rate", now_ns);
}

static void a_limit_that_was_never_used_is_untouched_at_any_uptime(void **state)
{
	static const char *const pers[] = {"all", "source", "{ipv4: 24, ipv6: 48}"};

	for (size_t i = 0; i < ARRAY_SIZE(pers); i++) {
		_cleanup_free_ char *policy = uptime_rules("rate: 1k/s, burst: 3", pers[i]);
		_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);

		for (size_t uptime = 0; uptime < N_UPTIMES; uptime++)
			check_untouched(fixture, uptime);
	}
}

static void check_blocks(struct fixture *fixture, size_t uptime)
{
	const uint64_t now_ns = uptimes_ns[uptime];
	struct frame frame;
	char from[32];

	uptime_source(from, uptime);
	frame = frame_of(FRAME(IPV4(.from = from), UDP((unsigned)uptime)));
	fixture_set_time(fixture, now_ns);
	assert_int_equal(fixture_send_many(fixture, frame.bytes, frame.size, 9), 1);
	check_sent(fixture, "blocked", &frame, "blocked");
	fixture_set_time(fixture, now_ns + NS_PER_HOUR - 1);
	check_sent(fixture, "blocked to the end", &frame, "blocked");
	fixture_set_time(fixture, now_ns + NS_PER_HOUR);
	assert_true(fixture_passes(fixture, frame.bytes, frame.size));
	check_frame(fixture, "for ever", FRAME(IPV4(.from = "203.0.113.1")), "blocked");
}

static void blocks_hold_at_any_uptime(void **state)
{
	_cleanup_free_ char *policy = uptime_rules("rate: 1/s, burst: 1, block: 1h", "source");
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);
	const struct guard_block by_hand = {.until = GUARD_FOREVER};

	fixture_block(fixture, "203.0.113.1", &by_hand);
	for (size_t uptime = 0; uptime < N_UPTIMES; uptime++)
		check_blocks(fixture, uptime);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jiffies_never_refuse_a_conforming_packet),
		cmocka_unit_test(jiffies_never_refuse_a_conforming_burst),
		cmocka_unit_test(jiffies_let_pass_at_most_a_jiffys_worth_more),
		cmocka_unit_test(blocks_start_and_end_by_jiffies),
		cmocka_unit_test(a_limit_that_was_never_used_is_untouched_at_any_uptime),
		cmocka_unit_test(blocks_hold_at_any_uptime),
	};

	return CHECK_RUN(tests);
}
