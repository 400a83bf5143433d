/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decides about a packet, step by step in the order of docs/policy.md, and what monitoring changes. */
#include "check.h"

#include <string.h>

#define FROM(address, ...) FRAME(IPV4(.from = address), __VA_ARGS__)
#define FROM6(address, ...) FRAME(IPV6(.from = address), __VA_ARGS__)

#define RULES \
	"rules:\n" \
	"  - {name: trusted, from: [192.0.2.1, 192.0.2.2, 2001:db8:1::/64], action: pass}\n" \
	"  - {name: banned, from: [203.0.113.1, 203.0.113.2, 2001:db8:2::/64], action: drop}\n" \
	"  - {name: web, to_port: 80, limit: {rate: 1/h, burst: 1}}\n" \
	"  - {name: bulk, to_port: 81, limit: {bandwidth: 1kbit/s}}\n"

static const char *const blocked_by_hand[] = {
	"192.0.2.2", "203.0.113.2", "198.51.100.2", "2001:db8:1::/48", "2001:db8:4::/48",
};

/* In order: limits remember what went before. */
static const struct check_case steps[] = {
	{"1: ARP is not ours", FRAME(OTHER(0x0806)), "other"},
	{"2: malformed, whoever sends it", FROM("192.0.2.1", UDP(53, .total = EXACTLY(7))),
	 "malformed"},
	{"2: malformed, though blocked", FROM("198.51.100.2", UDP(53, .total = EXACTLY(7))),
	 "malformed"},
	{"3: a rule that passes", FROM("192.0.2.1", UDP(53)), "rule-pass trusted"},
	{"3: a rule that passes, before a block", FROM("192.0.2.2", UDP(53)), "rule-pass trusted"},
	{"3: likewise in IPv6", FROM6("2001:db8:1::1", UDP(53)), "rule-pass trusted"},
	{"3: and before a limit", FROM("192.0.2.2", UDP(80)), "rule-pass trusted"},
	{"4: a block, before the rule that drops", FROM("203.0.113.2", UDP(53)), "blocked"},
	{"4: a block, before a limit", FROM("198.51.100.2", UDP(80)), "blocked"},
	{"4: a block, where no rule matches", FROM("198.51.100.2", UDP(53)), "blocked"},
	{"4: a block of a prefix in IPv6", FROM6("2001:db8:4:5::6", UDP(53)), "blocked"},
	{"4: a block, before neighbour discovery", FROM6("2001:db8:4::1", ICMPV6(135)), "blocked"},
	{"5: a rule that drops", FROM("203.0.113.1", UDP(53)), "rule-drop banned"},
	{"5: likewise in IPv6", FROM6("2001:db8:2::1", UDP(80)), "rule-drop banned"},
	{"5: a rate that holds", FROM("198.51.100.1", UDP(80)), "within-limit web"},
	{"5: a rate that does not", FROM("198.51.100.1", UDP(80)), "over-rate web"},
	{"5: another source's", FROM6("2001:db8:3::1", TCP(80)), "within-limit web"},
	{"5: a bandwidth that holds", FROM("198.51.100.1", UDP(81), PAYLOAD(200)),
	 "within-limit bulk"},
	{"5: a bandwidth that does not", FROM("198.51.100.1", UDP(81)), "over-bandwidth bulk"},
	{"6: no rule matches", FROM("198.51.100.1", UDP(53)), "default-drop"},
	{"6: no rule matches in IPv6", FROM6("2001:db8:3::1", UDP(53)), "default-drop"},
	{"6: neighbour discovery", FROM6("2001:db8:3::1", ICMPV6(135)), "neighbour-discovery"},
};

static const struct guard_block by_hand = {.until = GUARD_FOREVER, .flags = GUARD_BLOCK_BY_HAND};

static struct fixture *start_with_blocks(const char *policy)
{
	struct fixture *fixture = fixture_from_text(policy);

	for (size_t i = 0; i < ARRAY_SIZE(blocked_by_hand); i++)
		fixture_block(fixture, blocked_by_hand[i], &by_hand);
	return fixture;
}

static void every_step_decides_in_its_turn(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		start_with_blocks("version: 1\ndefault: drop\n" RULES);

	check_cases(fixture, steps, ARRAY_SIZE(steps));
}

static bool is_drop(const char *expect)
{
	return !strncmp(expect, "malformed", 9) || !strncmp(expect, "blocked", 7) ||
	       strstr(expect, "-drop") || !strncmp(expect, "over-", 5);
}

static void monitor_mode_counts_every_drop_and_passes(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		start_with_blocks("version: 1\nmode: monitor\ndefault: drop\n" RULES);
	char expect[64];

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		snprintf(expect, sizeof(expect), "%s%s", is_drop(steps[i].expect) ? "would:" : "",
			 steps[i].expect);
		check_frame(fixture, steps[i].title, steps[i].frame, expect);
	}
}

static const struct check_case default_pass_cases[] = {
	{"no rule matches", FROM("198.51.100.1", UDP(53)), "default-pass"},
	{"no rule matches in IPv6", FROM6("2001:db8:3::1", UDP(53)), "default-pass"},
	{"neighbour discovery is nothing special", FROM6("2001:db8:3::1", ICMPV6(135)),
	 "default-pass"},
	{"a block still drops", FROM("198.51.100.2", UDP(53)), "blocked"},
	{"a rule still drops", FROM("203.0.113.1", UDP(53)), "rule-drop banned"},
};

