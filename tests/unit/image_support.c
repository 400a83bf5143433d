/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void *grow(void *items, size_t n, size_t size)
{
	void *grown = reallocarray(items, n, size);

	assert_non_null(grown);
	return grown;
}

struct policy *made_policy(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	assert_non_null(policy);
	policy->path = strdup("made.yaml");
	policy->aggregate_ipv4 = 32;
	policy->aggregate_ipv6 = 64;
	policy->sets = calloc(MADE_SETS_MAX, sizeof(*policy->sets));
	policy->rules = calloc(MADE_RULES_MAX, sizeof(*policy->rules));
	assert_non_null(policy->sets);
	assert_non_null(policy->rules);
	return policy;
}

static void rule_free(struct rule *rule)
{
	free(rule->name);
	free(rule->from.sets);
	free(rule->not_from.sets);
	free(rule->to.sets);
	free(rule->not_to.sets);
	free(rule->to_ports.ranges);
	free(rule->from_ports.ranges);
}

void made_policy_free(struct policy **policy)
{
	for (size_t i = 0; i < (*policy)->n_rules; i++)
		rule_free(&(*policy)->rules[i]);
	for (size_t i = 0; i < (*policy)->n_sets; i++)
		free((*policy)->sets[i].prefixes);
	free((*policy)->rules);
	free((*policy)->sets);
	free((*policy)->path);
	free(*policy);
	*policy = NULL;
}

size_t add_set(struct policy *policy, const struct prefix *prefixes, size_t n_prefixes)
{
	struct set *set = &policy->sets[policy->n_sets];

	assert_true(policy->n_sets < MADE_SETS_MAX);
	set->prefixes = grow(NULL, n_prefixes + 1, sizeof(*prefixes));
	if (n_prefixes)
		memcpy(set->prefixes, prefixes, n_prefixes * sizeof(*prefixes));
	set->n_prefixes = n_prefixes;
	return policy->n_sets++;
}

struct rule *add_rule(struct policy *policy, const char *name)
{
	struct rule *rule = &policy->rules[policy->n_rules];

	assert_true(policy->n_rules < MADE_RULES_MAX);
	rule->name = strdup(name);
	rule->action = RULE_DROP;
	rule->any_protocol = true;
	rule->place = (struct place){policy->path, 10 + policy->n_rules, 5, 4};
	policy->n_rules++;
	return rule;
}

void name_set(struct set_list *list, size_t set)
{
	list->sets = grow(list->sets, list->n_sets + 1, sizeof(*list->sets));
	list->sets[list->n_sets++] = set;
}

void add_ports(struct port_list *list, uint16_t first, uint16_t last)
{
	list->ranges = grow(list->ranges, list->n_ranges + 1, sizeof(*list->ranges));
	list->ranges[list->n_ranges++] = (struct port_range){first, last};
}

void add_limit(struct rule *rule, struct limit limit)
{
	assert_true(rule->n_limits < POLICY_LIMITS_PER_RULE);
	limit.place = rule->place;
	rule->action = RULE_LIMIT;
	rule->limits[rule->n_limits++] = limit;
}

struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	bool host_bits;

	assert_int_equal(prefix_parse(text, &prefix, &host_bits), 0);
	assert_false(host_bits);
	return prefix;
}

struct guard_address address_of(const char *text)
{
	return prefix_of(text).address;
}

uint64_t random_next(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

unsigned random_below(uint64_t *state, unsigned end)
{
	return random_next(state) % end;
}

static uint64_t number_of(const unsigned char bytes[8])
{
	uint64_t number = 0;

	for (size_t i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

static unsigned keys_up_to(const __u64 *keys, unsigned n_keys, uint64_t key)
{
	unsigned below = 0;

	for (unsigned i = 0; i < n_keys; i++) {
		if (i > 0)
			assert_true(keys[i - 1] < keys[i]);
		below += keys[i] <= key;
	}
	return below;
}

static uint32_t walk(const struct image *image, uint32_t root, uint64_t key)
{
	uint32_t at = root;

	for (unsigned depth = 0; depth < GUARD_TREE_DEPTH_MAX; depth++) {
		const struct guard_cell *cell;
		unsigned n_keys;

		assert_true(at < image->n_cells);
		cell = &image->cells[at];
		n_keys = cell->keys & ~GUARD_CELL_LEAF;
		if (cell->keys & GUARD_CELL_LEAF) {
			assert_true(n_keys <= GUARD_LEAF_KEYS);
			return cell->leaf.value[keys_up_to(cell->leaf.key, n_keys, key)];
		}
		assert_true(n_keys <= GUARD_NODE_KEYS);
		at = cell->child + keys_up_to(cell->key, n_keys, key);
	}
	fail_msg("a tree deeper than GUARD_TREE_DEPTH_MAX");
	return 0;
}

uint32_t find_range(const struct image *image, const __u32 roots[2], unsigned family,
		    const struct guard_address *address)
{
	uint64_t upper = number_of(address->bytes), lower = number_of(address->bytes + 8);
	uint32_t value;

	if (family == FAMILY_IPV4)
		return walk(image, roots[0], lower & 0xffffffff);
	value = walk(image, roots[1], upper);
	if (value & GUARD_RANGE_DESCEND)
		value = walk(image, value & GUARD_RANGE_NUMBER, lower);
	assert_false(value & GUARD_RANGE_DESCEND);
	return value;
}
