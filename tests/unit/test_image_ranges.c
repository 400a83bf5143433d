/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees of ranges against a linear scan of the prefixes that they were made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "image_support.h"

#define PREFIXES_MAX 12
#define POINTS_MAX 1024

struct source_case {
	const char *name;
	unsigned family;
	unsigned char aggregate; /* in the family's own counting */
};

static const struct source_case cases[] = {
	{"IPv4 sources of a single address", FAMILY_IPV4, 32},
	{"IPv4 sources of a /31", FAMILY_IPV4, 31},
	{"IPv4 sources of a /24", FAMILY_IPV4, 24},
	{"IPv4 sources of a /8", FAMILY_IPV4, 8},
	{"IPv4 sources of a /1", FAMILY_IPV4, 1},
	{"IPv6 sources of a /64", FAMILY_IPV6, 64},
	{"IPv6 sources of a /63", FAMILY_IPV6, 63},
	{"IPv6 sources of a /65", FAMILY_IPV6, 65},
	{"IPv6 sources of a /48", FAMILY_IPV6, 48},
	{"IPv6 sources of a /32", FAMILY_IPV6, 32},
	{"IPv6 sources of a /1", FAMILY_IPV6, 1},
	{"IPv6 sources of a /96", FAMILY_IPV6, 96},
	{"IPv6 sources of a /127", FAMILY_IPV6, 127},
	{"IPv6 sources of a single address", FAMILY_IPV6, 128},
};

static bool is_inside(const struct prefix *prefix, const struct guard_address *address,
		      unsigned family)
{
	return (family == FAMILY_IPV4) == prefix_is_ipv4(prefix) &&
	       prefix_contains(prefix, address);
}

static bool is_member(const struct policy *policy, const struct set_list *list,
		      const struct guard_address *address, unsigned family)
{
	for (size_t i = 0; i < list->n_sets; i++) {
		const struct set *set = &policy->sets[list->sets[i]];

		for (size_t p = 0; p < set->n_prefixes; p++) {
			if (is_inside(&set->prefixes[p], address, family))
				return true;
		}
	}
	return false;
}

/* At most 64 rules in these tests: one word says it all. */
static uint64_t allowed(const struct policy *policy, bool by_source,
			const struct guard_address *address, unsigned family)
{
	uint64_t rules = 0;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];
		const struct set_list *in = by_source ? &rule->from : &rule->to;
		const struct set_list *out = by_source ? &rule->not_from : &rule->not_to;

		if ((in->n_sets == 0 || is_member(policy, in, address, family)) &&
		    !is_member(policy, out, address, family))
			rules |= 1ull << i;
	}
	return rules;
}

static void set_low_bits(struct guard_address *address, unsigned bits)
{
	for (unsigned i = bits; i < 128; i++)
		address->bytes[i / 8] |= 0x80 >> i % 8;
}

static void step(struct guard_address *address, int by)
{
	for (size_t i = sizeof(address->bytes); i-- > 0;) {
		address->bytes[i] += by;
		if (address->bytes[i] != (by > 0 ? 0 : 0xff))
			return;
	}
}

struct points {
	struct guard_address items[POINTS_MAX];
	size_t n_items;
};

static void add_point(struct points *points, struct guard_address address, unsigned family)
{
	if (family == FAMILY_IPV4 && !address_is_ipv4(&address))
		return;
	assert_true(points->n_items < POINTS_MAX);
	points->items[points->n_items++] = address;
}

/* Both ends of the block of `bits` leading bits around the address, and their neighbours. */
static void add_edges(struct points *points, struct guard_address address, unsigned bits,
		      unsigned family)
{
	struct guard_address first = address, last = address;

	address_mask(&first, bits);
	set_low_bits(&last, bits);
	add_point(points, first, family);
	add_point(points, last, family);
	step(&first, -1);
	step(&last, 1);
	add_point(points, first, family);
	add_point(points, last, family);
}

