/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each form that a key may take, and what stands in the policy then. */
#include "policy_fixture.h"

#include <linux/bpf.h>

#define SECOND 1000000000ull
#define DAY (24 * 3600 * SECOND)

static void defaults_are_filled_in(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load_clean("version: 1\ndefault: drop\n");
	const struct policy *policy = fixture.policy;

	assert_string_equal(policy->name, POLICY_FILE);
	assert_string_equal(policy->path, POLICY_FILE);
	assert_int_equal(policy->n_interfaces, 0);
	assert_false(policy->monitor);
	assert_true(policy->default_drop);
	assert_false(policy->malformed_pass);
	assert_int_equal(policy->chain.priority, 10);
	assert_int_equal(policy->chain.on, 1 << XDP_PASS);
	assert_int_equal(policy->chain.attach, ATTACH_AUTO);
	assert_int_equal(policy->capacity, 0);
	assert_int_equal(policy->aggregate_ipv4, 32);
	assert_int_equal(policy->aggregate_ipv6, 64);
	assert_false(policy->admit_always);
	assert_int_equal(policy->n_sets, 0);
	assert_int_equal(policy->n_rules, 0);
	assert_int_equal(policy->n_files, 0);
}

static void every_setting_is_read(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load_clean(
		"version: 1\n"
		"interfaces: [eth0, eth1.100, 0123456789abcde]\n"
		"mode: monitor\n"
		"default: pass\n"
		"malformed: pass\n"
		"chain: {priority: 0, on: [pass, tx, redirect, drop, aborted], attach: offload}\n"
		"sources:\n"
		"  capacity: 16777216\n"
		"  aggregate: {ipv4: 24, ipv6: 128}\n"
		"  admission: always\n"
		"rules: [{name: a, action: drop}]\n");
	const struct policy *policy = fixture.policy;

	assert_int_equal(policy->n_interfaces, 3);
	assert_string_equal(policy->interfaces[0], "eth0");
	assert_string_equal(policy->interfaces[1], "eth1.100");
	assert_string_equal(policy->interfaces[2], "0123456789abcde");
	assert_true(policy->monitor);
	assert_false(policy->default_drop);
	assert_true(policy->malformed_pass);
	assert_int_equal(policy->chain.priority, 0);
	assert_int_equal(policy->chain.on, 31);
	assert_int_equal(policy->chain.attach, ATTACH_OFFLOAD);
	assert_int_equal(policy->capacity, 16777216);
	assert_int_equal(policy->aggregate_ipv4, 24);
	assert_int_equal(policy->aggregate_ipv6, 128);
	assert_true(policy->admit_always);
}

static void a_lone_value_does_for_a_list_of_one(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load_clean(
		"version: 1\n"
		"interfaces: eth0\n"
		"default: drop\n"
		"malformed: drop\n"
		"mode: enforce\n"
		"chain: {on: drop, attach: native}\n"
		"sources: {capacity: 64k, admission: auto, aggregate: {ipv6: 56}}\n"
		"sets: {a: 192.0.2.0/24, b: a, c: {sets: a}, d: {prefixes: 192.0.2.1}, e: []}\n");
	const struct policy *policy = fixture.policy;

	assert_int_equal(policy->n_interfaces, 1);
	assert_int_equal(policy->chain.on, 1 << XDP_DROP);
	assert_int_equal(policy->chain.attach, ATTACH_NATIVE);
	assert_int_equal(policy->capacity, 64000);
	assert_int_equal(policy->aggregate_ipv4, 32);
	assert_int_equal(policy->aggregate_ipv6, 56);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(policy->sets[i].n_prefixes, 1);
	assert_int_equal(policy->sets[4].n_prefixes, 0);
}

/* The members of a set, formatted, a space between. Caller frees. */
static char *members(const struct set *set)
{
	char *text = NULL, prefix[ADDRESS_TEXT_SIZE];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < set->n_prefixes; i++)
		fprintf(out, "%s%s", i ? " " : "", prefix_format(&set->prefixes[i], prefix));
	fclose(out);
	return text;
}

static void assert_members(const struct set *set, const char *expected)
{
	_cleanup_free_ char *text = members(set);

	assert_string_equal(text, expected);
}

