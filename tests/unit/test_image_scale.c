/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiled form filled to its brim, and past it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "image_support.h"

#define MILLION 1000000

/*
 * Set n holds the addresses of 2001:db8::/32 whose bit n after the prefix is set: every combination
 * of n_sets memberships occurs.
 */
static void add_bit_sets(struct policy *policy, unsigned n_sets)
{
	struct prefix *prefixes = calloc(1u << n_sets, sizeof(*prefixes));

	assert_non_null(prefixes);
	for (unsigned bit = 0; bit < n_sets; bit++) {
		size_t n_prefixes = 1u << bit;

		for (size_t i = 0; i < n_prefixes; i++) {
			uint32_t below = (i << 1 | 1) << (31 - bit);

			prefixes[i] = prefix_of("2001:db8::/32");
			prefixes[i].bits = 32 + bit + 1;
			for (size_t byte = 0; byte < 4; byte++)
				prefixes[i].address.bytes[4 + byte] = below >> (24 - 8 * byte);
		}
		name_set(&add_rule(policy, "bit")->from, add_set(policy, prefixes, n_prefixes));
	}
	free(prefixes);
}

static void as_many_vectors_as_fit_compile(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};

	add_bit_sets(policy, 13);
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	assert_int_equal(image->n_vectors, GUARD_VECTORS_MAX);
	assert_int_equal(image->n_classes, GUARD_VECTORS_MAX);
	assert_int_equal(diagnostics.n_items, 0);
}

static void expect_too_big(const struct policy *policy, const char *says, unsigned line)
{
	struct diagnostics diagnostics = {};
	struct image *untouched = (struct image *)policy, *image = untouched;

	assert_int_equal(image_compile(policy, &diagnostics, &image), -E2BIG);
	assert_ptr_equal(image, untouched);
	assert_int_equal(diagnostics.n_errors, 1);
	assert_non_null(strstr(diagnostics.items[0].text, says));
	assert_string_equal(diagnostics.items[0].file, policy->path);
	assert_int_equal(diagnostics.items[0].line, line);
	diagnostics_free(&diagnostics);
}

static void one_vector_too_many_is_said(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	struct rule *rule;

	add_bit_sets(policy, 13);
	rule = add_rule(policy, "one more");
	rule->any_protocol = false;
	rule->protocols[0] = 1ull << IPPROTO_UDP;
	expect_too_big(policy, "more than 8192 combinations of rules", 0);
}

static void far_too_many_vectors_are_said(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();

	add_bit_sets(policy, 16);
	expect_too_big(policy, "more than 8192 combinations of rules", 0);
}

static void too_many_rules_are_said_where_they_begin(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();

	while (policy->n_rules < GUARD_RULES_MAX + 1)
		add_rule(policy, "rule");
	expect_too_big(policy, "1025 rules: the compiled form holds 1024",
		       policy->rules[GUARD_RULES_MAX].place.line);
}

static void too_many_prefixes_are_said(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	size_t set = add_set(policy, NULL, 0);

	policy->sets[set].n_prefixes = (1u << 24) + 1; /* counted before they are read */
	expect_too_big(policy, "16777217 prefixes in all sets", 0);
	policy->sets[set].n_prefixes = 0;
}

static void a_thousand_rules_keep_their_order(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	struct diagnostics diagnostics = {};

	for (unsigned i = 0; i < GUARD_RULES_MAX; i++) {
		struct rule *rule = add_rule(policy, "rule");

		add_ports(&rule->to_ports, 1000 + i, 1000 + i);
		for (size_t n = 0; n < POLICY_LIMITS_PER_RULE; n++)
			add_limit(rule, (struct limit){.packets = i + 1,
						       .period_ns = 1000000000,
						       .burst = 1 + n});
	}
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	assert_int_equal(image->policy->words, GUARD_WORDS_MAX);
	for (unsigned i = 0; i < GUARD_RULES_MAX; i++) {
		const __u64 *words = image->policy->vectors[image->policy->to_port[1000 + i]];
		const struct guard_rule *rule = &image->policy->rule[i];

		for (size_t w = 0; w < GUARD_WORDS_MAX; w++)
			assert_int_equal(words[w], w == i / 64 ? 1ull << i % 64 : 0);
		assert_int_equal(rule->slot, i);
		assert_int_equal(rule->limits, 4);
		assert_int_equal(rule->first_limit, 4 * i);
		for (size_t n = 0; n < 4; n++) {
			assert_int_equal(image->policy->limit[4 * i + n].slot, 4 * i + n);
			assert_int_equal(image->policy->limit[4 * i + n].id, 4 * i + n + 1);
		}
	}
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Made of numbers: a million prefixes do not fit the documentation's IPv4 ranges. */
static struct prefix numbered_prefix(uint64_t number, unsigned family)
{
	struct prefix prefix = {
		.address = address_of(family == FAMILY_IPV4 ? "0.0.0.0" : "2001:db8::"),
		.bits = family == FAMILY_IPV4 ? 96 + 24 + number % 9 : 48 + number % 17,
	};
	size_t at = family == FAMILY_IPV4 ? 12 : 4;

	for (size_t i = 0; i < 4; i++)
		prefix.address.bytes[at + i] = number >> (32 + 8 * i);
	address_mask(&prefix.address, prefix.bits);
	return prefix;
}

static void compile_a_million(unsigned family, const char *name)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	_cleanup_(image_free) struct image *image = NULL;
	_cleanup_free_ struct prefix *prefixes = calloc(MILLION, sizeof(*prefixes));
	struct diagnostics diagnostics = {};
	uint64_t random = 4;
	double started;
	size_t set;

	assert_non_null(prefixes);
	for (size_t i = 0; i < MILLION; i++)
		prefixes[i] = numbered_prefix(random_next(&random), family);
	set = add_set(policy, prefixes, MILLION);
	name_set(&add_rule(policy, "abuse")->from, set);

	started = seconds(CLOCK_PROCESS_CPUTIME_ID);
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	print_message("# %s: %zu ranges, %zu cells in %.2f s of CPU time\n", name, image->n_ranges,
		      image->n_cells, seconds(CLOCK_PROCESS_CPUTIME_ID) - started);
	assert_int_equal(image->n_classes, 2);
	for (size_t i = 0; i < MILLION; i += 7) {
		uint32_t value =
			find_range(image, image->policy->from_root, family, &prefixes[i].address);

		assert_int_equal(image->policy->vectors[value & GUARD_RANGE_NUMBER][0], 1);
	}
}

static void a_million_prefixes_compile(void **state)
{
	compile_a_million(FAMILY_IPV4, "IPv4");
	compile_a_million(FAMILY_IPV6, "IPv6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_vectors_as_fit_compile),
		cmocka_unit_test(one_vector_too_many_is_said),
		cmocka_unit_test(far_too_many_vectors_are_said),
		cmocka_unit_test(too_many_rules_are_said_where_they_begin),
		cmocka_unit_test(too_many_prefixes_are_said),
		cmocka_unit_test(a_thousand_rules_keep_their_order),
		cmocka_unit_test(a_million_prefixes_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
