/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another policy is put in force: what survives it, and what must not. */
#include "check.h"

#define FROM(address, port) FRAME(IPV4(.from = address), UDP(port))

static void check_passed(struct fixture *fixture, const char *title, const struct layer *layers,
			 unsigned expect)
{
	struct frame frame = frame_of(layers);
	uint64_t passed = fixture_send_many(fixture, frame.bytes, frame.size, 20);

	if (passed != expect)
		fail_msg("%s: %u of 20 passed, not %u", title, (unsigned)passed, expect);
}

static void counters_follow_the_rules_name(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\n"
				  "rules:\n"
				  "  - {name: a, to_port: 80, action: drop}\n"
				  "  - {name: b, to_port: 81, action: drop}\n");

	check_frame(fixture, "a", FROM("192.0.2.1", 80), "rule-drop a");
	check_frame(fixture, "b", FROM("192.0.2.1", 81), "rule-drop b");
	check_frame(fixture, "b", FROM("192.0.2.1", 81), "rule-drop b");
	fixture_apply_text(fixture, "version: 1\n"
				    "rules:\n"
				    "  - {name: new, to_port: 79, action: drop}\n"
				    "  - {name: b, to_port: 80, action: pass}\n"
				    "  - {name: a, to_port: 81, action: drop}\n");
	check_frame(fixture, "a", FROM("192.0.2.1", 81), "rule-drop a");
	check_frame(fixture, "b", FROM("192.0.2.1", 80), "rule-pass b");
	assert_int_equal(fixture_rule(fixture, "a").dropped.packets, 2);
	assert_int_equal(fixture_rule(fixture, "b").dropped.packets, 2);
	assert_int_equal(fixture_rule(fixture, "b").passed.packets, 1);
	assert_int_equal(fixture_rule(fixture, "new").dropped.packets, 0);
	assert_int_equal(fixture_outcome(fixture, GUARD_DROP_RULE).packets, 4);
}

#define MANY 1000

/* As many rules as their names and ports differ; no other generation has one of their names. */
static char *many_rules(unsigned generation)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	fputs("version: 1\nrules:\n", file);
	for (unsigned i = 0; i < MANY; i++)
		fprintf(file,
			"  - {name: g%u-%u, to_port: %u, limit: {rate: 1/h, burst: 3, per: all}}\n",
			generation, i, i);
	fclose(file);
	return text;
}

static void use_every_rule(struct fixture *fixture, unsigned generation)
{
	char name[32];

	for (unsigned i = 0; i < MANY; i++) {
		struct frame frame = frame_of(FROM("192.0.2.1", i));

		snprintf(name, sizeof(name), "g%u-%u", generation, i);
		assert_int_equal(fixture_send_many(fixture, frame.bytes, frame.size, 4), 3);
		assert_int_equal(fixture_rule(fixture, name).passed.packets, 3);
		assert_int_equal(fixture_rule(fixture, name).dropped.packets, 1);
	}
}

/* There are twice as many slots as rules: the third generation counts where the first did. */
static void a_new_rule_starts_at_nothing(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");

	for (unsigned generation = 0; generation < 5; generation++) {
		_cleanup_free_ char *policy = many_rules(generation);

		fixture_apply_text(fixture, policy);
		use_every_rule(fixture, generation);
	}
}

static void a_rule_that_comes_back_starts_at_nothing(void **state)
{
	static const char with[] = "version: 1\nrules: [{name: a, action: drop}]\n";
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(with);

	check_frame(fixture, "a", FROM("192.0.2.1", 80), "rule-drop a");
	fixture_apply_text(fixture, "version: 1\n");
	check_frame(fixture, "without it", FROM("192.0.2.1", 80), "default-pass");
	fixture_apply_text(fixture, with);
	assert_int_equal(fixture_rule(fixture, "a").dropped.packets, 0);
}

#define LIMITED(rate, per) \
	"version: 1\n" \
	"rules: [{name: web, limit: {rate: " rate ", burst: 10, per: " per "}}]\n"

