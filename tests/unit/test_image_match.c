/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random policies: the first rule that the vectors give, against rules read one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "image_packet.h"

/* Few values, so that rules and packets meet. */
static const uint16_t some_ports[] = {0, 1, 22, 53, 79, 80, 81, 443, 8000, 65534, 65535};
static const uint8_t some_protocols[] = {0,  IPPROTO_ICMP, IPPROTO_TCP,	   IPPROTO_UDP,
					 47, IPPROTO_SCTP, IPPROTO_ICMPV6, 255};
static const char *const some_prefixes[] = {
	"192.0.2.0/24", "192.0.2.1",	 "198.51.100.0/25", "203.0.113.0/24",  "0.0.0.0/0",
	"::/0",		"2001:db8::/32", "2001:db8::1",	    "2001:db8:1::/48", "2001:db8:0:1::/64",
};
static const char *const some_addresses[] = {
	"192.0.2.1",   "192.0.2.2",   "198.51.100.1", "198.51.100.200",	    "203.0.113.9",
	"2001:db8::1", "2001:db8::2", "2001:db8:1::", "2001:db8:0:1::ffff", "2001:db8:2::1",
};

#define PICK(random, array) ((array)[random_below(random, ARRAY_SIZE(array))])

static void add_random_sets(struct policy *policy, uint64_t *random)
{
	while (policy->n_sets < 6) {
		struct prefix prefixes[3];
		size_t n_prefixes = random_below(random, 4);

		for (size_t i = 0; i < n_prefixes; i++)
			prefixes[i] = prefix_of(PICK(random, some_prefixes));
		add_set(policy, prefixes, n_prefixes);
	}
}

static void name_some_sets(struct set_list *list, uint64_t *random)
{
	while (random_below(random, 3) == 0)
		name_set(list, random_below(random, 6));
}

static void add_some_ports(struct port_list *list, uint64_t *random)
{
	while (random_below(random, 3) == 0) {
		uint16_t a = PICK(random, some_ports), b = PICK(random, some_ports);

		add_ports(list, a < b ? a : b, a < b ? b : a);
	}
}

static void ask_for_random_protocols(struct rule *rule, uint64_t *random)
{
	rule->any_protocol = random_below(random, 2);
	for (unsigned i = random_below(random, 4); i > 0 && !rule->any_protocol; i--) {
		uint8_t protocol = PICK(random, some_protocols);

		rule->protocols[protocol / 64] |= 1ull << protocol % 64;
	}
}

static void add_random_rule(struct policy *policy, uint64_t *random)
{
	struct rule *rule = add_rule(policy, "random");

	name_some_sets(&rule->from, random);
	name_some_sets(&rule->not_from, random);
	name_some_sets(&rule->to, random);
	name_some_sets(&rule->not_to, random);
	ask_for_random_protocols(rule, random);
	if (random_below(random, 2) == 0)
		add_some_ports(&rule->to_ports, random);
	if (random_below(random, 4) == 0)
		add_some_ports(&rule->from_ports, random);
	if (random_below(random, 4) == 0)
		rule->flags_set = random_below(random, 256) & random_below(random, 256);
	if (random_below(random, 4) == 0)
		rule->flags_clear = random_below(random, 256) & random_below(random, 256) &
				    ~rule->flags_set;
	if (random_below(random, 4) == 0)
		rule->fragment = random_below(random, 3);
}

static struct packet random_packet(uint64_t *random)
{
	unsigned family = random_below(random, 2);

	return (struct packet){
		.family = family,
		.from = address_of(some_addresses[5 * family + random_below(random, 5)]),
		.to = address_of(some_addresses[5 * family + random_below(random, 5)]),
		.protocol = PICK(random, some_protocols),
		.part = random_below(random, 3),
		.flags = random_below(random, 256),
		.from_port = PICK(random, some_ports),
		.to_port = PICK(random, some_ports),
	};
}

static void check_random_policy(unsigned n_rules, unsigned n_packets, uint64_t *random)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};

	add_random_sets(policy, random);
	while (policy->n_rules < n_rules)
		add_random_rule(policy, random);
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	assert_int_equal(image->policy->rules, n_rules);
	for (unsigned i = 0; i < n_packets; i++) {
		struct packet packet = random_packet(random);

		check_packet(policy, image, &packet);
	}
}

static void small_policies_match_as_their_rules_read(void **state)
{
	uint64_t random = 2;

	for (int round = 0; round < 300; round++)
		check_random_policy(random_below(&random, 8), 300, &random);
}

static void large_policies_match_as_their_rules_read(void **state)
{
	uint64_t random = 3;

	check_random_policy(63, 3000, &random);
	check_random_policy(64, 3000, &random);
	check_random_policy(65, 3000, &random);
	check_random_policy(200, 3000, &random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_policies_match_as_their_rules_read),
		cmocka_unit_test(large_policies_match_as_their_rules_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
