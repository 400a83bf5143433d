/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One meaning, one text, one hash. */
#include "policy_fixture.h"

#include "policy/describe.h"

#define HEAD \
	"version: 1\n" \
	"default: drop\n" \
	"sets: {office: 192.0.2.0/24, abuse: [203.0.113.7, 203.0.113.1], unused: 198.51.100.1}\n"

struct rule_case {
	const char *keys;
	const char *text;
};

static const struct rule_case rules[] = {
	{"action: drop", "all: drop"},
	{"action: pass, mode: monitor", "all: monitor pass"},
	{"from: office, action: pass", "from office: pass"},
	{"from: [198.51.100.7, office, 198.51.100.1, abuse, office], action: drop",
	 "from abuse,office,198.51.100.1,198.51.100.7: drop"},
	{"not_from: office, to: abuse, not_to: '2001:db8::/32', action: drop",
	 "not_from office, to abuse, not_to 2001:db8::/32: drop"},
	{"to_port: [443, 80, 8000-8099], protocol: tcp, limit: {rate: 2000/s}",
	 "protocol tcp, to_port 80,443,8000-8099: limit 2k/s burst 200 per source"},
	{"to_port: 53, action: drop", "protocol tcp,udp,sctp, to_port 53: drop"},
	{"from_port: 53, protocol: [udp, 17, 200], fragment: false, action: drop", NULL},
	{"protocol: [200, gre], fragment: true, action: drop",
	 "protocol gre,200, fragment true: drop"},
	{"tcp_flags: ['!ack', syn], fragment: false, action: drop",
	 "protocol tcp, tcp_flags syn,!ack, fragment false: drop"},
	{"limit: {rate: 120/m, burst: 10, bandwidth: 1MB/s, per: {ipv4: 24, ipv6: 48}, block: 90s}",
	 "all: limit 2/s burst 10 8Mbit/s per ipv4/24,ipv6/48 block 1m30s"},
	{"limit: {bandwidth: 1Gbit/s, block: {first: 1m, factor: 4, max: 1d}}, mode: monitor",
	 "all: monitor limit 1Gbit/s per source block 1m factor 4 max 1d"},
	{"limits: [{rate: 9/s, per: all}, {rate: 1/s}, {rate: 5/s, per: {ipv4: 8, ipv6: 32}}, "
	 "{rate: 2/s}]",
	 "all: limit 1/s burst 1 per source; limit 2/s burst 1 per source; limit 5/s burst 1 per "
	 "ipv4/8,ipv6/32; limit 9/s burst 1 per all"},
};

static struct fixture load_rule(const char *keys)
{
	char text[1024];

	snprintf(text, sizeof(text), HEAD "rules: [{name: a, %s}]\n", keys);
	return fixture_load(text, NULL);
}

static void a_rule_is_one_line(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		_cleanup_(fixture_release) struct fixture fixture = load_rule(rules[i].keys);
		_cleanup_free_ char *text = NULL;

		assert_int_equal(fixture.result != 0, rules[i].text == NULL);
		if (!rules[i].text)
			continue;
		text = rule_describe(fixture.policy, &fixture.policy->rules[0]);
		assert_string_equal(text, rules[i].text);
	}
}

static void many_prefixes_in_a_rule_are_a_count_and_a_hash(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = load_rule(
		"action: drop, from: [192.0.2.1, 192.0.2.3, 192.0.2.5, 192.0.2.7, 192.0.2.9, "
		"192.0.2.11, 192.0.2.13, 192.0.2.15, 192.0.2.17]");
	_cleanup_(fixture_release) struct fixture other = load_rule(
		"action: drop, from: [192.0.2.1, 192.0.2.3, 192.0.2.5, 192.0.2.7, 192.0.2.9, "
		"192.0.2.11, 192.0.2.13, 192.0.2.15, 192.0.2.19]");
	_cleanup_free_ char *text = rule_describe(fixture.policy, &fixture.policy->rules[0]);
	_cleanup_free_ char *other_text = rule_describe(other.policy, &other.policy->rules[0]);

	assert_memory_equal(text, "from 9 prefixes ", 16);
	assert_int_equal(strlen(text), strlen("from 9 prefixes 0123456789abcdef: drop"));
	assert_string_not_equal(text, other_text);
}