static void budgets_survive_a_changed_rate(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{LIMITED("1/h", "source"), LIMITED("2/h", "source")},
		{LIMITED("1/h", "all"), LIMITED("2/h", "all")},
		{LIMITED("1/h", "{ipv4: 24, ipv6: 48}"), LIMITED("2/h", "{ipv4: 24, ipv6: 48}")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_fixture_ struct fixture *fixture = fixture_from_text(cases[i].before);

		check_passed(fixture, cases[i].before, FROM("192.0.2.1", 80), 10);
		fixture_apply_text(fixture, cases[i].after);
		check_passed(fixture, "still used up", FROM("192.0.2.1", 80), 0);
		/* Of ten hours' worth one is earned back; at the new rate that is room for two. */
		fixture_set_time(fixture, START_NS + NS_PER_HOUR);
		check_passed(fixture, "still far ahead", FROM("192.0.2.1", 80), 0);
		fixture_set_time(fixture, START_NS + 6 * NS_PER_HOUR);
		check_passed(fixture, "earned back", FROM("192.0.2.1", 80), 2);
	}
}

static void a_budget_of_another_kind_is_another_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(LIMITED("1/h", "source"));

	check_passed(fixture, "per source", FROM("192.0.2.1", 80), 10);
	fixture_apply_text(fixture, LIMITED("1/h", "all"));
	check_passed(fixture, "per all", FROM("192.0.2.1", 80), 10);
	fixture_apply_text(fixture, LIMITED("1/h", "{ipv4: 24, ipv6: 48}"));
	check_passed(fixture, "per /24", FROM("192.0.2.1", 80), 10);
	fixture_apply_text(fixture, LIMITED("1/h", "{ipv4: 25, ipv6: 48}"));
	check_passed(fixture, "per /25", FROM("192.0.2.1", 80), 10);
}

static void trying_a_rule_and_promoting_it_is_one_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: web, mode: monitor, limit: {rate: 1/h, burst: 2}}]\n");

	check_frame(fixture, "first", FROM("192.0.2.1", 80), "within-limit web");
	check_frame(fixture, "second", FROM("192.0.2.1", 80), "within-limit web");
	check_frame(fixture, "third", FROM("192.0.2.1", 80), "would:over-rate web");
	fixture_apply_text(fixture, "version: 1\n"
				    "rules: [{name: web, limit: {rate: 1/h, burst: 2}}]\n");
	check_frame(fixture, "promoted", FROM("192.0.2.1", 80), "over-rate web");
}

#define THREE_LIMITS(rate) \
	"version: 1\n" \
	"rules:\n" \
	"  - {name: a, to_port: 80, limit: {rate: 1M/s, burst: 10}}\n" \
	"  - {name: b, to_port: 81, limit: {rate: 1M/s, burst: 10}}\n" \
	"  - {name: c, to_port: 82, limit: {rate: " rate ", burst: 10}}\n"

/* Limits that found a place in the source's entry are idle when the swap comes, so that place is free. */
static void a_budget_outside_of_the_entry_survives_as_well(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(THREE_LIMITS("1/h"));

	for (unsigned port = 80; port <= 82; port++)
		check_passed(fixture, "a burst", FROM("192.0.2.1", port), 10);
	fixture_set_time(fixture, START_NS + NS_PER_S);
	fixture_apply_text(fixture, THREE_LIMITS("2/h"));
	check_passed(fixture, "the third is used up", FROM("192.0.2.1", 82), 0);
	check_passed(fixture, "the first is not", FROM("192.0.2.1", 80), 10);
}

/* The first place of the source's entry is free again, the second is not. */
static void a_budget_does_not_leave_its_place_for_a_free_one(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(THREE_LIMITS("1/h"));

	check_passed(fixture, "a burst that is soon earned back", FROM("192.0.2.1", 80), 10);
	check_passed(fixture, "one that is not", FROM("192.0.2.1", 82), 10);
	fixture_set_time(fixture, START_NS + NS_PER_S);
	fixture_apply_text(fixture, THREE_LIMITS("2/h"));
	check_passed(fixture, "it is still used up", FROM("192.0.2.1", 82), 0);
	check_passed(fixture, "the other is not", FROM("192.0.2.1", 80), 10);
}

