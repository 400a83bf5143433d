/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who enters the table of sources while more new ones come than its budget, and what becomes of the
 * others. The budget is a CPU's, so each test stays on one.
 */
#include "check.h"

#define BUDGET 256		/* of a fixture's capacity, in a window on one CPU */
#define WINDOW_NS (1ull << 26)	/* 67 ms */
#define AGE_NS (1ull << 30)	/* of the sketch: 1.1 s */
#define SEEN_OFTEN 8		/* packets in an age */
#define HELD_PER_AGE (1u << 17) /* held packets that end an age, too */

#define FROM(address, port) FRAME(IPV4(.from = address), UDP(port))

static struct fixture *start(const char *policy)
{
	struct fixture *fixture =
		fixture_with(policy, &(struct fixture_options){.has_admission = true});

	check_stay_on_one_cpu();
	fixture_set_time(fixture, AGE_NS);
	return fixture;
}

/* The nth of many sources, each a /64 of 2001:db8::/32; UDP to port 80. */
static bool passes_from(struct fixture *fixture, uint32_t n)
{
	struct frame frame = frame_of(FRAME(IPV6(), UDP(80)));

	for (unsigned i = 0; i < 4; i++)
		frame.bytes[14 + 8 + 4 + i] = (unsigned char)(n >> 8 * (3 - i));
	return fixture_passes(fixture, frame.bytes, frame.size);
}

static bool is_known_n(struct fixture *fixture, uint32_t n)
{
	struct guard_source source;
	char text[64];

	snprintf(text, sizeof(text), "2001:db8:%x:%x::", n >> 16, n & 0xffff);
	return fixture_source(fixture, text, &source);
}

static bool is_known(struct fixture *fixture, const char *address)
{
	struct guard_source source;

	return fixture_source(fixture, address, &source);
}

/* New sources, each once, as many as one window takes; never the same twice in a test. */
static void use_up_budget(struct fixture *fixture, uint32_t round)
{
	for (uint32_t i = 0; i < BUDGET; i++)
		passes_from(fixture, 0x10000000 + round * BUDGET + i);
}

static void within_the_budget_all_are_admitted_at_once(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	use_up_budget(fixture, 0);
	for (uint32_t i = 0; i < BUDGET; i++)
		assert_true(is_known_n(fixture, 0x10000000 + i));
	assert_int_equal(fixture_admission(fixture).admitted, BUDGET);
	assert_int_equal(fixture_admission(fixture).held, 0);
	check_frame(fixture, "one more", FROM("192.0.2.1", 80), "default-pass");
	assert_false(is_known(fixture, "192.0.2.1"));
	assert_int_equal(fixture_admission(fixture).admitted, BUDGET);
	assert_int_equal(fixture_admission(fixture).held, 1);
	assert_int_equal(fixture_admission(fixture).failed, 0);
}

static void every_window_has_its_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	use_up_budget(fixture, 0);
	fixture_set_time(fixture, AGE_NS + WINDOW_NS - 1);
	check_frame(fixture, "at its end", FROM("192.0.2.1", 80), "default-pass");
	assert_false(is_known(fixture, "192.0.2.1"));
	fixture_set_time(fixture, AGE_NS + WINDOW_NS);
	check_frame(fixture, "in the next", FROM("192.0.2.1", 80), "default-pass");
	assert_true(is_known(fixture, "192.0.2.1"));
}

static void its_rate_is_that_of_the_window_before(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");
	const uint64_t rate = BUDGET * 1000000000ull / WINDOW_NS;

	use_up_budget(fixture, 0);
	assert_int_equal(fixture_admission(fixture).per_second, 0);
	fixture_set_time(fixture, AGE_NS + WINDOW_NS);
	assert_int_equal(fixture_admission(fixture).per_second, rate);
	check_frame(fixture, "in the next", FROM("192.0.2.1", 80), "default-pass");
	assert_int_equal(fixture_admission(fixture).per_second, rate);
	fixture_set_time(fixture, AGE_NS + 2 * WINDOW_NS);
	assert_int_equal(fixture_admission(fixture).per_second, rate / BUDGET);
	fixture_set_time(fixture, AGE_NS + 3 * WINDOW_NS);
	assert_int_equal(fixture_admission(fixture).per_second, 0);
	/* After a pause the last window is not the one before. */
	check_frame(fixture, "much later", FROM("192.0.2.2", 80), "default-pass");
	assert_int_equal(fixture_admission(fixture).per_second, 0);
}

