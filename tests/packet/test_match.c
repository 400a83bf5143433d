/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every match key of a rule: what it matches, and what it does not. */
#include "check.h"

#include <string.h>

#define FROM(address) FRAME(IPV4(.from = address), UDP(53))
#define FROM6(address) FRAME(IPV6(.from = address), UDP(53))
#define TO(address) FRAME(IPV4(.to = address), UDP(53))
#define TO6(address) FRAME(IPV6(.to = address), UDP(53))
#define FLAGS(set) FRAME(IPV4(), TCP(80, .flags = set))

struct match_case {
	const char *match; /* the rule, besides its name and action */
	const struct layer *yes[8];
	const struct layer *no[8];
};

static const struct match_case address_cases[] = {
	{"from: 192.0.2.7",
	 {FROM("192.0.2.7")},
	 {FROM("192.0.2.6"), FROM("192.0.2.8"), TO("192.0.2.7"), FROM6("::192.0.2.7")}},
	{"from: 192.0.2.0/24",
	 {FROM("192.0.2.0"), FROM("192.0.2.255")},
	 {FROM("192.0.1.255"), FROM("192.0.3.0"), FROM6("2001:db8::1")}},
	{"from: 192.0.2.128/25", {FROM("192.0.2.128")}, {FROM("192.0.2.127"), FROM("192.0.3.128")}},
	{"from: 0.0.0.0/0",
	 {FROM("0.0.0.0"), FROM("192.0.2.1"), FROM("255.255.255.255")},
	 {FROM6("::"), FROM6("2001:db8::1")}},
	{"from: \"::/0\"",
	 {FROM6("::"), FROM6("2001:db8::1"), FROM6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")},
	 {FROM("0.0.0.0"), FROM("192.0.2.1")}},
	{"from: 2001:db8::/32",
	 {FROM6("2001:db8::"), FROM6("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")},
	 {FROM6("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"), FROM6("2001:db9::"), FROM("192.0.2.1")}},
	{"from: 2001:db8:0:1::/64",
	 {FROM6("2001:db8:0:1::"), FROM6("2001:db8:0:1:ffff:ffff:ffff:ffff")},
	 {FROM6("2001:db8:0:0:ffff:ffff:ffff:ffff"), FROM6("2001:db8:0:2::")}},
	{"from: [192.0.2.7, 198.51.100.0/24, 2001:db8:7::/48]",
	 {FROM("192.0.2.7"), FROM("198.51.100.255"), FROM6("2001:db8:7::1")},
	 {FROM("192.0.2.1"), FROM("203.0.113.1"), FROM6("2001:db8:8::1")}},
	{"from: office",
	 {FROM("192.0.2.1"), FROM6("2001:db8:1::1")},
	 {FROM("198.51.100.1"), FROM6("2001:db8:2::1")}},
	{"from: partners",
	 {FROM("192.0.2.1"), FROM("203.0.113.9"), FROM6("2001:db8:1::1")},
	 {FROM("203.0.113.8"), FROM6("2001:db8:2::1")}},
	{"from: [office, 203.0.113.64/26]",
	 {FROM("192.0.2.1"), FROM("203.0.113.64")},
	 {FROM("203.0.113.63"), FROM("203.0.113.128")}},
	{"not_from: office",
	 {FROM("198.51.100.1"), FROM6("2001:db8:2::1")},
	 {FROM("192.0.2.1"), FROM6("2001:db8:1::1")}},
	{"from: 192.0.2.0/24, not_from: 192.0.2.64/26",
	 {FROM("192.0.2.63"), FROM("192.0.2.128")},
	 {FROM("192.0.2.64"), FROM("192.0.2.127"), FROM("198.51.100.1")}},
	{"from: 192.0.2.64/26, not_from: 192.0.2.0/24",
	 {},
	 {FROM("192.0.2.64"), FROM("192.0.2.1")}},
	{"to: 198.51.100.53",
	 {TO("198.51.100.53")},
	 {TO("198.51.100.52"), TO("198.51.100.54"), FROM("198.51.100.53"), TO6("2001:db8::1")}},
	{"to: [198.51.100.0/25, 2001:db8:53::/64]",
	 {TO("198.51.100.127"), TO6("2001:db8:53::53")},
	 {TO("198.51.100.128"), TO6("2001:db8:53:1::53")}},
	{"to: office", {TO("192.0.2.255"), TO6("2001:db8:1::")}, {TO("192.0.3.0")}},
	{"not_to: office",
	 {TO("192.0.3.0"), TO6("2001:db8:2::")},
	 {TO("192.0.2.255"), TO6("2001:db8:1::")}},
	{"to: 2001:db8:53::53",
	 {TO6("2001:db8:53::53")},
	 {TO6("2001:db8:53::52"), TO6("2001:db8:53::54"), TO6("2001:db8:53:0:1::53")}},
	{"from: office, to: 198.51.100.0/24",
	 {FRAME(IPV4(.from = "192.0.2.9", .to = "198.51.100.9"))},
	 {FRAME(IPV4(.from = "192.0.2.9", .to = "203.0.113.9")),
	  FRAME(IPV4(.from = "203.0.113.9", .to = "198.51.100.9"))}},
};

/* Longer than what makes one source (32 and 64 bits, 24 and 48 in the second policy). */
static const struct match_case long_prefix_cases[] = {
	{"from: 2001:db8::7",
	 {FROM6("2001:db8::7")},
	 {FROM6("2001:db8::6"), FROM6("2001:db8::8"), FROM6("2001:db8::1:0:0:7")}},
	{"from: 2001:db8::8000:0:0:0/65",
	 {FROM6("2001:db8::8000:0:0:0"), FROM6("2001:db8::ffff:ffff:ffff:ffff")},
	 {FROM6("2001:db8::"), FROM6("2001:db8::7fff:ffff:ffff:ffff"), FROM6("2001:db8:0:1::")}},
	{"from: 2001:db8::/64, not_from: 2001:db8::7",
	 {FROM6("2001:db8::6"), FROM6("2001:db8::8")},
	 {FROM6("2001:db8::7")}},
};

static const struct match_case aggregated_cases[] = {
	{"from: 192.0.2.7",
	 {FROM("192.0.2.7")},
	 {FROM("192.0.2.6"), FROM("192.0.2.8"), FROM("192.0.2.0")}},
	{"from: 192.0.2.128/25", {FROM("192.0.2.128")}, {FROM("192.0.2.127"), FROM("192.0.2.0")}},
	{"from: 2001:db8:0:1::/64",
	 {FROM6("2001:db8:0:1::1")},
	 {FROM6("2001:db8::1"), FROM6("2001:db8:0:2::1")}},
	{"from: 2001:db8:0:1::7", {FROM6("2001:db8:0:1::7")}, {FROM6("2001:db8:0:1::8")}},
};

static const struct match_case protocol_cases[] = {
	{"protocol: tcp",
	 {FRAME(IPV4(), TCP(1)), FRAME(IPV6(), TCP(1)), FRAME(IPV4(), TCP(1, .flags = 0xff))},
	 {FRAME(IPV4(), UDP(1)), FRAME(IPV4(), ICMP(6))}},
	{"protocol: udp",
	 {FRAME(IPV4(), UDP(1)), FRAME(IPV6(), UDP(1))},
	 {FRAME(IPV4(), TCP(1)), FRAME(IPV4(), SCTP(1))}},
	{"protocol: icmp", {FRAME(IPV4(), ICMP(8))}, {FRAME(IPV6(), ICMPV6(128)), FRAME(IPV4())}},
	{"protocol: icmpv6", {FRAME(IPV6(), ICMPV6(128))}, {FRAME(IPV4(), ICMP(8))}},
	{"protocol: sctp", {FRAME(IPV4(), SCTP(1))}, {FRAME(IPV4(), TCP(1))}},
	{"protocol: gre", {FRAME(IPV4(), GRE())}, {FRAME(IPV4(), ESP())}},
	{"protocol: esp", {FRAME(IPV4(), ESP()), FRAME(IPV6(), ESP())}, {FRAME(IPV4(), GRE())}},
	{"protocol: 47", {FRAME(IPV4(), GRE())}, {FRAME(IPV4(), ESP())}},
	{"protocol: 0",
	 {FRAME(IPV4(.protocol = EXACTLY(0)))},
	 {FRAME(IPV4()), FRAME(IPV4(), TCP(1))}},
	{"protocol: 255",
	 {FRAME(IPV4(.protocol = EXACTLY(255)))},
	 {FRAME(IPV4(.protocol = EXACTLY(254)))}},
	{"protocol: [tcp, udp, 253]",
	 {FRAME(IPV4(), TCP(1)), FRAME(IPV4(), UDP(1)), FRAME(IPV4())},
	 {FRAME(IPV4(), SCTP(1)), FRAME(IPV4(), ICMP(8))}},
};

static const struct match_case port_cases[] = {
	{"to_port: 53",
	 {FRAME(IPV4(), TCP(53)), FRAME(IPV4(), UDP(53)), FRAME(IPV6(), SCTP(53))},
	 {FRAME(IPV4(), UDP(52)), FRAME(IPV4(), UDP(54)), FRAME(IPV4(), UDP(1, .from_port = 53)),
	  FRAME(IPV4(), ICMP(53)), FRAME(IPV4(.offset = 1), UDP(53))}},
	{"protocol: udp, to_port: 53", {FRAME(IPV4(), UDP(53))}, {FRAME(IPV4(), TCP(53))}},
	{"to_port: 0", {FRAME(IPV4(), UDP(0))}, {FRAME(IPV4(), UDP(1)), FRAME(IPV4())}},
	{"to_port: 65535",
	 {FRAME(IPV4(), UDP(65535))},
	 {FRAME(IPV4(), UDP(65534)), FRAME(IPV4(), UDP(0)), FRAME(IPV4(), ICMP(8))}},
	{"to_port: 0-65535",
	 {FRAME(IPV4(), UDP(0)), FRAME(IPV4(), TCP(65535))},
	 {FRAME(IPV4()), FRAME(IPV4(), ICMP(8)), FRAME(IPV4(.offset = 1), UDP(53))}},
	{"to_port: \"8000-8099\"",
	 {FRAME(IPV4(), TCP(8000)), FRAME(IPV4(), TCP(8099))},
	 {FRAME(IPV4(), TCP(7999)), FRAME(IPV4(), TCP(8100))}},
	{"protocol: tcp, to_port: [ssh, 443, 8000-8009]",
	 {FRAME(IPV4(), TCP(22)), FRAME(IPV4(), TCP(443)), FRAME(IPV4(), TCP(8009))},
	 {FRAME(IPV4(), TCP(23)), FRAME(IPV4(), TCP(442)), FRAME(IPV4(), TCP(8010)),
	  FRAME(IPV4(), UDP(443))}},
	{"protocol: udp, from_port: [53, 123]",
	 {FRAME(IPV4(), UDP(40000, .from_port = 53)), FRAME(IPV6(), UDP(1, .from_port = 123))},
	 {FRAME(IPV4(), UDP(53)), FRAME(IPV4(), TCP(1, .from_port = 53)),
	  FRAME(IPV4(.offset = 1), UDP(1, .from_port = 53))}},
	{"from_port: 1024-65535",
	 {FRAME(IPV4(), UDP(1, .from_port = 1024))},
	 {FRAME(IPV4(), UDP(1, .from_port = 1023))}},
	{"from_port: 7, to_port: 9",
	 {FRAME(IPV4(), UDP(9, .from_port = 7))},
	 {FRAME(IPV4(), UDP(7, .from_port = 9)), FRAME(IPV4(), UDP(9)),
	  FRAME(IPV4(), UDP(8, .from_port = 7))}},
};

static const struct match_case flag_cases[] = {
	{"tcp_flags: [syn]",
	 {FLAGS(TCP_SYN), FLAGS(TCP_SYN | TCP_ACK), FLAGS(0xff)},
	 {FLAGS(0), FLAGS(TCP_ACK), FLAGS(0xff & ~TCP_SYN), FRAME(IPV4(), UDP(80))}},
	{"tcp_flags: [syn, \"!ack\"]",
	 {FLAGS(TCP_SYN), FLAGS(TCP_SYN | TCP_ECE | TCP_CWR), FLAGS(0xff & ~TCP_ACK)},
	 {FLAGS(TCP_SYN | TCP_ACK), FLAGS(TCP_ACK), FLAGS(0)}},
	{"tcp_flags: [\"!syn\", \"!ack\", \"!rst\", \"!fin\"]",
	 {FLAGS(0), FLAGS(TCP_PSH | TCP_URG | TCP_ECE | TCP_CWR)},
	 {FLAGS(TCP_SYN), FLAGS(TCP_ACK), FLAGS(TCP_RST), FLAGS(TCP_FIN)}},
	{"tcp_flags: [fin, psh, urg]",
	 {FLAGS(TCP_FIN | TCP_PSH | TCP_URG)},
	 {FLAGS(TCP_FIN | TCP_PSH), FLAGS(TCP_FIN | TCP_URG), FLAGS(TCP_PSH | TCP_URG)}},
	{"tcp_flags: [ece, cwr]", {FLAGS(TCP_ECE | TCP_CWR)}, {FLAGS(TCP_ECE), FLAGS(TCP_CWR)}},
	{"tcp_flags: [rst]",
	 {FLAGS(TCP_RST), FRAME(IPV6(), TCP(80, .flags = TCP_RST)),
	  FRAME(IPV4(.more = true), TCP(80, .flags = TCP_RST))},
	 {FLAGS(TCP_SYN), FRAME(IPV4(.offset = 1), TCP(80, .flags = TCP_RST)),
	  FRAME(IPV4(), SCTP(80)), FRAME(IPV4(), GRE())}},
	{"tcp_flags: [syn], to_port: 80, fragment: false",
	 {FLAGS(TCP_SYN)},
	 {FRAME(IPV4(.more = true), TCP(80, .flags = TCP_SYN)),
	  FRAME(IPV4(), TCP(81, .flags = TCP_SYN))}},
};

static const struct match_case fragment_cases[] = {
	{"fragment: true",
	 {FRAME(IPV4(.more = true), UDP(53)), FRAME(IPV4(.offset = 1), UDP(53)),
	  FRAME(IPV6(), FRAGMENT(.more = true), TCP(53)), FRAME(IPV6(), FRAGMENT(.offset = 1))},
	 {FRAME(IPV4(), UDP(53)), FRAME(IPV4(), TCP(53)), FRAME(IPV6(), FRAGMENT(), UDP(53)),
	  FRAME(IPV4())}},
	{"fragment: false",
	 {FRAME(IPV4(), UDP(53)), FRAME(IPV4(), TCP(53)), FRAME(IPV6(), FRAGMENT(), UDP(53)),
	  FRAME(IPV4(), ESP())},
	 {FRAME(IPV4(.more = true), UDP(53)), FRAME(IPV4(.offset = 1), UDP(53)),
	  FRAME(IPV6(), FRAGMENT(.more = true), TCP(53)), FRAME(IPV6(), FRAGMENT(.offset = 1))}},
	{"fragment: true, protocol: udp",
	 {FRAME(IPV4(.more = true), UDP(53)), FRAME(IPV4(.offset = 1), UDP(53))},
	 {FRAME(IPV4(.more = true), TCP(53)), FRAME(IPV4(), UDP(53))}},
	{"fragment: true, to_port: 53",
	 {FRAME(IPV4(.more = true), UDP(53)), FRAME(IPV4(.more = true), TCP(53))},
	 {FRAME(IPV4(.offset = 1), UDP(53)), FRAME(IPV4(), UDP(53))}},
};

static void check_frames(struct fixture *fixture, const char *match,
			 const struct layer *const frames[8], const char *expected)
{
	char title[160];

	for (unsigned i = 0; i < 8 && frames[i]; i++) {
		snprintf(title, sizeof(title), "\"%s\", %s %u", match,
			 strcmp(expected, "default-pass") ? "yes" : "no", i);
		check_frame(fixture, title, frames[i], expected);
	}
}

static void check_matches(const char *sources, const struct match_case *cases, size_t n_cases)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	char policy[1024];

	for (size_t i = 0; i < n_cases; i++) {
		snprintf(policy, sizeof(policy),
			 "version: 1\n%s"
			 "sets:\n"
			 "  office: [192.0.2.0/24, 2001:db8:1::/48]\n"
			 "  partners: {sets: [office], prefixes: [203.0.113.9]}\n"
			 "rules: [{name: it, %s, action: drop}]\n",
			 sources, cases[i].match);
		fixture_apply_text(fixture, policy);
		check_frames(fixture, cases[i].match, cases[i].yes, "rule-drop it");
		check_frames(fixture, cases[i].match, cases[i].no, "default-pass");
	}
}

