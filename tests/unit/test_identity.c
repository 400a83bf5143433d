/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies applied one after the other: what keeps its slots and ids, and what gets new ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "compile/identity.h"
#include "image_support.h"

/* A guard that policies are applied to: what the guard layer keeps between two of them. */
struct guard {
	struct identity identity;
	struct fresh_slots fresh; /* of the latest policy */
	struct image *image;	  /* likewise */
};

static void guard_free(struct guard *guard)
{
	identity_free(&guard->identity);
	image_free(&guard->image);
}

static void identify(struct guard *guard, const struct policy *policy)
{
	struct identity identity;

	assert_int_equal(identity_assign(&guard->identity, policy, guard->image, &identity,
					 &guard->fresh),
			 0);
	identity_free(&guard->identity);
	guard->identity = identity;
}

static void apply(struct guard *guard, const struct policy *policy)
{
	struct diagnostics diagnostics = {};

	image_free(&guard->image);
	assert_int_equal(image_compile(policy, &diagnostics, &guard->image), 0);
	identify(guard, policy);
}

static const struct limit per_source = {.packets = 1, .period_ns = 1000, .burst = 1};
static const struct limit per_all = {.packets = 1, .period_ns = 1000, .burst = 1, .per = PER_ALL};

static const struct limit per_prefix = {.packets = 1,
					.period_ns = 1000,
					.burst = 1,
					.per = PER_PREFIX,
					.bits_ipv4 = 24,
					.bits_ipv6 = 48};

/* One rule, with up to two limits. */
static struct policy *policy_of(const char *name, const struct limit *first,
				const struct limit *second)
{
	struct policy *policy = made_policy();
	struct rule *rule = add_rule(policy, name);

	if (first)
		add_limit(rule, *first);
	if (second)
		add_limit(rule, *second);
	return policy;
}

static bool is_fresh(const uint32_t *fresh, size_t n_fresh, uint32_t slot)
{
	for (size_t i = 0; i < n_fresh; i++) {
		if (fresh[i] == slot)
			return true;
	}
	return false;
}

/* The table says what the image does. */
static void check_table(const struct guard *guard, const struct policy *policy)
{
	const struct guard_policy *image = guard->image->policy;

	assert_int_equal(guard->identity.n_rules, policy->n_rules);
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule_identity *rule = &guard->identity.rules[i];
		const struct guard_limit *limits = &image->limit[image->rule[i].first_limit];

		assert_string_equal(rule->name, policy->rules[i].name);
		assert_int_equal(rule->slot, image->rule[i].slot);
		assert_int_equal(rule->n_limits, policy->rules[i].n_limits);
		for (size_t n = 0; n < rule->n_limits; n++) {
			assert_int_equal(rule->limits[n].id, limits[n].id);
			assert_int_equal(rule->limits[n].slot, limits[n].slot);
			assert_int_equal(rule->limits[n].per, limits[n].per);
			assert_int_equal(rule->limits[n].bits_ipv4, limits[n].bits_ipv4);
			assert_int_equal(rule->limits[n].bits_ipv6, limits[n].bits_ipv6);
		}
	}
}

static void the_first_policy_is_all_new(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	_cleanup_(made_policy_free) struct policy *policy = policy_of("a", &per_all, &per_source);

	add_rule(policy, "b");
	apply(&guard, policy);
	check_table(&guard, policy);
	assert_int_equal(guard.fresh.n_rules, 2);
	assert_int_equal(guard.fresh.n_limits, 2);
	assert_int_equal(guard.image->policy->limit[0].id, 1); /* 0 marks a free place */
	assert_int_equal(guard.image->policy->limit[1].id, 2);
	assert_int_equal(guard.identity.next_limit_id, 3);
}

static void the_same_policy_again_is_nothing_new(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	_cleanup_(made_policy_free) struct policy *policy = policy_of("a", &per_all, &per_source);
	struct guard_policy *before = malloc(sizeof(*before));

	assert_non_null(before);
	apply(&guard, policy);
	*before = *guard.image->policy;
	apply(&guard, policy);
	check_table(&guard, policy);
	assert_memory_equal(before, guard.image->policy, sizeof(*before));
	assert_int_equal(guard.fresh.n_rules, 0);
	assert_int_equal(guard.fresh.n_limits, 0);
	free(before);
}

static void a_rule_keeps_its_slot_wherever_it_moves(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	_cleanup_(made_policy_free) struct policy *before = policy_of("a", &per_source, NULL);
	_cleanup_(made_policy_free) struct policy *after = policy_of("new", &per_source, NULL);
	struct rule_identity old_a;

	add_rule(before, "b");
	apply(&guard, before);
	old_a = guard.identity.rules[0];

	add_rule(after, "b");
	add_limit(add_rule(after, "a"), per_source);
	apply(&guard, after);
	check_table(&guard, after);
	assert_int_equal(guard.identity.rules[2].slot, old_a.slot);
	assert_int_equal(guard.identity.rules[2].limits[0].id, old_a.limits[0].id);
	assert_int_equal(guard.identity.rules[2].limits[0].slot, old_a.limits[0].slot);
	assert_int_equal(guard.fresh.n_rules, 1);
	assert_int_equal(guard.fresh.rules[0], guard.identity.rules[0].slot);
	assert_int_equal(guard.fresh.n_limits, 1);
}

