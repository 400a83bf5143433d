/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity.h"

#include <string.h>

#include "base/cleanup.h"

_Static_assert(GUARD_RULE_SLOTS >= 2 * GUARD_RULES_MAX, "old and new rules find room");
_Static_assert(GUARD_LIMIT_SLOTS >= 2 * GUARD_LIMITS_MAX, "old and new limits find room");

struct slot_pool {
	bool *is_taken;
	uint32_t n_slots;
	uint32_t next;
};

/* What one assignment draws on. */
struct registry {
	const struct identity *old;
	struct slot_pool rules, limits;
	uint32_t next_limit_id;
	struct fresh_slots *fresh;
};

static uint32_t take_slot(struct slot_pool *pool)
{
	uint32_t slot = pool->next;

	while (pool->is_taken[slot])
		slot = (slot + 1) % pool->n_slots;
	pool->is_taken[slot] = true;
	pool->next = (slot + 1) % pool->n_slots;
	return slot;
}

static bool is_sound_limit(const struct limit_identity *limit, uint32_t next_id)
{
	return limit->slot < GUARD_LIMIT_SLOTS && limit->id < next_id &&
	       limit->per <= GUARD_PER_ALL && limit->bits_ipv4 <= 128 && limit->bits_ipv6 <= 128;
}

bool identity_is_sound(const struct identity *identity)
{
	if (identity->n_rules > GUARD_RULES_MAX || identity->next_rule_slot >= GUARD_RULE_SLOTS)
		return false;
	for (size_t i = 0; i < identity->n_rules; i++) {
		const struct rule_identity *rule = &identity->rules[i];

		if (rule->slot >= GUARD_RULE_SLOTS || rule->n_limits > GUARD_LIMITS_PER_RULE)
			return false;
		for (size_t n = 0; n < rule->n_limits; n++)
			if (!is_sound_limit(&rule->limits[n], identity->next_limit_id))
				return false;
	}
	return true;
}

static int registry_open(struct registry *registry)
{
	const struct identity *old = registry->old;

	registry->rules.is_taken = calloc(GUARD_RULE_SLOTS, sizeof(bool));
	registry->limits.is_taken = calloc(GUARD_LIMIT_SLOTS, sizeof(bool));
	if (!registry->rules.is_taken || !registry->limits.is_taken)
		return -ENOMEM;

	/* Sources and blocks remember rules by slot: a slot at rest longer misnames fewer. */
	registry->rules.next = old->next_rule_slot;
	registry->rules.n_slots = GUARD_RULE_SLOTS;
	registry->limits.n_slots = GUARD_LIMIT_SLOTS;
	registry->next_limit_id = old->next_limit_id ? old->next_limit_id : 1;
	for (size_t i = 0; i < old->n_rules; i++) {
		const struct rule_identity *rule = &old->rules[i];

		registry->rules.is_taken[rule->slot] = true;
		for (size_t n = 0; n < rule->n_limits; n++)
			registry->limits.is_taken[rule->limits[n].slot] = true;
	}
	return 0;
}

static void registry_close(struct registry *registry)
{
	free(registry->rules.is_taken);
	free(registry->limits.is_taken);
}

static const struct rule_identity *find_rule(const struct identity *identity, const char *name)
{
	for (size_t i = 0; i < identity->n_rules; i++) {
		if (strcmp(identity->rules[i].name, name) == 0)
			return &identity->rules[i];
	}
	return NULL;
}

static uint32_t new_rule_slot(struct registry *registry)
{
	struct fresh_slots *fresh = registry->fresh;
	uint32_t slot = take_slot(&registry->rules);

	fresh->rules[fresh->n_rules++] = slot;
	return slot;
}

static void new_limit(struct registry *registry, struct limit_identity *limit)
{
	struct fresh_slots *fresh = registry->fresh;

	limit->id = registry->next_limit_id++;
	limit->slot = take_slot(&registry->limits);
	fresh->limits[fresh->n_limits++] = limit->slot;
}

/* Budgets are kept by address: those of another `per` say nothing about this one. */
static bool is_same_kind(const struct limit_identity *a, const struct limit_identity *b)
{
	return a->per == b->per && a->bits_ipv4 == b->bits_ipv4 && a->bits_ipv6 == b->bits_ipv6;
}

static int identify_rule(struct registry *registry, const char *name,
			 const struct guard_limit *limits, size_t n_limits,
			 struct rule_identity *ret_rule)
{
	const struct rule_identity *before = find_rule(registry->old, name);
	struct rule_identity rule = {.name = strdup(name), .n_limits = n_limits};

	if (!rule.name)
		return -ENOMEM;
	rule.slot = before ? before->slot : new_rule_slot(registry);
	for (size_t n = 0; n < n_limits; n++) {
		struct limit_identity *limit = &rule.limits[n];

		limit->per = limits[n].per;
		limit->bits_ipv4 = limits[n].bits_ipv4;
		limit->bits_ipv6 = limits[n].bits_ipv6;
		if (before && n < before->n_limits && is_same_kind(limit, &before->limits[n]))
			*limit = before->limits[n];
		else
			new_limit(registry, limit);
	}
	*ret_rule = rule;
	return 0;
}

static int identify_rules(struct registry *registry, const struct policy *policy,
			  const struct guard_policy *image, struct identity *identity)
{
	identity->rules = calloc(policy->n_rules + 1, sizeof(*identity->rules));
	if (!identity->rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct guard_rule *rule = &image->rule[i];
		int r = identify_rule(registry, policy->rules[i].name,
				      &image->limit[rule->first_limit], rule->limits,
				      &identity->rules[i]);

		if (r < 0)
			return r;
		identity->n_rules++;
	}
	identity->next_limit_id = registry->next_limit_id;
	identity->next_rule_slot = registry->rules.next;
	return 0;
}

static void write_identities(const struct identity *identity, struct guard_policy *image)
{
	for (size_t i = 0; i < identity->n_rules; i++) {
		const struct rule_identity *rule = &identity->rules[i];
		struct guard_limit *limits = &image->limit[image->rule[i].first_limit];

		image->rule[i].slot = rule->slot;
		for (size_t n = 0; n < rule->n_limits; n++) {
			limits[n].id = rule->limits[n].id;
			limits[n].slot = rule->limits[n].slot;
		}
	}
}

int identity_assign(const struct identity *old, const struct policy *policy, struct image *image,
		    struct identity *ret_identity, struct fresh_slots *ret_fresh)
{
	_cleanup_(identity_free) struct identity identity = {};
	_cleanup_free_ struct fresh_slots *fresh = calloc(1, sizeof(*fresh));
	_cleanup_(registry_close) struct registry registry = {.old = old, .fresh = fresh};
	int r;

	if (!identity_is_sound(old))
		return -EINVAL;
	if (old->next_limit_id > UINT32_MAX - GUARD_LIMITS_MAX)
		return -EOVERFLOW;
	r = fresh ? registry_open(&registry) : -ENOMEM;
	if (r < 0)
		return r;
	r = identify_rules(&registry, policy, image->policy, &identity);
	if (r < 0)
		return r;

	write_identities(&identity, image->policy);
	*ret_identity = identity;
	*ret_fresh = *fresh;
	identity = (struct identity){};
	return 0;
}

void identity_free(struct identity *identity)
{
	for (size_t i = 0; i < identity->n_rules; i++)
		free(identity->rules[i].name);
	free(identity->rules);
	*identity = (struct identity){};
}