static void addresses(void **state)
{
	check_matches("", address_cases, ARRAY_SIZE(address_cases));
}

static void prefixes_longer_than_a_source(void **state)
{
	check_matches("", long_prefix_cases, ARRAY_SIZE(long_prefix_cases));
	check_matches("sources: {aggregate: {ipv4: 24, ipv6: 48}}\n", aggregated_cases,
		      ARRAY_SIZE(aggregated_cases));
}

static void protocols(void **state)
{
	check_matches("", protocol_cases, ARRAY_SIZE(protocol_cases));
}

static void ports(void **state)
{
	check_matches("", port_cases, ARRAY_SIZE(port_cases));
}

static void tcp_flags(void **state)
{
	check_matches("", flag_cases, ARRAY_SIZE(flag_cases));
}

static void fragments(void **state)
{
	check_matches("", fragment_cases, ARRAY_SIZE(fragment_cases));
}

static void the_first_match_decides(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\n"
				  "rules:\n"
				  "  - {name: a, from: 192.0.2.1, to_port: 53, action: pass}\n"
				  "  - {name: b, from: 192.0.2.0/24, protocol: udp, action: drop}\n"
				  "  - {name: c, to_port: 53, action: pass}\n"
				  "  - {name: d, from: 192.0.2.0/24, action: drop}\n"
				  "  - {name: e, action: drop}\n");

	check_frame(fixture, "all match, the first decides", FROM("192.0.2.1"), "rule-pass a");
	check_frame(fixture, "from the second on", FROM("192.0.2.2"), "rule-drop b");
	check_frame(fixture, "from the third on", FROM("203.0.113.1"), "rule-pass c");
	check_frame(fixture, "from the fourth on", FRAME(IPV4(), TCP(80)), "rule-drop d");
	check_frame(fixture, "only the last", FRAME(IPV6(), TCP(80)), "rule-drop e");
}

