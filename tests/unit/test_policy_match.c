/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule matches on beside addresses: each form, and what stands in the policy then. */
#include "policy_fixture.h"

#include <netinet/in.h>

/* One rule: what it matches on stands in `keys`. */
static struct fixture load_match(const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text), "version: 1\nrules: [{name: a, action: drop%s%s}]\n",
		 *keys ? ", " : "", keys);
	return fixture_load_clean(text);
}

struct protocol_case {
	const char *keys;
	unsigned protocols[8]; /* up to the first 0 */
};

static const struct protocol_case protocols[] = {
	{"protocol: tcp", {IPPROTO_TCP}},
	{"protocol: udp", {IPPROTO_UDP}},
	{"protocol: icmp", {IPPROTO_ICMP}},
	{"protocol: icmpv6", {IPPROTO_ICMPV6}},
	{"protocol: sctp", {IPPROTO_SCTP}},
	{"protocol: gre", {IPPROTO_GRE}},
	{"protocol: esp", {IPPROTO_ESP}},
	{"protocol: 255", {255}},
	{"protocol: '47'", {IPPROTO_GRE}},
	{"protocol: [tcp, 17, 64, tcp]", {IPPROTO_TCP, IPPROTO_UDP, 64}},
	{"to_port: 53", {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}},
	{"from_port: 53", {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}},
	{"from_port: 53, protocol: udp", {IPPROTO_UDP}},
	{"tcp_flags: syn", {IPPROTO_TCP}},
	{"tcp_flags: syn, to_port: 22", {IPPROTO_TCP}},
	{"tcp_flags: syn, protocol: [udp, tcp]", {IPPROTO_TCP}},
};

static void protocols_are_named_or_implied(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		_cleanup_(fixture_release) struct fixture fixture = load_match(protocols[i].keys);
		const struct rule *rule = &fixture.policy->rules[0];
		uint64_t expected[4] = {};

		for (const unsigned *p = protocols[i].protocols; *p; p++)
			expected[*p / 64] |= 1ull << *p % 64;
		assert_false(rule->any_protocol);
		assert_memory_equal(rule->protocols, expected, sizeof(expected));
	}
}

static void a_rule_without_protocol_asks_for_none(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = load_match("");
	const struct rule *rule = &fixture.policy->rules[0];

	assert_true(rule->any_protocol);
	assert_true(rule_has_protocol(rule, IPPROTO_TCP));
	assert_true(rule_has_protocol(rule, 255));
	assert_int_equal(rule->from.n_sets + rule->not_from.n_sets, 0);
	assert_int_equal(rule->to.n_sets + rule->not_to.n_sets, 0);
	assert_int_equal(rule->to_ports.n_ranges + rule->from_ports.n_ranges, 0);
	assert_int_equal(rule->flags_set | rule->flags_clear, 0);
	assert_int_equal(rule->fragment, FRAGMENT_ANY);
	assert_false(rule->monitor);
}

static void protocol_zero_is_one_too(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = load_match("protocol: 0");

	assert_true(rule_has_protocol(&fixture.policy->rules[0], 0));
	assert_false(rule_has_protocol(&fixture.policy->rules[0], IPPROTO_TCP));
}

struct port_case {
	const char *keys;
	struct port_range ranges[4];
	size_t n_ranges;
};

static const struct port_case ports[] = {
	{"to_port: 53", {{53, 53}}, 1},
	{"to_port: 0", {{0, 0}}, 1},
	{"to_port: 65535", {{65535, 65535}}, 1},
	{"to_port: 8000-8099", {{8000, 8099}}, 1},
	{"to_port: 0-65535", {{0, 65535}}, 1},
	{"to_port: '80'", {{80, 80}}, 1},
	{"to_port: [443, 80, 80]", {{80, 80}, {443, 443}}, 2},
	{"to_port: [1-10, 5-20, 21, 23]", {{1, 21}, {23, 23}}, 2},
	{"to_port: [1-10, 2-3]", {{1, 10}}, 1},
	{"to_port: [65535, 65534]", {{65534, 65535}}, 1},
	{"to_port: ssh", {{22, 22}}, 1},
	{"to_port: [https, 8080]", {{443, 443}, {8080, 8080}}, 2},
};

static void ports_are_sorted_and_joined(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		_cleanup_(fixture_release) struct fixture fixture = load_match(ports[i].keys);
		const struct port_list *list = &fixture.policy->rules[0].to_ports;

		assert_int_equal(list->n_ranges, ports[i].n_ranges);
		assert_memory_equal(list->ranges, ports[i].ranges,
				    list->n_ranges * sizeof(*list->ranges));
	}
}

struct match_case {
	const char *keys;
	unsigned set, clear;
	enum fragment_match fragment;
};

static const struct match_case matches[] = {
	{"tcp_flags: fin", 1, 0},
	{"tcp_flags: [syn, '!ack']", 2, 16},
	{"tcp_flags: '!rst'", 0, 4},
	{"tcp_flags: [fin, syn, rst, psh, ack, urg, ece, cwr]", 255, 0},
	{"tcp_flags: ['!fin', '!syn', '!rst', '!psh', '!ack', '!urg', '!ece', '!cwr']", 0, 255},
	{"fragment: true", 0, 0, FRAGMENT_ONLY},
	{"fragment: false", 0, 0, FRAGMENT_NONE},
};

static void flags_and_fragments_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		_cleanup_(fixture_release) struct fixture fixture = load_match(matches[i].keys);
		const struct rule *rule = &fixture.policy->rules[0];

		assert_int_equal(rule->flags_set, matches[i].set);
		assert_int_equal(rule->flags_clear, matches[i].clear);
		assert_int_equal(rule->fragment, matches[i].fragment);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_are_named_or_implied),
		cmocka_unit_test(a_rule_without_protocol_asks_for_none),
		cmocka_unit_test(protocol_zero_is_one_too),
		cmocka_unit_test(ports_are_sorted_and_joined),
		cmocka_unit_test(flags_and_fragments_are_read),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