struct change_case {
	const char *name;
	const struct limit *before[2];
	const struct limit *after[2];
	bool keeps[2]; /* by place in the compiled order */
	size_t n_after;
};

static const struct limit faster = {.packets = 9,
				    .period_ns = 1000,
				    .burst = 5,
				    .bits_per_second = 8000,
				    .block_first_ns = 1000,
				    .block_factor = 1,
				    .block_max_ns = 1000};

static const struct limit other_ipv4 = {.packets = 1,
					.period_ns = 1000,
					.burst = 1,
					.per = PER_PREFIX,
					.bits_ipv4 = 23,
					.bits_ipv6 = 48};

static const struct limit other_ipv6 = {.packets = 1,
					.period_ns = 1000,
					.burst = 1,
					.per = PER_PREFIX,
					.bits_ipv4 = 24,
					.bits_ipv6 = 56};

static const struct change_case change_cases[] = {
	{"another rate is the same limit", {&per_source}, {&faster}, {true}, 1},
	{"another scope is another limit", {&per_source}, {&per_all}, {false}, 1},
	{"so are other IPv4 bits", {&per_prefix}, {&other_ipv4}, {false}, 1},
	{"and other IPv6 bits", {&per_prefix}, {&other_ipv6}, {false}, 1},
	{"the file's order does not matter",
	 {&per_all, &per_source},
	 {&per_source, &per_all},
	 {true, true},
	 2},
	{"a limit behind is new, that before it stays",
	 {&per_source},
	 {&per_source, &per_all},
	 {true, false},
	 2},
	{"a second limit of the same kind is new",
	 {&per_source},
	 {&per_source, &faster},
	 {true, false},
	 2},
	{"a limit in front moves the other from its place",
	 {&per_all},
	 {&per_source, &per_all},
	 {false, false},
	 2},
	{"a limit less leaves the first", {&per_source, &per_all}, {&faster}, {true}, 1},
	{"no limit leaves none", {&per_source}, {NULL}, {false}, 0},
};

static void limits_live_on_as_what_they_were(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(change_cases); i++) {
		const struct change_case *c = &change_cases[i];
		_cleanup_(guard_free) struct guard guard = {};
		_cleanup_(made_policy_free) struct policy *before =
			policy_of("a", c->before[0], c->before[1]);
		_cleanup_(made_policy_free) struct policy *after =
			policy_of("a", c->after[0], c->after[1]);
		struct rule_identity old;
		uint32_t old_next;

		print_message("# %s\n", c->name);
		apply(&guard, before);
		old = guard.identity.rules[0];
		old_next = guard.identity.next_limit_id;
		apply(&guard, after);
		check_table(&guard, after);
		assert_int_equal(guard.fresh.n_rules, 0);
		assert_int_equal(guard.identity.rules[0].n_limits, c->n_after);
		for (size_t n = 0; n < c->n_after; n++) {
			const struct limit_identity *limit = &guard.identity.rules[0].limits[n];

			if (c->keeps[n]) {
				assert_int_equal(limit->id, old.limits[n].id);
				assert_int_equal(limit->slot, old.limits[n].slot);
				continue;
			}
			assert_true(limit->id >= old_next);
			assert_true(
				is_fresh(guard.fresh.limits, guard.fresh.n_limits, limit->slot));
		}
	}
}

static void fill(struct policy *policy, unsigned first)
{
	for (unsigned i = 0; i < GUARD_RULES_MAX; i++) {
		char name[16];
		struct rule *rule;

		snprintf(name, sizeof(name), "rule %u", first + i);
		rule = add_rule(policy, name);
		for (size_t n = 0; n < POLICY_LIMITS_PER_RULE; n++)
			add_limit(rule, per_source);
	}
}

static void check_no_overlap(const struct guard *guard, const bool old_rules[GUARD_RULE_SLOTS],
			     const bool old_limits[GUARD_LIMIT_SLOTS])
{
	for (size_t i = 0; i < guard->fresh.n_rules; i++) {
		assert_true(guard->fresh.rules[i] < GUARD_RULE_SLOTS);
		assert_false(old_rules[guard->fresh.rules[i]]);
	}
	for (size_t i = 0; i < guard->fresh.n_limits; i++) {
		assert_true(guard->fresh.limits[i] < GUARD_LIMIT_SLOTS);
		assert_false(old_limits[guard->fresh.limits[i]]);
	}
}