/* As many rules as there can be: rule n matches UDP port n from 2001:db8:n::/48. */
static char *many_rules(void)
{
	const size_t size = 1024 * 96 + 64;
	char *text = malloc(size);
	size_t n = 0;

	assert_non_null(text);
	n += snprintf(text, size, "version: 1\nrules:\n");
	for (unsigned i = 0; i < GUARD_RULES_MAX; i++)
		n += snprintf(text + n, size - n,
			      "  - {name: r%u, from: \"2001:db8:%x::/48\", protocol: udp, to_port: "
			      "%u, action: drop}\n",
			      i, i, i);
	return text;
}

static void check_rule(struct fixture *fixture, unsigned rule)
{
	char from[64], expected[64], wrong[64];

	snprintf(from, sizeof(from), "2001:db8:%x::1", rule);
	snprintf(wrong, sizeof(wrong), "2001:db8:%x::1", rule + 1);
	snprintf(expected, sizeof(expected), "rule-drop r%u", rule);
	check_frame(fixture, expected, FRAME(IPV6(.from = from), UDP(rule)), expected);
	check_frame(fixture, from, FRAME(IPV6(.from = from), UDP(rule + 1)), "default-pass");
	check_frame(fixture, wrong, FRAME(IPV6(.from = wrong), UDP(rule)), "default-pass");
}

static void any_of_1024_rules_is_found(void **state)
{
	_cleanup_free_ char *text = many_rules();
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(text);
	static const unsigned rules[] = {0,   1,   62,	63,   64,   65,	 127,
					 128, 511, 512, 1000, 1022, 1023};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		check_rule(fixture, rules[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(prefixes_longer_than_a_source),
		cmocka_unit_test(protocols),
		cmocka_unit_test(ports),
		cmocka_unit_test(tcp_flags),
		cmocka_unit_test(fragments),
		cmocka_unit_test(the_first_match_decides),
		cmocka_unit_test(any_of_1024_rules_is_found),
	};

	return CHECK_RUN(tests);
}
