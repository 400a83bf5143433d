/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one rule matches, and which fields of a packet it needs for that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "image_packet.h"

enum { SYN = 2, ACK = 16 };

struct field_case {
	const char *name;
	void (*ask)(struct policy *policy, struct rule *rule);
	__u32 fields;
};

static void ask_nothing(struct policy *policy, struct rule *rule)
{
}

static void ask_not_from(struct policy *policy, struct rule *rule)
{
	struct prefix prefix = prefix_of("192.0.2.0/24");

	name_set(&rule->not_from, add_set(policy, &prefix, 1));
}

static void ask_to(struct policy *policy, struct rule *rule)
{
	struct prefix prefix = prefix_of("2001:db8::/32");

	name_set(&rule->to, add_set(policy, &prefix, 1));
}

static void ask_udp(struct policy *policy, struct rule *rule)
{
	rule->any_protocol = false;
	rule->protocols[0] = 1ull << IPPROTO_UDP;
}

static void ask_clear_flag(struct policy *policy, struct rule *rule)
{
	rule->flags_clear = ACK;
}

static void ask_fragment(struct policy *policy, struct rule *rule)
{
	rule->fragment = FRAGMENT_NONE;
}

static void ask_to_port(struct policy *policy, struct rule *rule)
{
	add_ports(&rule->to_ports, 53, 53);
}

static void ask_from_port(struct policy *policy, struct rule *rule)
{
	add_ports(&rule->from_ports, 0, 65535);
}

static const struct field_case field_cases[] = {
	{"a rule that matches everything needs no field", ask_nothing, 0},
	{"not_from alone needs the source", ask_not_from, GUARD_FIELD_FROM},
	{"to needs the destination", ask_to, GUARD_FIELD_TO},
	{"a protocol needs the shape", ask_udp, GUARD_FIELD_SHAPE},
	{"a clear TCP flag needs the shape", ask_clear_flag, GUARD_FIELD_SHAPE},
	{"whole packets need the shape", ask_fragment, GUARD_FIELD_SHAPE},
	{"to_port needs no protocol beside", ask_to_port, GUARD_FIELD_TO_PORT},
	{"every port is still a port", ask_from_port, GUARD_FIELD_FROM_PORT},
};

static void only_fields_that_a_rule_asks_for_are_in_use(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(field_cases); i++) {
		_cleanup_(made_policy_free) struct policy *policy = made_policy();
		_cleanup_(image_free) struct image *image = NULL;
		struct diagnostics diagnostics = {};

		add_rule(policy, "any");
		field_cases[i].ask(policy, add_rule(policy, "asks"));
		assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
		if (image->policy->fields != field_cases[i].fields)
			fail_msg("%s: fields %#x", field_cases[i].name, image->policy->fields);
	}
}

struct match_case {
	const char *name;
	void (*ask)(struct policy *policy, struct rule *rule);
	struct packet packet;
	bool matches;
};

static void ask_syn(struct policy *policy, struct rule *rule)
{
	rule->flags_set = SYN;
	rule->flags_clear = ACK;
}

static void ask_gre_port(struct policy *policy, struct rule *rule)
{
	rule->any_protocol = false;
	rule->protocols[0] = 1ull << IPPROTO_GRE | 1ull << IPPROTO_UDP;
	add_ports(&rule->to_ports, 0, 65535);
}

static void ask_later(struct policy *policy, struct rule *rule)
{
	rule->fragment = FRAGMENT_ONLY;
}

static const struct match_case match_cases[] = {
	{"a SYN matches syn, !ack", ask_syn, {.protocol = IPPROTO_TCP, .flags = SYN}, true},
	{"a SYN with other flags too", ask_syn, {.protocol = IPPROTO_TCP, .flags = 0xef}, true},
	{"a SYN ACK does not", ask_syn, {.protocol = IPPROTO_TCP, .flags = SYN | ACK}, false},
	{"nor does an ACK", ask_syn, {.protocol = IPPROTO_TCP, .flags = ACK}, false},
	{"flags without a protocol mean TCP", ask_syn, {.protocol = IPPROTO_UDP}, false},
	{"a first fragment shows its flags",
	 ask_syn,
	 {.protocol = IPPROTO_TCP, .part = FIRST_FRAGMENT, .flags = SYN},
	 true},
	{"a later fragment has none",
	 ask_syn,
	 {.protocol = IPPROTO_TCP, .part = LATER_FRAGMENT, .flags = SYN},
	 false},
	{"a UDP port", ask_to_port, {.protocol = IPPROTO_UDP, .to_port = 53}, true},
	{"a TCP port", ask_to_port, {.protocol = IPPROTO_TCP, .to_port = 53}, true},
	{"an SCTP port", ask_to_port, {.protocol = IPPROTO_SCTP, .to_port = 53}, true},
	{"the port before", ask_to_port, {.protocol = IPPROTO_UDP, .to_port = 52}, false},
	{"the port after", ask_to_port, {.protocol = IPPROTO_UDP, .to_port = 54}, false},
	{"a first fragment shows its port",
	 ask_to_port,
	 {.protocol = IPPROTO_UDP, .part = FIRST_FRAGMENT, .to_port = 53},
	 true},
	{"a later fragment has no port",
	 ask_from_port,
	 {.protocol = IPPROTO_UDP, .part = LATER_FRAGMENT},
	 false},
	{"ICMP has no port", ask_from_port, {.protocol = IPPROTO_ICMP}, false},
	{"GRE has no port even where a rule names it",
	 ask_gre_port,
	 {.protocol = IPPROTO_GRE},
	 false},
	{"a first fragment is one", ask_later, {.protocol = 17, .part = FIRST_FRAGMENT}, true},
	{"a later fragment is one", ask_later, {.protocol = 17, .part = LATER_FRAGMENT}, true},
	{"a whole packet is none", ask_later, {.protocol = 17}, false},
	{"a whole packet is whole", ask_fragment, {.protocol = IPPROTO_TCP}, true},
	{"a first fragment is not",
	 ask_fragment,
	 {.protocol = IPPROTO_TCP, .part = FIRST_FRAGMENT},
	 false},
	{"IPv6 is outside an IPv4 prefix", ask_not_from, {.family = FAMILY_IPV6}, true},
};