/* Everywhere a value or a flag could change, and just beside. */
static void collect_points(const struct policy *policy, unsigned family, unsigned aggregate,
			   struct points *ret_points)
{
	ret_points->n_items = 0;
	for (size_t s = 0; s < policy->n_sets; s++) {
		for (size_t p = 0; p < policy->sets[s].n_prefixes; p++) {
			const struct prefix *prefix = &policy->sets[s].prefixes[p];
			struct guard_address last = prefix->address;

			if (prefix_is_ipv4(prefix) != (family == FAMILY_IPV4))
				continue;
			set_low_bits(&last, prefix->bits);
			add_edges(ret_points, prefix->address, prefix->bits, family);
			add_edges(ret_points, prefix->address, aggregate, family);
			add_edges(ret_points, last, aggregate, family);
			if (family == FAMILY_IPV6)
				add_edges(ret_points, prefix->address, 64, family);
		}
	}
}

/* By definition: some address of the aggregate has another value. One of the points would have. */
static bool is_split(const struct policy *policy, const struct points *points,
		     const struct guard_address *address, unsigned family, unsigned aggregate)
{
	struct prefix around = {*address, aggregate};
	uint64_t own = allowed(policy, true, address, family);

	address_mask(&around.address, aggregate);
	for (size_t i = 0; i < points->n_items; i++) {
		if (prefix_contains(&around, &points->items[i]) &&
		    allowed(policy, true, &points->items[i], family) != own)
			return true;
	}
	return false;
}

static uint64_t passing(const struct policy *policy)
{
	uint64_t rules = 0;

	for (size_t i = 0; i < policy->n_rules; i++) {
		if (policy->rules[i].action == RULE_PASS)
			rules |= 1ull << i;
	}
	return rules;
}

static void check_source(const struct policy *policy, const struct image *image,
			 const struct points *points, const struct guard_address *address,
			 unsigned family, unsigned aggregate)
{
	uint32_t value = find_range(image, image->policy->from_root, family, address);
	uint64_t rules = allowed(policy, true, address, family);

	assert_true((value & GUARD_RANGE_NUMBER) < image->n_vectors);
	assert_int_equal(image->policy->vectors[value & GUARD_RANGE_NUMBER][0], rules);
	assert_int_equal(!!(value & GUARD_RANGE_MAY_PASS), (rules & passing(policy)) != 0);
	assert_int_equal(!!(value & GUARD_RANGE_SPLIT),
			 is_split(policy, points, address, family, aggregate));
}

static void check_destination(const struct policy *policy, const struct image *image,
			      const struct guard_address *address, unsigned family)
{
	uint32_t value = find_range(image, image->policy->to_root, family, address);

	assert_int_equal(value & ~GUARD_RANGE_NUMBER, 0);
	assert_true(value < image->n_vectors);
	assert_int_equal(image->policy->vectors[value][0], allowed(policy, false, address, family));
}

/* Few bits differ, around the middle and the ends of the key, so that prefixes nest and touch. */
static struct guard_address random_address(uint64_t *random, unsigned family)
{
	static const unsigned char ipv6_bits[] = {32, 33, 46, 47, 48,  62,  63, 64,
						  65, 95, 96, 97, 125, 126, 127};
	struct guard_address address =
		address_of(family == FAMILY_IPV4 ? "192.0.2.0" : "2001:db8::");

	if (family == FAMILY_IPV4) {
		address.bytes[15] = random_below(random, 4) ? random_below(random, 16) : 0xff;
		return address;
	}
	for (size_t i = 0; i < sizeof(ipv6_bits); i++) {
		if (random_below(random, 3) == 0)
			address.bytes[ipv6_bits[i] / 8] |= 0x80 >> ipv6_bits[i] % 8;
	}
	return address;
}

static unsigned random_bits(uint64_t *random, unsigned family)
{
	static const unsigned char near[] = {32, 33, 47, 48, 62, 63, 64, 65, 66, 96, 126, 127, 128};

	if (family == FAMILY_IPV4)
		return 96 + (random_below(random, 3) ? 24 + random_below(random, 9)
						     : random_below(random, 33));
	return random_below(random, 3) ? near[random_below(random, sizeof(near))]
				       : random_below(random, 129);
}