static void it_holds_back_for_a_second_after_it_did(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");
	const uint64_t began = AGE_NS << GUARD_TIME_SHIFT,
		       second = 1000000000ull << GUARD_TIME_SHIFT;
	struct admission admission;

	use_up_budget(fixture, 0);
	admission = fixture_admission(fixture);
	assert_int_equal(admission.last_held, 0);
	assert_false(admission_is_holding(&admission, began));
	check_frame(fixture, "one more", FROM("192.0.2.1", 80), "default-pass");
	admission = fixture_admission(fixture);
	assert_int_equal(admission.last_held, began);
	assert_true(admission_is_holding(&admission, began));
	assert_true(admission_is_holding(&admission, began + second - 1));
	assert_false(admission_is_holding(&admission, began + second));
}

static void known_sources_use_up_nothing(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	for (uint32_t i = 0; i < 10 * BUDGET; i++)
		passes_from(fixture, i % 3);
	use_up_budget(fixture, 0);
	assert_int_equal(fixture_admission(fixture).admitted, BUDGET);
	assert_int_equal(fixture_admission(fixture).held, 3);
}

static void see(struct fixture *fixture, const char *title, unsigned packets, bool expect)
{
	for (unsigned i = 0; i < packets; i++)
		check_frame(fixture, title, FROM("192.0.2.1", 80), "default-pass");
	if (is_known(fixture, "192.0.2.1") != expect)
		fail_msg("%s: after %u packets", title, packets);
}

static void beyond_it_a_source_must_be_seen_often(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");
	struct guard_source source;

	use_up_budget(fixture, 0);
	see(fixture, "not often enough", SEEN_OFTEN - 1, false);
	see(fixture, "often enough", 1, true);
	assert_int_equal(fixture_admission(fixture).admitted, BUDGET + 1);
	assert_int_equal(fixture_admission(fixture).held, SEEN_OFTEN - 1);
	see(fixture, "known", 2, true);
	fixture_source(fixture, "192.0.2.1", &source);
	assert_int_equal(source.passed >> GUARD_TALLY_BYTES_BITS, 3);
}

static void within_an_age_of_the_sketch(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	use_up_budget(fixture, 0);
	see(fixture, "at first", SEEN_OFTEN - 1, false);
	fixture_set_time(fixture, 2 * AGE_NS);
	use_up_budget(fixture, 1);
	see(fixture, "in the next age", SEEN_OFTEN - 1, false);
	fixture_set_time(fixture, 3 * AGE_NS - 1);
	use_up_budget(fixture, 2);
	see(fixture, "at the end of that age", 1, true);
}

static void a_source_is_an_aggregate(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");
	char from[64];

	use_up_budget(fixture, 0);
	for (unsigned i = 1; i <= SEEN_OFTEN; i++) {
		assert_false(is_known(fixture, "2001:db8::"));
		snprintf(from, sizeof(from), "2001:db8::%x", i);
		check_frame(fixture, from, FRAME(IPV6(.from = from), UDP(80)), "default-pass");
	}
	assert_true(is_known(fixture, "2001:db8::"));
}

/* Two packets each: what floods from forged sources show, and what a plain LRU table falls for. */
static void a_flood_of_forged_sources_stays_outside(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	use_up_budget(fixture, 0);
	for (uint32_t i = 0; i < 20000; i++) {
		passes_from(fixture, i);
		passes_from(fixture, i);
	}
	assert_int_equal(fixture_admission(fixture).admitted, BUDGET);
	assert_int_equal(fixture_admission(fixture).held, 40000);
}

static void a_flood_ages_the_sketch(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start("version: 1\n");

	use_up_budget(fixture, 0);
	see(fixture, "before the flood", SEEN_OFTEN - 1, false);
	for (uint32_t i = 0; i < HELD_PER_AGE; i++)
		passes_from(fixture, i);
	see(fixture, "after it", SEEN_OFTEN - 1, false);
	see(fixture, "often enough by then", 1, true);
}

static void held_packets_obey_rules_and_blocks(void **state)
{
	const struct guard_block by_hand = {.until = GUARD_FOREVER};
	_cleanup_fixture_ struct fixture *fixture =
		start("version: 1\n"
		      "default: drop\n"
		      "rules:\n"
		      "  - {name: trusted, from: [192.0.2.0/28], action: pass}\n"
		      "  - {name: banned, from: 203.0.113.0/24, action: drop}\n"
		      "  - {name: tried, to_port: 79, mode: monitor, action: drop}\n"
		      "  - {name: v6, from: 2001:db8::/32, action: pass}\n");

	fixture_block(fixture, "198.51.100.9", &by_hand);
	fixture_block(fixture, "192.0.2.9", &by_hand);
	use_up_budget(fixture, 0);
	check_frame(fixture, "a rule that passes", FROM("192.0.2.1", 80), "rule-pass trusted");
	check_frame(fixture, "though blocked", FROM("192.0.2.9", 80), "rule-pass trusted");
	check_frame(fixture, "a rule that drops", FROM("203.0.113.1", 80), "rule-drop banned");
	check_frame(fixture, "a rule that monitors", FROM("198.51.100.1", 79),
		    "would:rule-drop tried");
	check_frame(fixture, "a block", FROM("198.51.100.9", 80), "blocked");
	check_frame(fixture, "the default", FROM("198.51.100.1", 80), "default-drop");
	assert_int_equal(fixture_admission(fixture).held, 6);
	assert_false(is_known(fixture, "192.0.2.1"));
}