static void sets_are_flattened_sorted_and_free_of_doubles(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load_clean(
		"version: 1\n"
		"default: drop\n"
		"sets:\n"
		"  all: {sets: [late, early], prefixes: ['2001:db8::/32', 192.0.2.0/24]}\n"
		"  early: ['2001:db8:1::/48', 198.51.100.1, 192.0.2.128/25]\n"
		"  late: [early, 198.51.100.1, 203.0.113.0/24]\n"
		"  whole: ['::/0', 192.0.2.0/24, '2001:db8::/32']\n");
	const struct set *sets = fixture.policy->sets;

	assert_string_equal(sets[0].name, "all");
	assert_int_equal(sets[0].place.line, 4);
	assert_int_equal(sets[0].place.column, 3);
	assert_int_equal(sets[0].place.length, 3);
	assert_string_equal(sets[0].place.file, POLICY_FILE);
	assert_members(&sets[0], "192.0.2.0/24 198.51.100.1 203.0.113.0/24 2001:db8::/32");
	assert_members(&sets[1], "192.0.2.128/25 198.51.100.1 2001:db8:1::/48");
	assert_members(&sets[2], "192.0.2.128/25 198.51.100.1 203.0.113.0/24 2001:db8:1::/48");
	assert_members(&sets[3], "192.0.2.0/24 ::/0");
}

static void from_and_to_take_sets_and_prefixes(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load_clean("version: 1\n"
				   "rules:\n"
				   "  - name: a\n"
				   "    from: [b, 192.0.2.7, a, b, 2001:db8::/32]\n"
				   "    not_from: a\n"
				   "    to: 198.51.100.0/24\n"
				   "    not_to: [198.51.100.7]\n"
				   "    action: drop\n"
				   "sets: {a: 192.0.2.1, b: 192.0.2.2}\n");
	const struct policy *policy = fixture.policy;
	const struct rule *rule = &policy->rules[0];

	assert_int_equal(policy->n_sets, 5);
	assert_int_equal(rule->from.n_sets, 3);
	assert_int_equal(rule->from.sets[0], 0);
	assert_int_equal(rule->from.sets[1], 1);
	assert_null(policy->sets[rule->from.sets[2]].name);
	assert_members(&policy->sets[rule->from.sets[2]], "192.0.2.7 2001:db8::/32");
	assert_int_equal(rule->not_from.n_sets, 1);
	assert_int_equal(rule->not_from.sets[0], 0);
	assert_int_equal(rule->to.n_sets, 1);
	assert_members(&policy->sets[rule->to.sets[0]], "198.51.100.0/24");
	assert_int_equal(rule->not_to.n_sets, 1);
	assert_members(&policy->sets[rule->not_to.sets[0]], "198.51.100.7");
}

static void a_rule_has_its_name_place_mode_and_action(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load_clean(
		"version: 1\n"
		"rules:\n"
		"  - {name: Web.front-2_x, to_port: 1, action: pass}\n"
		"  - {to_port: 2, action: drop, mode: monitor, name: b}\n"
		"  - {name: c, to_port: 3, limit: {rate: 1/s}, mode: enforce}\n");
	const struct rule *rules = fixture.policy->rules;

	assert_int_equal(fixture.policy->n_rules, 3);
	assert_string_equal(rules[0].name, "Web.front-2_x");
	assert_int_equal(rules[0].action, RULE_PASS);
	assert_int_equal(rules[1].action, RULE_DROP);
	assert_true(rules[1].monitor);
	assert_string_equal(rules[1].place.file, POLICY_FILE);
	assert_int_equal(rules[1].place.line, 4);
	assert_int_equal(rules[1].place.column, 53);
	assert_int_equal(rules[1].place.length, 1);
	assert_int_equal(rules[2].action, RULE_LIMIT);
	assert_false(rules[2].monitor);
	assert_int_equal(rules[2].n_limits, 1);
}

struct limit_case {
	const char *keys;
	struct limit expected;
};