static void by_default_what_no_rule_names_passes(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = start_with_blocks("version: 1\n" RULES);

	check_cases(fixture, default_pass_cases, ARRAY_SIZE(default_pass_cases));
}

static const struct check_case malformed_pass_cases[] = {
	{"malformed", FROM("203.0.113.1", UDP(53, .total = EXACTLY(7))), "malformed-passed"},
	{"malformed and blocked", FROM("198.51.100.2", UDP(53, .total = EXACTLY(7))),
	 "malformed-passed"},
	{"well-formed", FROM("203.0.113.1", UDP(53)), "rule-drop banned"},
};

static void malformed_packets_may_pass(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		start_with_blocks("version: 1\nmalformed: pass\ndefault: drop\n" RULES);

	check_cases(fixture, malformed_pass_cases, ARRAY_SIZE(malformed_pass_cases));
}

static const struct check_case neighbour_cases[] = {
	{"router solicitation", FRAME(IPV6(), ICMPV6(133)), "neighbour-discovery"},
	{"router advertisement", FRAME(IPV6(), ICMPV6(134)), "neighbour-discovery"},
	{"neighbour solicitation", FRAME(IPV6(), ICMPV6(135)), "neighbour-discovery"},
	{"neighbour advertisement", FRAME(IPV6(), ICMPV6(136)), "neighbour-discovery"},
	{"redirect", FRAME(IPV6(), ICMPV6(137)), "neighbour-discovery"},
	{"the type before", FRAME(IPV6(), ICMPV6(132)), "default-drop"},
	{"the type after", FRAME(IPV6(), ICMPV6(138)), "default-drop"},
	{"an echo", FRAME(IPV6(), ICMPV6(128)), "default-drop"},
	{"behind an extension header", FRAME(IPV6(), EXTENSION(60), ICMPV6(135)),
	 "neighbour-discovery"},
	{"in a VLAN", FRAME(TAG(0x8100), IPV6(), ICMPV6(135)), "neighbour-discovery"},
	{"a later fragment that looks like it", FRAME(IPV6(), FRAGMENT(.offset = 1), ICMPV6(135)),
	 "default-drop"},
	{"ICMP's types are others", FRAME(IPV4(), ICMP(135)), "default-drop"},
	{"ICMP in IPv6 is not it", FRAME(IPV6(), ICMP(135)), "default-drop"},
	{"ICMPv6 in IPv4 is not it", FRAME(IPV4(), ICMPV6(135)), "default-drop"},
};

static void neighbour_discovery_passes_a_default_drop(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\ndefault: drop\n");

	check_cases(fixture, neighbour_cases, ARRAY_SIZE(neighbour_cases));
}

static void neighbour_discovery_that_a_rule_names_obeys_it(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\ndefault: drop\n"
				  "rules: [{name: v6, protocol: icmpv6, action: drop}]\n");

	check_frame(fixture, "named", FRAME(IPV6(), ICMPV6(135)), "rule-drop v6");
}

/* In order. */
static const struct check_case monitor_rule_cases[] = {
	{"a rule that would drop", FRAME(IPV4(), UDP(81)), "would:rule-drop watched"},
	{"another that does", FRAME(IPV4(), UDP(82)), "rule-drop real"},
	{"a limit that holds", FRAME(IPV4(), UDP(80)), "within-limit tried"},
	{"a limit that does not", FRAME(IPV4(), UDP(80)), "would:over-rate tried"},
	{"and again: what would be dropped takes nothing", FRAME(IPV4(), UDP(80)),
	 "would:over-rate tried"},
	{"a limit that does not monitor", FRAME(IPV4(), TCP(84)), "within-limit both"},
	{"and does not hold", FRAME(IPV4(), UDP(84)), "over-rate both"},
	{"the default", FRAME(IPV4(), UDP(53)), "default-drop"},
	{"what is malformed", FRAME(IPV4(), UDP(53, .total = EXACTLY(7))), "malformed"},
};

static void a_rule_may_monitor_alone(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"default: drop\n"
		"rules:\n"
		"  - {name: tried, mode: monitor, to_port: 80, limit: {rate: 1/h, burst: 1}}\n"
		"  - {name: watched, mode: monitor, to_port: 81, action: drop}\n"
		"  - {name: real, to_port: 82, action: drop}\n"
		"  - {name: both, to_port: 84, limit: {rate: 1/h, burst: 1}}\n");

	check_cases(fixture, monitor_rule_cases, ARRAY_SIZE(monitor_rule_cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_decides_in_its_turn),
		cmocka_unit_test(monitor_mode_counts_every_drop_and_passes),
		cmocka_unit_test(by_default_what_no_rule_names_passes),
		cmocka_unit_test(malformed_packets_may_pass),
		cmocka_unit_test(neighbour_discovery_passes_a_default_drop),
		cmocka_unit_test(neighbour_discovery_that_a_rule_names_obeys_it),
		cmocka_unit_test(a_rule_may_monitor_alone),
	};

	return CHECK_RUN(tests);
}