static void blocks_survive(void **state)
{
	const struct guard_block by_hand = {.until = GUARD_FOREVER, .flags = GUARD_BLOCK_BY_HAND};
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: web, limit: {rate: 1/h, burst: 1, block: 1h}}]\n");

	fixture_block(fixture, "203.0.113.0/24", &by_hand);
	check_frame(fixture, "first", FROM("192.0.2.1", 80), "within-limit web");
	check_frame(fixture, "exceeds", FROM("192.0.2.1", 80), "over-rate web");
	fixture_apply_text(fixture, "version: 1\n");
	check_frame(fixture, "without its rule", FROM("192.0.2.1", 80), "blocked");
	check_frame(fixture, "by hand", FROM("203.0.113.1", 80), "blocked");
	fixture_set_time(fixture, START_NS + NS_PER_HOUR);
	check_frame(fixture, "to its end", FROM("192.0.2.1", 80), "default-pass");
	check_frame(fixture, "for ever", FROM("203.0.113.1", 80), "blocked");
}

static void a_known_source_is_looked_up_again(void **state)
{
	static const char in[] = "version: 1\nrules: [{name: a, from: 192.0.2.1, action: drop}]\n";
	static const char out[] = "version: 1\nrules: [{name: a, from: 192.0.2.2, action: drop}]\n";
	static const char pass[] =
		"version: 1\nrules: [{name: a, from: 192.0.2.1, action: pass}]\n";
	const struct guard_block by_hand = {.until = GUARD_FOREVER};
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(in);

	for (unsigned i = 0; i < 3; i++) {
		check_frame(fixture, "in", FROM("192.0.2.1", 80), "rule-drop a");
		check_frame(fixture, "again", FROM("192.0.2.1", 80), "rule-drop a");
		fixture_apply_text(fixture, out);
		check_frame(fixture, "out", FROM("192.0.2.1", 80), "default-pass");
		fixture_apply_text(fixture, in);
	}
	fixture_block(fixture, "192.0.2.1", &by_hand);
	check_frame(fixture, "blocked", FROM("192.0.2.1", 80), "blocked");
	fixture_apply_text(fixture, pass);
	check_frame(fixture, "allowed, though blocked", FROM("192.0.2.1", 80), "rule-pass a");
}

#define AGGREGATE(bits) "version: 1\nsources: {aggregate: {ipv4: " #bits ", ipv6: 64}}\n"

/* The address that an aggregate is named by may have been a source, with answers of its own. */
static void another_aggregate_makes_other_sources(void **state)
{
	const struct guard_block by_hand = {.until = GUARD_FOREVER};
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(AGGREGATE(32));

	fixture_block(fixture, "192.0.2.0", &by_hand);
	check_frame(fixture, "blocked", FROM("192.0.2.0", 80), "blocked");
	fixture_apply_text(fixture, AGGREGATE(24));
	check_frame(fixture, "its neighbour", FROM("192.0.2.1", 80), "default-pass");
	check_frame(fixture, "still blocked", FROM("192.0.2.0", 80), "blocked");
	fixture_apply_text(fixture, AGGREGATE(32));
	check_frame(fixture, "blocked as before", FROM("192.0.2.0", 80), "blocked");
	check_frame(fixture, "its neighbour, alone", FROM("192.0.2.1", 80), "default-pass");
}

static void the_default_and_the_mode_change_at_once(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");

	check_frame(fixture, "pass", FROM("192.0.2.1", 80), "default-pass");
	fixture_apply_text(fixture, "version: 1\ndefault: drop\n");
	check_frame(fixture, "drop", FROM("192.0.2.1", 80), "default-drop");
	fixture_apply_text(fixture, "version: 1\ndefault: drop\nmode: monitor\n");
	check_frame(fixture, "monitor", FROM("192.0.2.1", 80), "would:default-drop");
	fixture_apply_text(fixture, "version: 1\n");
	check_frame(fixture, "pass again", FROM("192.0.2.1", 80), "default-pass");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_follow_the_rules_name),
		cmocka_unit_test(a_new_rule_starts_at_nothing),
		cmocka_unit_test(a_rule_that_comes_back_starts_at_nothing),
		cmocka_unit_test(budgets_survive_a_changed_rate),
		cmocka_unit_test(a_budget_of_another_kind_is_another_budget),
		cmocka_unit_test(trying_a_rule_and_promoting_it_is_one_budget),
		cmocka_unit_test(a_budget_outside_of_the_entry_survives_as_well),
		cmocka_unit_test(a_budget_does_not_leave_its_place_for_a_free_one),
		cmocka_unit_test(blocks_survive),
		cmocka_unit_test(a_known_source_is_looked_up_again),
		cmocka_unit_test(another_aggregate_makes_other_sources),
		cmocka_unit_test(the_default_and_the_mode_change_at_once),
	};

	return CHECK_RUN(tests);
}