static void a_rule_matches_what_it_says(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(match_cases); i++) {
		const struct match_case *c = &match_cases[i];
		_cleanup_(made_policy_free) struct policy *policy = made_policy();
		_cleanup_(image_free) struct image *image = NULL;
		struct diagnostics diagnostics = {};
		struct packet packet = c->packet;
		const char *address = packet.family == FAMILY_IPV4 ? "192.0.2.1" : "2001:db8::1";

		packet.from = address_of(address);
		packet.to = address_of(address);
		c->ask(policy, add_rule(policy, "asks"));
		assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
		if ((first_in_vectors(image, &packet, image->policy->fields) == 0) != c->matches)
			fail_msg("%s", c->name);
		check_packet(policy, image, &packet);
	}
}

static void a_rule_with_ports_allows_only_shapes_that_have_them(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};
	unsigned n_shapes = 0;

	add_ports(&add_rule(policy, "dns")->to_ports, 53, 53);
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	for (unsigned shape = 0; shape < GUARD_SHAPES; shape++)
		n_shapes += image->policy->vectors[image->policy->shape[shape]][0];

	/* Whole and first: TCP with any flags, UDP, SCTP, and TCP's unused number. */
	assert_int_equal(n_shapes, 2 * (256 + 2 + 1));
	assert_int_equal(image->policy->vectors[image->policy->shape[GUARD_SHAPE_WHOLE + 47]][0],
			 0);
}

static void settings_are_carried_over(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};
	const struct guard_address ipv4_mask =
		address_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fe00");
	const struct guard_address ipv6_mask = address_of("ffff:ffff:ffff:fffe::");

	policy->aggregate_ipv4 = 23;
	policy->aggregate_ipv6 = 63;
	policy->default_drop = true;
	policy->malformed_pass = true;
	policy->admit_always = true;
	policy->monitor = true;
	add_rule(policy, "tried")->monitor = true;
	add_rule(policy, "passed")->action = RULE_PASS;
	add_limit(add_rule(policy, "limited"), (struct limit){.bits_per_second = 1000});
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);

	assert_int_equal(image->policy->aggregate[0], 96 + 23);
	assert_int_equal(image->policy->aggregate[1], 63);
	assert_memory_equal(&image->policy->source_mask[0], &ipv4_mask, sizeof(ipv4_mask));
	assert_memory_equal(&image->policy->source_mask[1], &ipv6_mask, sizeof(ipv6_mask));
	assert_int_equal(image->policy->default_action, GUARD_ACTION_DROP);
	assert_int_equal(image->policy->malformed_action, GUARD_ACTION_PASS);
	assert_int_equal(image->policy->admit_always, 1);
	assert_int_equal(image->policy->monitor, 1);
	assert_int_equal(image->policy->words, 1);
	assert_int_equal(image->policy->rule[0].action, GUARD_ACTION_DROP);
	assert_int_equal(image->policy->rule[0].monitor, 1);
	assert_int_equal(image->policy->rule[1].action, GUARD_ACTION_PASS);
	assert_int_equal(image->policy->rule[1].monitor, 0);
	assert_int_equal(image->policy->rule[2].action, GUARD_ACTION_LIMIT);
	assert_int_equal(image->policy->rule[2].limits, 1);
}

static void a_policy_without_rules_matches_nothing(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};
	struct packet packet = {.protocol = IPPROTO_UDP, .from = address_of("192.0.2.1")};

	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	assert_int_equal(image->policy->words, 0);
	assert_int_equal(image->policy->rules, 0);
	assert_int_equal(image->policy->fields, 0);
	assert_int_equal(image->policy->default_action, GUARD_ACTION_PASS);
	assert_int_equal(image->policy->malformed_action, GUARD_ACTION_DROP);
	assert_int_equal(first_in_vectors(image, &packet, ~0u), NO_RULE);
	assert_int_equal(image->n_vectors, 1);
	assert_int_equal(image->n_ranges, 2);
	assert_int_equal(image->n_classes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_matches_what_it_says),
		cmocka_unit_test(only_fields_that_a_rule_asks_for_are_in_use),
		cmocka_unit_test(a_rule_with_ports_allows_only_shapes_that_have_them),
		cmocka_unit_test(settings_are_carried_over),
		cmocka_unit_test(a_policy_without_rules_matches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
