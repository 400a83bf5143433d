/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a limit counts together, several limits at once, and what a refused packet takes: nothing. */
#include "check.h"

#include <inttypes.h>

#define TO_PORT(address, port) FRAME(IPV4(.from = address), UDP(port))
#define FROM(address) TO_PORT(address, 80)
#define FROM6(address) FRAME(IPV6(.from = address), UDP(80))

static void at(struct fixture *fixture, uint64_t ns)
{
	fixture_set_time(fixture, START_NS + ns);
}

/* Of `packets` at one moment exactly so many pass; how many is all that the title says. */
static void check_passed(struct fixture *fixture, const char *title, const struct layer *layers,
			 unsigned packets, unsigned expect)
{
	struct frame frame = frame_of(layers);
	uint64_t passed = fixture_send_many(fixture, frame.bytes, frame.size, packets);

	if (passed != expect)
		fail_msg("%s: %" PRIu64 " of %u passed, not %u", title, passed, packets, expect);
}

static void every_source_has_its_own_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\nrules: [{name: web, limit: {rate: 1/h, burst: 3}}]\n");

	check_passed(fixture, "one", FROM("192.0.2.1"), 5, 3);
	check_passed(fixture, "its neighbour", FROM("192.0.2.2"), 5, 3);
	check_passed(fixture, "IPv6", FROM6("2001:db8::1"), 2, 2);
	check_passed(fixture, "the same /64 is the same source", FROM6("2001:db8::2"), 5, 1);
	check_passed(fixture, "the next /64", FROM6("2001:db8:0:1::1"), 5, 3);
}

static void a_source_is_as_wide_as_the_policy_says(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\n"
				  "sources: {aggregate: {ipv4: 24, ipv6: 48}}\n"
				  "rules: [{name: web, limit: {rate: 1/h, burst: 3}}]\n");

	check_passed(fixture, "one", FROM("192.0.2.1"), 2, 2);
	check_passed(fixture, "another of the /24", FROM("192.0.2.255"), 5, 1);
	check_passed(fixture, "the next /24", FROM("192.0.3.0"), 5, 3);
	check_passed(fixture, "IPv6", FROM6("2001:db8::1"), 2, 2);
	check_passed(fixture, "another of the /48", FROM6("2001:db8:0:ffff::1"), 5, 1);
	check_passed(fixture, "the next /48", FROM6("2001:db8:1::1"), 5, 3);
}

static void a_prefix_shares_one_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - {name: web, limit: {rate: 1/h, burst: 3, per: {ipv4: 25, ipv6: 40}}}\n");

	check_passed(fixture, "one", FROM("192.0.2.1"), 2, 2);
	check_passed(fixture, "another of the /25", FROM("192.0.2.127"), 5, 1);
	check_passed(fixture, "the next /25", FROM("192.0.2.128"), 5, 3);
	check_passed(fixture, "IPv6", FROM6("2001:db8::1"), 2, 2);
	check_passed(fixture, "another of the /40", FROM6("2001:db8:ff::1"), 5, 1);
	check_passed(fixture, "the next /40", FROM6("2001:db8:100::1"), 5, 3);
}

static void a_prefix_may_be_longer_than_a_source(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - {name: web, limit: {rate: 1/h, burst: 3, per: {ipv4: 32, ipv6: 128}}}\n");

	check_passed(fixture, "one", FROM6("2001:db8::1"), 5, 3);
	check_passed(fixture, "its neighbour", FROM6("2001:db8::2"), 5, 3);
	check_passed(fixture, "IPv4", FROM("192.0.2.1"), 5, 3);
}

static void all_share_one_budget(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\nrules: [{name: web, limit: {rate: 1/h, burst: 5, per: all}}]\n");

	check_passed(fixture, "one", FROM("192.0.2.1"), 2, 2);
	check_passed(fixture, "another", FROM("203.0.113.1"), 2, 2);
	check_passed(fixture, "IPv6", FROM6("2001:db8::1"), 5, 1);
	check_passed(fixture, "a fourth", FROM("198.51.100.1"), 5, 0);
}