static size_t add_random_set(struct policy *policy, uint64_t *random)
{
	struct prefix prefixes[PREFIXES_MAX];
	size_t n_prefixes = random_below(random, PREFIXES_MAX + 1);

	for (size_t i = 0; i < n_prefixes; i++) {
		unsigned family = random_below(random, 2);

		prefixes[i].address = random_address(random, family);
		prefixes[i].bits = random_bits(random, family);
		address_mask(&prefixes[i].address, prefixes[i].bits);
	}
	return add_set(policy, prefixes, n_prefixes);
}

static void name_random_sets(struct policy *policy, struct set_list *list, uint64_t *random)
{
	while (random_below(random, 5) < 2)
		name_set(list, random_below(random, policy->n_sets));
}

static struct policy *random_policy(uint64_t *random)
{
	struct policy *policy = made_policy();
	unsigned n_sets = 1 + random_below(random, 4), n_rules = 1 + random_below(random, 6);

	while (policy->n_sets < n_sets)
		add_random_set(policy, random);
	while (policy->n_rules < n_rules) {
		struct rule *rule = add_rule(policy, "any");

		name_random_sets(policy, &rule->from, random);
		name_random_sets(policy, &rule->not_from, random);
		name_random_sets(policy, &rule->to, random);
		name_random_sets(policy, &rule->not_to, random);
		if (random_below(random, 3) == 0)
			rule->action = RULE_PASS;
	}
	return policy;
}

static void check_policy(const struct policy *policy, const struct source_case *c, uint64_t *random)
{
	unsigned aggregate = c->aggregate + (c->family == FAMILY_IPV4 ? 96 : 0);
	struct diagnostics diagnostics = {};
	struct image *image;
	struct points points;

	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	assert_int_equal(diagnostics.n_items, 0);
	collect_points(policy, c->family, aggregate, &points);
	for (int i = 0; i < 8; i++)
		add_point(&points, random_address(random, c->family), c->family);
	for (size_t i = 0; i < points.n_items; i++) {
		check_source(policy, image, &points, &points.items[i], c->family, aggregate);
		check_destination(policy, image, &points.items[i], c->family);
	}
	image_free(&image);
	assert_null(image);
}

static void set_aggregate(struct policy *policy, const struct source_case *c)
{
	if (c->family == FAMILY_IPV4)
		policy->aggregate_ipv4 = c->aggregate;
	else
		policy->aggregate_ipv6 = c->aggregate;
}

static void trees_say_what_a_scan_says(void **state)
{
	uint64_t random = 1;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int round = 0; round < 60; round++) {
			_cleanup_(made_policy_free) struct policy *policy = random_policy(&random);

			set_aggregate(policy, &cases[i]);
			check_policy(policy, &cases[i], &random);
		}
	}
}

/* Ends of the space, where the next key would be 0 again. */
static const char *const ends[] = {
	"0.0.0.0",
	"255.255.255.255",
	"255.255.255.254",
	"::",
	"::1",
	"0:0:0:1::",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
	"ffff:ffff:ffff:fffe:ffff:ffff:ffff:ffff",
	"ffff:ffff:ffff:ffff::",
};

static void trees_reach_both_ends_of_the_space(void **state)
{
	uint64_t random = 5;

	for (size_t i = 0; i < ARRAY_SIZE(cases) * ARRAY_SIZE(ends); i++) {
		const struct source_case *c = &cases[i / ARRAY_SIZE(ends)];
		_cleanup_(made_policy_free) struct policy *policy = made_policy();
		struct prefix prefix = prefix_of(ends[i % ARRAY_SIZE(ends)]);

		set_aggregate(policy, c);
		name_set(&add_rule(policy, "end")->from, add_set(policy, &prefix, 1));
		check_policy(policy, c, &random);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_reach_both_ends_of_the_space),
		cmocka_unit_test(trees_say_what_a_scan_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
