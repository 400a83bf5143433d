/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every packet counts once: by outcome, by the rule that decided, and by source. */
#include "check.h"

#define RULES \
	"rules:\n" \
	"  - {name: trusted, from: 192.0.2.9, action: pass}\n" \
	"  - {name: banned, to_port: 79, action: drop}\n" \
	"  - {name: tried, mode: monitor, to_port: 78, action: drop}\n" \
	"  - {name: web, to_port: 80, limit: {rate: 1/h, burst: 2, block: 1h}}\n"

/* A frame of `size` bytes. */
static struct frame frame_to(const char *from, unsigned port, unsigned size)
{
	return frame_of(FRAME(IPV4(.from = from), UDP(port), PAYLOAD(size - 42)));
}

static void send_to(struct fixture *fixture, const char *from, unsigned port, unsigned size)
{
	struct frame frame = frame_to(from, port, size);

	fixture_send(fixture, frame.bytes, frame.size);
}

static void check_count(const char *title, struct guard_count count, uint64_t packets,
			uint64_t bytes)
{
	if (count.packets != packets || count.bytes != bytes)
		fail_msg("%s: %llu packets and %llu bytes", title, count.packets, count.bytes);
}

static struct guard_count tally(uint64_t word, struct guard_count wide)
{
	return (struct guard_count){
		.packets = (word >> GUARD_TALLY_BYTES_BITS) + wide.packets,
		.bytes = (word & ((1ull << GUARD_TALLY_BYTES_BITS) - 1)) + wide.bytes,
	};
}

static void send_some_of_everything(struct fixture *fixture)
{
	send_to(fixture, "192.0.2.9", 79, 100); /* trusted */
	send_to(fixture, "192.0.2.1", 79, 101); /* banned */
	send_to(fixture, "192.0.2.1", 78, 102); /* tried */
	send_to(fixture, "192.0.2.1", 80, 103); /* web: within */
	send_to(fixture, "192.0.2.1", 80, 104); /* web: within */
	send_to(fixture, "192.0.2.1", 80, 105); /* web: over */
	send_to(fixture, "192.0.2.1", 80, 106); /* blocked */
	send_to(fixture, "192.0.2.1", 53, 107); /* blocked */
	send_to(fixture, "192.0.2.2", 53, 108); /* default */
}

static void rules_count_what_they_decided(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n" RULES);

	send_some_of_everything(fixture);
	check_count("trusted passed", fixture_rule(fixture, "trusted").passed, 1, 100);
	check_count("trusted dropped", fixture_rule(fixture, "trusted").dropped, 0, 0);
	check_count("banned passed", fixture_rule(fixture, "banned").passed, 0, 0);
	check_count("banned dropped", fixture_rule(fixture, "banned").dropped, 1, 101);
	check_count("banned would", fixture_rule(fixture, "banned").would_drop, 0, 0);
	check_count("tried passed", fixture_rule(fixture, "tried").passed, 1, 102);
	check_count("tried dropped", fixture_rule(fixture, "tried").dropped, 0, 0);
	check_count("tried would", fixture_rule(fixture, "tried").would_drop, 1, 102);
	check_count("web passed", fixture_rule(fixture, "web").passed, 2, 207);
	check_count("web dropped, but not what was blocked", fixture_rule(fixture, "web").dropped,
		    1, 105);
}

static void outcomes_count_every_packet(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n" RULES);
	struct guard_count sum = {};

	send_some_of_everything(fixture);
	for (unsigned i = 0; i < GUARD_OUTCOMES; i++) {
		struct guard_count count = fixture_outcome(fixture, i);

		sum.packets += count.packets;
		sum.bytes += count.bytes;
	}
	check_count("all", sum, 9, 936);
	check_count("passed by rule", fixture_outcome(fixture, GUARD_PASS_RULE), 1, 100);
	check_count("passed by limit", fixture_outcome(fixture, GUARD_PASS_LIMIT), 2, 207);
	check_count("passed by default", fixture_outcome(fixture, GUARD_PASS_DEFAULT), 1, 108);
	check_count("dropped by rule", fixture_outcome(fixture, GUARD_DROP_RULE), 1, 101);
	check_count("over the rate", fixture_outcome(fixture, GUARD_DROP_RATE), 1, 105);
	check_count("blocked", fixture_outcome(fixture, GUARD_DROP_BLOCKED), 2, 213);
	check_count("would be dropped by rule",
		    fixture_outcome(fixture, GUARD_REASON_COUNT + GUARD_DROP_RULE), 1, 102);
}