static void settings_are_one_line(void **state)
{
	_cleanup_(fixture_release) struct fixture plain = load_rule("action: drop");
	_cleanup_(fixture_release) struct fixture other = fixture_load(
		"version: 1\n"
		"mode: monitor\n"
		"malformed: pass\n"
		"chain: {priority: 5, on: [tx, pass], attach: generic}\n"
		"sources: {capacity: 2M, aggregate: {ipv4: 24, ipv6: 48}, admission: always}\n"
		"rules: [{name: a, action: drop}]\n",
		NULL);
	_cleanup_free_ char *plain_text = policy_describe_settings(plain.policy);
	_cleanup_free_ char *other_text = policy_describe_settings(other.policy);

	assert_string_equal(plain_text,
			    "mode enforce, default drop, malformed drop, capacity auto, aggregate "
			    "ipv4/32,ipv6/64, admission auto, priority 10, on pass, attach auto");
	assert_string_equal(
		other_text,
		"mode monitor, default pass, malformed pass, capacity 2M, aggregate "
		"ipv4/24,ipv6/48, admission always, priority 5, on pass,tx, attach generic");
}

static uint64_t hash(const char *text)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(text, NULL);

	assert_int_equal(fixture.result, 0);
	return policy_hash(fixture.policy);
}

#define SMALLER_SET "version: 1\ndefault: drop\nsets: {abuse: 203.0.113.1}\n"
#define RULE "rules: [{name: a, from: abuse, to_port: [80, 443], limit: {rate: 60/m}}]\n"

static void the_hash_follows_the_meaning_only(void **state)
{
	static const char *const same[] = {
		HEAD RULE,
		"# the same\nrules:\n- name: 'a'\n  limits: [{per: source, rate: 1/s, burst: 1}]\n "
		" from: [abuse]\n"
		"  to_port: [443, 80, 80]\n  protocol: [sctp, udp, tcp]\nmode: enforce\nversion: "
		"1\n"
		"default: drop\ninterfaces: [eth0]\n"
		"sets: {other: 192.0.2.9, abuse: [203.0.113.1, 203.0.113.7, 203.0.113.7/32]}\n",
	};
	static const char *const different[] = {
		HEAD "rules: [{name: b, from: abuse, to_port: [80, 443], limit: {rate: 60/m}}]\n",
		HEAD "rules: [{name: a, from: office, to_port: [80, 443], limit: {rate: 60/m}}]\n",
		HEAD "rules: [{name: a, from: abuse, to_port: [80, 444], limit: {rate: 60/m}}]\n",
		HEAD "rules: [{name: a, from: abuse, to_port: [80, 443], limit: {rate: 61/m}}]\n",
		HEAD "mode: monitor\nrules: [{name: a, from: abuse, to_port: [80, 443], limit: "
		     "{rate: 60/m}}]\n",
		SMALLER_SET RULE,
	};
	uint64_t expected = hash(same[0]);

	assert_int_equal(hash(same[1]), expected);
	for (size_t i = 0; i < ARRAY_SIZE(different); i++)
		assert_int_not_equal(hash(different[i]), expected);
}

static void a_half_built_policy_can_be_freed(void **state)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	policy_free(&policy);
	assert_null(policy);
	policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_one_line),
		cmocka_unit_test(many_prefixes_in_a_rule_are_a_count_and_a_hash),
		cmocka_unit_test(settings_are_one_line),
		cmocka_unit_test(the_hash_follows_the_meaning_only),
		cmocka_unit_test(a_half_built_policy_can_be_freed),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