static void check_shared_budget(const char *per)
{
	_cleanup_fixture_ struct fixture *fixture = NULL;
	unsigned passed = 0;
	char policy[256];

	snprintf(policy, sizeof(policy),
		 "version: 1\n"
		 "rules: [{name: web, to_port: 80, limit: {rate: 1/h, burst: 5, per: %s}}]\n",
		 per);
	fixture = start(policy);
	use_up_budget(fixture, 0);
	for (uint32_t i = 0; i < 100; i++)
		passed += passes_from(fixture, i << 16);
	assert_int_equal(passed, 5);
}

static void held_packets_share_one_budget_a_rule(void **state)
{
	check_shared_budget("source");
	check_shared_budget("{ipv4: 24, ipv6: 48}");
}

static void admitted_sources_have_their_own(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start(
		"version: 1\n"
		"rules: [{name: dns, to_port: 53, limit: {rate: 1/h, burst: 2, block: 1h}}]\n");

	check_frame(fixture, "early", FROM("192.0.2.1", 53), "within-limit dns");
	use_up_budget(fixture, 0);
	check_frame(fixture, "late", FROM("192.0.2.2", 53), "within-limit dns");
	check_frame(fixture, "late", FROM("192.0.2.3", 53), "within-limit dns");
	check_frame(fixture, "too late", FROM("192.0.2.4", 53), "over-rate dns");
	check_frame(fixture, "held sources are not blocked: who exceeded is unknown",
		    FROM("192.0.2.4", 54), "default-pass");
	check_frame(fixture, "early", FROM("192.0.2.1", 53), "within-limit dns");
	check_frame(fixture, "exceeds by itself", FROM("192.0.2.1", 53), "over-rate dns");
	check_frame(fixture, "and is blocked", FROM("192.0.2.1", 54), "blocked");
}

static void per_all_counts_held_packets_with_the_others(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start(
		"version: 1\n"
		"rules: [{name: dns, to_port: 53, limit: {rate: 1/h, burst: 2, per: all}}]\n");

	check_frame(fixture, "early", FROM("192.0.2.1", 53), "within-limit dns");
	use_up_budget(fixture, 0);
	check_frame(fixture, "late", FROM("192.0.2.2", 53), "within-limit dns");
	check_frame(fixture, "later", FROM("192.0.2.3", 53), "over-rate dns");
	check_frame(fixture, "early", FROM("192.0.2.1", 53), "over-rate dns");
}

static void a_policy_may_admit_always(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		start("version: 1\nsources: {admission: always}\n");

	for (uint32_t i = 0; i < 10 * BUDGET; i++)
		passes_from(fixture, i);
	assert_int_equal(fixture_admission(fixture).admitted, 10 * BUDGET);
	assert_int_equal(fixture_admission(fixture).held, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_the_budget_all_are_admitted_at_once),
		cmocka_unit_test(every_window_has_its_budget),
		cmocka_unit_test(its_rate_is_that_of_the_window_before),
		cmocka_unit_test(it_holds_back_for_a_second_after_it_did),
		cmocka_unit_test(known_sources_use_up_nothing),
		cmocka_unit_test(beyond_it_a_source_must_be_seen_often),
		cmocka_unit_test(within_an_age_of_the_sketch),
		cmocka_unit_test(a_source_is_an_aggregate),
		cmocka_unit_test(a_flood_of_forged_sources_stays_outside),
		cmocka_unit_test(a_flood_ages_the_sketch),
		cmocka_unit_test(held_packets_obey_rules_and_blocks),
		cmocka_unit_test(held_packets_share_one_budget_a_rule),
		cmocka_unit_test(admitted_sources_have_their_own),
		cmocka_unit_test(per_all_counts_held_packets_with_the_others),
		cmocka_unit_test(a_policy_may_admit_always),
	};

	return CHECK_RUN(tests);
}