static const struct limit_case limits[] = {
	{"rate: 500/s", {.packets = 500, .period_ns = SECOND, .burst = 50}},
	{"rate: 9/s", {.packets = 9, .period_ns = SECOND, .burst = 1}},
	{"rate: 19/s", {.packets = 19, .period_ns = SECOND, .burst = 1}},
	{"rate: 20/s", {.packets = 20, .period_ns = SECOND, .burst = 2}},
	{"rate: 6k/m", {.packets = 6000, .period_ns = 60 * SECOND, .burst = 10}},
	{"rate: 1/h", {.packets = 1, .period_ns = 3600 * SECOND, .burst = 1}},
	{"rate: 100M/s", {.packets = 100000000, .period_ns = SECOND, .burst = 10000000}},
	{"rate: 1/s, burst: 2k", {.packets = 1, .period_ns = SECOND, .burst = 2000}},
	{"bandwidth: 10Mbit/s", {.bits_per_second = 10000000}},
	{"rate: 1/s, bandwidth: 1MB/s",
	 {.packets = 1, .period_ns = SECOND, .burst = 1, .bits_per_second = 8000000}},
	{"bandwidth: 1kbit/s, per: source", {.bits_per_second = 1000}},
	{"bandwidth: 1kbit/s, per: all", {.bits_per_second = 1000, .per = PER_ALL}},
	{"bandwidth: 1kbit/s, per: {ipv4: 24, ipv6: 48}",
	 {.bits_per_second = 1000, .per = PER_PREFIX, .bits_ipv4 = 24, .bits_ipv6 = 48}},
	{"bandwidth: 1kbit/s, per: {ipv4: 0, ipv6: 128}",
	 {.bits_per_second = 1000, .per = PER_PREFIX, .bits_ipv4 = 0, .bits_ipv6 = 128}},
	{"bandwidth: 1kbit/s, block: 10m",
	 {.bits_per_second = 1000,
	  .block_first_ns = 600 * SECOND,
	  .block_max_ns = 600 * SECOND,
	  .block_factor = 1}},
	{"bandwidth: 1kbit/s, block: 1ms",
	 {.bits_per_second = 1000,
	  .block_first_ns = 1000000,
	  .block_max_ns = 1000000,
	  .block_factor = 1}},
	{"bandwidth: 1kbit/s, block: {first: 1m}",
	 {.bits_per_second = 1000,
	  .block_first_ns = 60 * SECOND,
	  .block_max_ns = DAY,
	  .block_factor = 2}},
	{"bandwidth: 1kbit/s, block: {first: 2d}",
	 {.bits_per_second = 1000,
	  .block_first_ns = 2 * DAY,
	  .block_max_ns = 2 * DAY,
	  .block_factor = 2}},
	{"bandwidth: 1kbit/s, block: {first: 1m, factor: 1000, max: 365d}",
	 {.bits_per_second = 1000,
	  .block_first_ns = 60 * SECOND,
	  .block_max_ns = 365 * DAY,
	  .block_factor = 1000}},
	{"bandwidth: 1kbit/s, block: {first: 1m, factor: 1}",
	 {.bits_per_second = 1000,
	  .block_first_ns = 60 * SECOND,
	  .block_max_ns = 60 * SECOND,
	  .block_factor = 1}},
	{"bandwidth: 1kbit/s, block: {first: 1m, max: 1m}",
	 {.bits_per_second = 1000,
	  .block_first_ns = 60 * SECOND,
	  .block_max_ns = 60 * SECOND,
	  .block_factor = 2}},
};

static void assert_limit(const struct limit *limit, const struct limit *expected)
{
	struct limit placeless = *limit;

	memset(&placeless.place, 0, sizeof(placeless.place));
	assert_memory_equal(&placeless, expected, offsetof(struct limit, place));
}

static void limits_have_their_defaults(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		char text[256];

		snprintf(text, sizeof(text), "version: 1\nrules: [{name: a, limit: {%s}}]\n",
			 limits[i].keys);
		_cleanup_(fixture_release) struct fixture fixture = fixture_load_clean(text);

		assert_int_equal(fixture.policy->rules[0].n_limits, 1);
		assert_limit(&fixture.policy->rules[0].limits[0], &limits[i].expected);
	}
}

static void several_limits_keep_their_order_and_places(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load_clean("version: 1\n"
				   "rules:\n"
				   "  - name: a\n"
				   "    limits:\n"
				   "      - {rate: 500k/s, per: all}\n"
				   "      - {per: source, bandwidth: 1Mbit/s}\n"
				   "      - {rate: 3/s}\n"
				   "      - {rate: 4/s}\n");
	const struct rule *rule = &fixture.policy->rules[0];

	assert_int_equal(rule->n_limits, 4);
	assert_int_equal(rule->limits[0].packets, 500000);
	assert_int_equal(rule->limits[0].place.line, 5);
	assert_int_equal(rule->limits[0].place.column, 16);
	assert_int_equal(rule->limits[0].place.length, 6);
	assert_int_equal(rule->limits[1].bits_per_second, 1000000);
	assert_int_equal(rule->limits[1].place.column, 34);
	assert_int_equal(rule->limits[3].packets, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(every_setting_is_read),
		cmocka_unit_test(a_lone_value_does_for_a_list_of_one),
		cmocka_unit_test(sets_are_flattened_sorted_and_free_of_doubles),
		cmocka_unit_test(from_and_to_take_sets_and_prefixes),
		cmocka_unit_test(a_rule_has_its_name_place_mode_and_action),
		cmocka_unit_test(limits_have_their_defaults),
		cmocka_unit_test(several_limits_keep_their_order_and_places),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