static void bandwidth_is_shared_alike(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - {name: all, to_port: 80, limit: {bandwidth: 8kbit/s, per: all}}\n"
		"  - {name: net, to_port: 81, limit: {bandwidth: 8kbit/s, per: {ipv4: "
		"24, ipv6: 48}}}\n"
		"  - {name: one, to_port: 82, limit: {bandwidth: 8kbit/s}}\n");

	/* 100 bytes at once; a frame has 42, and an untouched budget takes any. */
	check_passed(fixture, "all", TO_PORT("192.0.2.1", 80), 1, 1);
	check_passed(fixture, "all, another", TO_PORT("203.0.113.1", 80), 3, 1);
	check_passed(fixture, "net", TO_PORT("192.0.2.1", 81), 1, 1);
	check_passed(fixture, "net, its neighbour", TO_PORT("192.0.2.2", 81), 3, 1);
	check_passed(fixture, "net, another", TO_PORT("203.0.113.1", 81), 3, 2);
	check_passed(fixture, "one", TO_PORT("192.0.2.1", 82), 3, 2);
	check_passed(fixture, "one, its neighbour", TO_PORT("192.0.2.2", 82), 3, 2);
}

static void a_limit_counts_only_its_own_rule(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - {name: a, to_port: 80, limit: {rate: 1/h, burst: 3}}\n"
		"  - {name: b, to_port: 81, limit: {rate: 1/h, burst: 4}}\n"
		"  - {name: c, to_port: 82, limit: {rate: 1/h, burst: 5, per: all}}\n"
		"  - {name: d, to_port: 83, limit: {rate: 1/h, burst: 6, per: all}}\n");

	for (unsigned i = 0; i < 4; i++)
		check_passed(fixture, "a rule's packets", TO_PORT("192.0.2.1", 80 + i), 9, 3 + i);
}

/* A source's entry has places for two limits: the others live in a table of their own. */
static void any_number_of_limits_counts_the_same_source(void **state)
{
	char policy[2048], *end = policy + sprintf(policy, "version: 1\nrules:\n");
	_cleanup_fixture_ struct fixture *fixture = NULL;

	for (unsigned i = 0; i < 8; i++)
		end += sprintf(end, "  - {name: r%u, to_port: %u, limit: {rate: 1/m, burst: %u}}\n",
			       i, 80 + i, 1 + i);
	fixture = fixture_from_text(policy);
	for (unsigned minutes = 0; minutes < 3; minutes++) {
		at(fixture, minutes * 60 * NS_PER_S);
		for (unsigned i = 0; i < 8; i++)
			check_passed(fixture, "a limit", TO_PORT("192.0.2.1", 80 + i), 20,
				     minutes ? 1 : 1 + i);
	}
	check_passed(fixture, "another source", TO_PORT("192.0.2.2", 87), 20, 8);
}

#define NESTED \
	"version: 1\n" \
	"rules:\n" \
	"  - name: web\n" \
	"    limits:\n" \
	"      - {rate: 1/s, burst: 6, per: all}\n" \
	"      - {rate: 1/s, burst: 4, per: {ipv4: 24, ipv6: 48}}\n" \
	"      - {rate: 1/s, burst: 2, per: source}\n" \
	"      - {bandwidth: 1Gbit/s, per: all}\n"

static void every_one_of_several_limits_must_hold(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(NESTED);

	check_passed(fixture, "a source", FROM("192.0.2.1"), 9, 2);
	check_passed(fixture, "its neighbour", FROM("192.0.2.2"), 9, 2);
	check_passed(fixture, "the prefix is used up", FROM("192.0.2.3"), 9, 0);
	check_passed(fixture, "another prefix", FROM("203.0.113.1"), 9, 2);
	check_passed(fixture, "all is used up", FROM6("2001:db8::1"), 9, 0);
	at(fixture, NS_PER_S);
	check_passed(fixture, "a second later, one for all", FROM6("2001:db8::1"), 9, 1);
	check_passed(fixture, "and no more", FROM("192.0.2.1"), 9, 0);
}

/* The narrowest says why: a source over its own limit is over-rate, whatever all do. */
static void the_narrowest_limit_is_asked_first(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\n"
				  "rules:\n"
				  "  - name: web\n"
				  "    limits:\n"
				  "      - {bandwidth: 1kbit/s, per: all}\n"
				  "      - {rate: 1/s, burst: 1, per: source}\n");

	check_frame(fixture, "first", FROM("192.0.2.1"), "within-limit web");
	check_frame(fixture, "both are exceeded", FROM("192.0.2.1"), "over-rate web");
	check_frame(fixture, "another source", FROM("192.0.2.2"), "over-bandwidth web");
}

