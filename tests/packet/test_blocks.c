/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks by hand: which sources a prefix covers, from when and until when. */
#include "check.h"

#include <string.h>

#include <bpf/bpf.h>

static const struct guard_block by_hand = {.until = GUARD_FOREVER, .flags = GUARD_BLOCK_BY_HAND};

static void check_source(struct fixture *fixture, const char *when, const char *from,
			 const char *expect)
{
	char title[96];

	snprintf(title, sizeof(title), "%s from %s", when, from);
	if (strchr(from, ':'))
		check_frame(fixture, title, FRAME(IPV6(.from = from), UDP(53)), expect);
	else
		check_frame(fixture, title, FRAME(IPV4(.from = from), UDP(53)), expect);
}

struct prefix_case {
	const char *prefix;
	const char *inside[5];
	const char *outside[5];
};

static const struct prefix_case prefix_cases[] = {
	{"192.0.2.7", {"192.0.2.7"}, {"192.0.2.6", "192.0.2.8", "::192.0.2.7"}},
	{"192.0.2.6/31", {"192.0.2.6", "192.0.2.7"}, {"192.0.2.5", "192.0.2.8"}},
	{"192.0.2.0/24", {"192.0.2.0", "192.0.2.255"}, {"192.0.1.255", "192.0.3.0"}},
	{"192.0.2.128/25", {"192.0.2.128", "192.0.2.255"}, {"192.0.2.127", "192.0.3.128"}},
	{"192.0.0.0/8", {"192.0.2.1", "192.255.255.255"}, {"191.255.255.255", "193.0.0.0"}},
	{"128.0.0.0/1", {"192.0.2.1", "255.255.255.255"}, {"127.255.255.255", "2001:db8::1"}},
	{"0.0.0.0/0", {"0.0.0.0", "192.0.2.1", "255.255.255.255"}, {"2001:db8::1", "::"}},
	{"::/0", {"::", "2001:db8::1", "ffff::1"}, {"192.0.2.1", "0.0.0.0"}},
	{"8000::/1", {"8000::", "ffff::1"}, {"2001:db8::1", "7fff::", "192.0.2.1"}},
	{"2001:db8::/32", {"2001:db8::1", "2001:db8:ffff::1"}, {"2001:db9::1", "2001:db7::1"}},
	{"2001:db8:7::/48", {"2001:db8:7::1", "2001:db8:7:ffff::1"}, {"2001:db8:8::1"}},
	{"2001:db8:0:6::/63", {"2001:db8:0:6::1", "2001:db8:0:7::1"}, {"2001:db8:0:8::1"}},
	{"2001:db8::/64", {"2001:db8::1", "2001:db8::ffff:0:0:1"}, {"2001:db8:0:1::1"}},
	{"2001:db8::/65", {"2001:db8::1"}, {"2001:db8::8000:0:0:1", "2001:db8:0:1::1"}},
	{"2001:db8::8000:0:0:0/65", {"2001:db8::8000:0:0:1"}, {"2001:db8::1"}},
	{"2001:db8::6/127", {"2001:db8::6", "2001:db8::7"}, {"2001:db8::5", "2001:db8::8"}},
	{"2001:db8::7", {"2001:db8::7"}, {"2001:db8::6", "2001:db8::8", "2001:db8:0:1::7"}},
};

static void check_prefix(struct fixture *fixture, const struct prefix_case *c)
{
	for (size_t i = 0; c->inside[i]; i++)
		check_source(fixture, "before the block", c->inside[i], "default-pass");
	fixture_block(fixture, c->prefix, &by_hand);
	for (size_t i = 0; c->inside[i]; i++)
		check_source(fixture, c->prefix, c->inside[i], "blocked");
	for (size_t i = 0; c->outside[i]; i++)
		check_source(fixture, c->prefix, c->outside[i], "default-pass");
	assert_true(fixture_unblock(fixture, c->prefix));
	for (size_t i = 0; c->inside[i]; i++)
		check_source(fixture, "after it was lifted", c->inside[i], "default-pass");
}