static void a_source_counts_all_its_packets(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n" RULES);
	struct guard_source source;

	send_some_of_everything(fixture);
	assert_true(fixture_source(fixture, "192.0.2.1", &source));
	check_count("passed", tally(source.passed, source.passed_wide), 3, 309);
	check_count("dropped", tally(source.dropped, source.dropped_wide), 4, 419);
	assert_int_equal(source.would_drop, 1);
	assert_true(fixture_source(fixture, "192.0.2.2", &source));
	check_count("passed", tally(source.passed, source.passed_wide), 1, 108);
	check_count("dropped", tally(source.dropped, source.dropped_wide), 0, 0);
	assert_int_equal(source.drop_slot, 0);
	assert_int_equal(source.drop_reason, 0);
}

static void a_source_remembers_what_dropped_last(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n" RULES);
	struct guard_source source;

	send_to(fixture, "192.0.2.1", 79, 100);
	fixture_source(fixture, "192.0.2.1", &source);
	assert_int_equal(source.drop_reason, GUARD_DROP_RULE);
	assert_int_equal(source.drop_slot, 1 + fixture->identity.rules[1].slot);
	send_to(fixture, "192.0.2.1", 78, 100);
	fixture_source(fixture, "192.0.2.1", &source);
	assert_int_equal(source.drop_slot, 1 + fixture->identity.rules[2].slot);
	send_to(fixture, "192.0.2.1", 53, 100);
	fixture_source(fixture, "192.0.2.1", &source);
	assert_int_equal(source.drop_slot, 1 + fixture->identity.rules[2].slot);
}

static void a_source_knows_when_it_was_seen(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n" RULES);
	struct guard_source source;

	send_to(fixture, "192.0.2.1", 53, 100);
	fixture_set_time(fixture, START_NS + NS_PER_DAY);
	send_to(fixture, "192.0.2.1", 79, 100);
	assert_true(fixture_source(fixture, "192.0.2.1", &source));
	assert_int_equal(source.first_seen, START_NS << GUARD_TIME_SHIFT);
	assert_int_equal(source.last_seen, (START_NS + NS_PER_DAY) << GUARD_TIME_SHIFT);
}

/* More packets than the tally word of a source holds. */
static void many_packets_overflow_into_the_wide_count(void **state)
{
	const uint64_t packets = (1 << 23) + 1000;
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\nrules: [{name: banned, to_port: 79, action: drop}]\n");
	struct frame passed = frame_to("192.0.2.1", 53, 1514);
	struct frame dropped = frame_to("192.0.2.1", 79, 60);
	struct guard_source source;

	assert_int_equal(fixture_send_many(fixture, passed.bytes, passed.size, packets), packets);
	assert_int_equal(fixture_send_many(fixture, dropped.bytes, dropped.size, packets), 0);
	assert_true(fixture_source(fixture, "192.0.2.1", &source));
	assert_true(source.passed_wide.packets > 0);
	assert_true(source.dropped_wide.packets > 0);
	check_count("passed", tally(source.passed, source.passed_wide), packets, packets * 1514);
	check_count("dropped", tally(source.dropped, source.dropped_wide), packets, packets * 60);
}

static void an_interface_counts_in_its_own_row(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_with("version: 1\n", &(struct fixture_options){.interface = 3});

	check_frame(fixture, "row 3", FRAME(IPV4(), UDP(53)), "default-pass");
	fixture->interface = 0;
	check_count("row 0", fixture_outcome(fixture, GUARD_PASS_DEFAULT), 0, 0);
	fixture->interface = 4;
	check_count("row 4", fixture_outcome(fixture, GUARD_PASS_DEFAULT), 0, 0);
}

static void without_a_policy_everything_passes(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_with(NULL, &(struct fixture_options){});

	check_frame(fixture, "UDP", FRAME(IPV4(), UDP(53)), "unguarded");
	check_frame(fixture, "malformed", FRAME(IPV6(.total = EXACTLY(9))), "unguarded");
	check_frame(fixture, "ARP", FRAME(OTHER(0x0806)), "unguarded");
	fixture_apply_text(fixture, "version: 1\ndefault: drop\n");
	check_frame(fixture, "UDP, guarded", FRAME(IPV4(), UDP(53)), "default-drop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_count_what_they_decided),
		cmocka_unit_test(outcomes_count_every_packet),
		cmocka_unit_test(a_source_counts_all_its_packets),
		cmocka_unit_test(a_source_remembers_what_dropped_last),
		cmocka_unit_test(a_source_knows_when_it_was_seen),
		cmocka_unit_test(many_packets_overflow_into_the_wide_count),
		cmocka_unit_test(an_interface_counts_in_its_own_row),
		cmocka_unit_test(without_a_policy_everything_passes),
	};

	return CHECK_RUN(tests);
}