static void what_a_wider_limit_refuses_takes_nothing_from_a_narrower_one(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - name: web\n"
		"    limits:\n"
		"      - {rate: 1/s, burst: 1, per: all}\n"
		"      - {rate: 1/h, burst: 8, per: {ipv4: 24, ipv6: 48}}\n"
		"      - {rate: 1/h, burst: 6, bandwidth: 8kbit/s, per: source}\n");

	/* 42 bytes are earned back in 42 ms, so only what is taken for good would be missed. */
	for (unsigned i = 0; i < 6; i++) {
		at(fixture, i * NS_PER_S);
		check_passed(fixture, "one for all", FROM("192.0.2.1"), 50, 1);
	}
	at(fixture, 6 * NS_PER_S);
	check_frame(fixture, "its own are used up", FROM("192.0.2.1"), "over-rate web");
	check_passed(fixture, "the prefix has two left", FROM("192.0.2.2"), 50, 1);
	at(fixture, 7 * NS_PER_S);
	check_passed(fixture, "the prefix has one left", FROM("192.0.2.2"), 50, 1);
	at(fixture, 8 * NS_PER_S);
	check_passed(fixture, "the prefix has none left", FROM("192.0.2.2"), 50, 0);
}

static void what_a_bandwidth_refuses_takes_nothing_from_the_rate(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: web, limit: {rate: 1/h, burst: 6, bandwidth: 1kbit/s}}]\n");

	for (unsigned i = 0; i < 5; i++) {
		at(fixture, i * NS_PER_S); /* 42 bytes at 125 a second */
		check_frame(fixture, "one passes", FROM("192.0.2.1"), "within-limit web");
		check_frame(fixture, "the next", FROM("192.0.2.1"), "over-bandwidth web");
		check_passed(fixture, "and all others", FROM("192.0.2.1"), 9, 0);
	}
	at(fixture, 5 * NS_PER_S);
	check_frame(fixture, "the last one", FROM("192.0.2.1"), "within-limit web");
	check_frame(fixture, "then the rate", FROM("192.0.2.1"), "over-rate web");
}

static void what_is_refused_takes_no_bandwidth_either(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\n"
				  "rules:\n"
				  "  - name: web\n"
				  "    limits:\n"
				  "      - {rate: 10/s, burst: 1, per: all}\n"
				  "      - {bandwidth: 8kbit/s, per: source}\n");

	check_passed(fixture, "one for all", FROM("192.0.2.1"), 500, 1);
	at(fixture, 100 * NS_PER_MS);
	check_frame(fixture, "the bandwidth is there", FROM("192.0.2.1"), "within-limit web");
}

/* A drop takes nothing, so a flood does not keep its own source from its rate. */
static void a_flood_still_gets_its_rate(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\nrules: [{name: web, limit: {rate: 10/s, burst: 1}}]\n");

	for (unsigned i = 0; i < 100; i++) {
		at(fixture, i * 100 * NS_PER_MS);
		check_passed(fixture, "a flood", FROM("192.0.2.1"), 30, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_source_has_its_own_budget),
		cmocka_unit_test(a_source_is_as_wide_as_the_policy_says),
		cmocka_unit_test(a_prefix_shares_one_budget),
		cmocka_unit_test(a_prefix_may_be_longer_than_a_source),
		cmocka_unit_test(all_share_one_budget),
		cmocka_unit_test(bandwidth_is_shared_alike),
		cmocka_unit_test(a_limit_counts_only_its_own_rule),
		cmocka_unit_test(any_number_of_limits_counts_the_same_source),
		cmocka_unit_test(every_one_of_several_limits_must_hold),
		cmocka_unit_test(the_narrowest_limit_is_asked_first),
		cmocka_unit_test(what_a_wider_limit_refuses_takes_nothing_from_a_narrower_one),
		cmocka_unit_test(what_a_bandwidth_refuses_takes_nothing_from_the_rate),
		cmocka_unit_test(what_is_refused_takes_no_bandwidth_either),
		cmocka_unit_test(a_flood_still_gets_its_rate),
	};

	return CHECK_RUN(tests);
}