static void check_prefixes(const char *policy)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);

	for (size_t i = 0; i < ARRAY_SIZE(prefix_cases); i++)
		check_prefix(fixture, &prefix_cases[i]);
}

static void a_prefix_covers_what_it_says(void **state)
{
	check_prefixes("version: 1\n");
}

static void whatever_makes_one_source(void **state)
{
	check_prefixes("version: 1\nsources: {aggregate: {ipv4: 24, ipv6: 48}}\n");
	check_prefixes("version: 1\nsources: {aggregate: {ipv4: 1, ipv6: 1}}\n");
	check_prefixes("version: 1\nsources: {aggregate: {ipv4: 32, ipv6: 128}}\n");
}

static void lengths_add_up(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	static const char *const prefixes[] = {"192.0.2.1",    "192.0.2.0/28", "192.0.2.0/24",
					       "192.0.0.0/16", "2001:db8::1",  "2001:db8::/64",
					       "2001:db8::/40"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		fixture_block(fixture, prefixes[i], &by_hand);
	/* Each is lifted in turn: the next shorter one still holds. */
	for (size_t i = 0; i < 4; i++) {
		check_source(fixture, prefixes[i], "192.0.2.1", "blocked");
		assert_true(fixture_unblock(fixture, prefixes[i]));
	}
	check_source(fixture, "all IPv4 lifted", "192.0.2.1", "default-pass");
	for (size_t i = 4; i < 7; i++) {
		check_source(fixture, prefixes[i], "2001:db8::1", "blocked");
		assert_true(fixture_unblock(fixture, prefixes[i]));
	}
	check_source(fixture, "all lifted", "2001:db8::1", "default-pass");
}

/* As `xdpguard block` and `unblock` leave the tables when they are killed behind what they do. */
static void nobody_trusts_an_answer_while_blocks_change(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	__u32 *generation = &fixture->guard->memory->block_generation;
	struct guard_block_key key = {.bits = 128};
	struct prefix source;
	bool host_bits;

	assert_int_equal(prefix_parse("192.0.2.1", &source, &host_bits), 0);
	key.address = source.address;
	fixture_block(fixture, "198.51.100.1", &by_hand); /* so that its length is looked for */
	check_source(fixture, "known", "192.0.2.1", "default-pass");
	*generation |= 1;
	check_source(fixture, "before the block", "192.0.2.1", "default-pass");
	assert_int_equal(bpf_map_update_elem(fixture->guard->blocks, &key, &by_hand, BPF_ANY), 0);
	check_source(fixture, "blocked, and not announced", "192.0.2.1", "blocked");
	check_source(fixture, "and again", "192.0.2.1", "blocked");
	assert_int_equal(bpf_map_delete_elem(fixture->guard->blocks, &key), 0);
	check_source(fixture, "lifted, and not announced", "192.0.2.1", "default-pass");
	/* The next change ends it, and answers are kept again. */
	assert_true(fixture_unblock(fixture, "198.51.100.1"));
	assert_int_equal(*generation & 1, 0);
	check_source(fixture, "known again", "192.0.2.1", "default-pass");
	assert_int_equal(bpf_map_update_elem(fixture->guard->blocks, &key, &by_hand, BPF_ANY), 0);
	check_source(fixture, "behind the tool's back", "192.0.2.1", "default-pass");
}

static void a_block_holds_until_its_very_end(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	const uint64_t end = START_NS + 3600 * NS_PER_S;
	struct guard_block block = {.until = end << GUARD_TIME_SHIFT, .flags = GUARD_BLOCK_BY_HAND};
	static const char *const prefixes[] = {"192.0.2.0/24", "192.0.2.1", "2001:db8::/48",
					       "2001:db8::1"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		const char *from = i < 2 ? "192.0.2.1" : "2001:db8::1";

		fixture_block(fixture, prefixes[i], &block);
		fixture_set_time(fixture, end - 1);
		check_source(fixture, "a nanosecond before the end", from, "blocked");
		fixture_set_time(fixture, end);
		check_source(fixture, "at the end", from, "default-pass");
		assert_true(fixture_unblock(fixture, prefixes[i]));
	}
}

static void the_longest_of_several_blocks_counts(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct guard_block shorter = {.until = 2 * START_NS << GUARD_TIME_SHIFT};
	struct guard_block longer = {.until = 3 * START_NS << GUARD_TIME_SHIFT};

	fixture_block(fixture, "192.0.2.1", &shorter);
	fixture_block(fixture, "192.0.2.0/24", &longer);
	fixture_block(fixture, "198.51.100.1", &longer);
	fixture_block(fixture, "198.51.100.0/24", &shorter);
	for (unsigned second = 1; second <= 3; second++) {
		const char *expect = second < 3 ? "blocked" : "default-pass";

		fixture_set_time(fixture, second * NS_PER_S);
		check_source(fixture, "the prefix's is longer", "192.0.2.1", expect);
		check_source(fixture, "the prefix's is shorter", "198.51.100.1", expect);
	}
}

/* The block is of rules in monitor mode: no hand sets it, but it sits in the same table. */
static void an_enforced_block_outweighs_a_monitoring_one(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct guard_block monitor = {.until = 3 * START_NS << GUARD_TIME_SHIFT,
				      .flags = GUARD_BLOCK_MONITOR};
	struct guard_block enforced = {.until = 2 * START_NS << GUARD_TIME_SHIFT};

	fixture_block(fixture, "192.0.2.1", &monitor);
	check_source(fixture, "monitoring alone", "192.0.2.1", "would:blocked");
	fixture_block(fixture, "192.0.2.0/24", &enforced);
	fixture_block(fixture, "198.51.100.1", &enforced);
	fixture_block(fixture, "198.51.100.0/24", &monitor);
	check_source(fixture, "the prefix is enforced", "192.0.2.1", "blocked");
	check_source(fixture, "the address is enforced", "198.51.100.1", "blocked");
	fixture_set_time(fixture, 2 * START_NS);
	check_source(fixture, "monitoring remains", "192.0.2.1", "would:blocked");
	check_source(fixture, "monitoring remains", "198.51.100.1", "would:blocked");
}

static void a_full_table_is_counted_and_keeps_what_it_has(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_with(
		"version: 1\n"
		"rules: [{name: web, to_port: 80, limit: {rate: 1/s, burst: 1, block: 1h}}]\n",
		&(struct fixture_options){.blocks = 2});
	const struct layer *const web = FRAME(IPV4(), UDP(80));
	struct guard_block block;

	fixture_block(fixture, "203.0.113.1", &by_hand);
	fixture_block(fixture, "203.0.113.2", &by_hand);
	check_frame(fixture, "first", web, "within-limit web");
	assert_int_equal(fixture->guard->memory->blocks_full, 0);
	check_frame(fixture, "exceeds", web, "over-rate web");
	assert_int_equal(fixture->guard->memory->blocks_full, 1);
	assert_false(fixture_find_block(fixture, "192.0.2.1", &block));
	/* Its limit goes on, and nothing else says that it is blocked. */
	check_frame(fixture, "exceeds again", web, "over-rate web");
	check_source(fixture, "another port", "192.0.2.1", "default-pass");
	fixture_set_time(fixture, START_NS + NS_PER_S);
	check_frame(fixture, "a second later", web, "within-limit web");
	check_source(fixture, "blocked before", "203.0.113.1", "blocked");
	check_source(fixture, "blocked before", "203.0.113.2", "blocked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_covers_what_it_says),
		cmocka_unit_test(whatever_makes_one_source),
		cmocka_unit_test(lengths_add_up),
		cmocka_unit_test(nobody_trusts_an_answer_while_blocks_change),
		cmocka_unit_test(a_block_holds_until_its_very_end),
		cmocka_unit_test(the_longest_of_several_blocks_counts),
		cmocka_unit_test(an_enforced_block_outweighs_a_monitoring_one),
		cmocka_unit_test(a_full_table_is_counted_and_keeps_what_it_has),
	};

	return CHECK_RUN(tests);
}