/* The largest policies there are, sharing half of their rules or none. */
static void full_policies_follow_each_other(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	unsigned first = 0;

	for (unsigned round = 0; round < 8; round++) {
		_cleanup_(made_policy_free) struct policy *policy = made_policy();
		bool rules[GUARD_RULE_SLOTS] = {}, limits[GUARD_LIMIT_SLOTS] = {};
		unsigned n_new = round % 2 ? GUARD_RULES_MAX / 2 : GUARD_RULES_MAX;
		uint32_t next_id = round == 0 ? 1 : guard.identity.next_limit_id;

		for (size_t i = 0; i < guard.identity.n_rules; i++) {
			rules[guard.identity.rules[i].slot] = true;
			for (size_t n = 0; n < POLICY_LIMITS_PER_RULE; n++)
				limits[guard.identity.rules[i].limits[n].slot] = true;
		}
		first += n_new;
		fill(policy, first);
		apply(&guard, policy);
		check_table(&guard, policy);
		check_no_overlap(&guard, rules, limits);
		assert_int_equal(guard.fresh.n_rules, n_new);
		assert_int_equal(guard.fresh.n_limits, n_new * POLICY_LIMITS_PER_RULE);
		assert_int_equal(guard.identity.next_limit_id, next_id + guard.fresh.n_limits);
	}
}

/* Sources remember the rule that dropped them last, by slot. */
static void a_freed_slot_rests_before_it_is_used_again(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	_cleanup_(made_policy_free) struct policy *policy =
		policy_of("rule of no number", NULL, NULL);
	uint32_t slot;

	apply(&guard, policy);
	slot = guard.identity.rules[0].slot;
	for (unsigned i = 1; i < GUARD_RULE_SLOTS; i++) {
		snprintf(policy->rules[0].name, strlen("rule of no number"), "rule %u", i);
		identify(&guard, policy);
		assert_int_equal(guard.fresh.n_rules, 1);
		assert_int_not_equal(guard.identity.rules[0].slot, slot);
	}
}

static void a_rule_that_stays_is_never_robbed_of_its_slot(void **state)
{
	_cleanup_(guard_free) struct guard guard = {};
	_cleanup_(made_policy_free) struct policy *policy =
		policy_of("rule of no number", NULL, NULL);
	uint32_t slot;

	add_rule(policy, "stays");
	apply(&guard, policy);
	slot = guard.identity.rules[1].slot;
	for (unsigned i = 0; i < 2 * GUARD_RULE_SLOTS; i++) {
		snprintf(policy->rules[0].name, strlen("rule of no number"), "rule %u", i);
		identify(&guard, policy);
		assert_int_equal(guard.fresh.n_rules, 1);
		assert_int_equal(guard.identity.rules[1].slot, slot);
		assert_int_not_equal(guard.identity.rules[0].slot, slot);
	}
}

struct unsound_case {
	const char *name;
	struct identity identity;
	int error;
};

static struct rule_identity unsound_rules[] = {
	{.name = (char *)"slot", .slot = GUARD_RULE_SLOTS},
	{.name = (char *)"limits", .n_limits = GUARD_LIMITS_PER_RULE + 1},
	{.name = (char *)"limit's slot", .limits = {{1, GUARD_LIMIT_SLOTS}}, .n_limits = 1},
	{.name = (char *)"id", .limits = {{7, 0}}, .n_limits = 1},
};

static const struct unsound_case unsound_cases[] = {
	{"a slot past the counters", {&unsound_rules[0], 1, 2, 0}, -EINVAL},
	{"more limits than a rule has", {&unsound_rules[1], 1, 2, 0}, -EINVAL},
	{"a limit's slot past the buckets", {&unsound_rules[2], 1, 2, 0}, -EINVAL},
	{"an id that was never given out", {&unsound_rules[3], 1, 7, 0}, -EINVAL},
	{"more rules than there can be", {unsound_rules, GUARD_RULES_MAX + 1, 2, 0}, -EINVAL},
	{"a search past the counters", {NULL, 0, 1, GUARD_RULE_SLOTS}, -EINVAL},
	{"ids that are used up", {NULL, 0, UINT32_MAX - 4000, 0}, -EOVERFLOW},
};

static void an_unsound_table_is_refused(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = policy_of("a", &per_source, NULL);
	_cleanup_(image_free) struct image *image = NULL;
	struct guard_policy *before = malloc(sizeof(*before));
	struct diagnostics diagnostics = {};

	assert_non_null(before);
	assert_int_equal(image_compile(policy, &diagnostics, &image), 0);
	*before = *image->policy;
	for (size_t i = 0; i < ARRAY_SIZE(unsound_cases); i++) {
		struct identity identity;
		struct fresh_slots fresh;

		print_message("# %s\n", unsound_cases[i].name);
		assert_int_equal(identity_assign(&unsound_cases[i].identity, policy, image,
						 &identity, &fresh),
				 unsound_cases[i].error);
	}
	assert_memory_equal(before, image->policy, sizeof(*before));
	free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_policy_is_all_new),
		cmocka_unit_test(the_same_policy_again_is_nothing_new),
		cmocka_unit_test(a_rule_keeps_its_slot_wherever_it_moves),
		cmocka_unit_test(limits_live_on_as_what_they_were),
		cmocka_unit_test(full_policies_follow_each_other),
		cmocka_unit_test(a_freed_slot_rests_before_it_is_used_again),
		cmocka_unit_test(a_rule_that_stays_is_never_robbed_of_its_slot),
		cmocka_unit_test(an_unsound_table_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
