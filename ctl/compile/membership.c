/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "membership.h"

#include "base/cleanup.h"

static const struct set_list *wanted(const struct rule *rule, enum address_side side)
{
	return side == ADDRESS_FROM ? &rule->from : &rule->to;
}

static const struct set_list *unwanted(const struct rule *rule, enum address_side side)
{
	return side == ADDRESS_FROM ? &rule->not_from : &rule->not_to;
}

bool rule_asks_for_address(const struct rule *rule, enum address_side side)
{
	return wanted(rule, side)->n_sets || unwanted(rule, side)->n_sets;
}

static struct set_member *name_set(struct membership *membership, size_t set)
{
	struct set_member *member = &membership->of_set[set];

	if (!member->is_named)
		membership->n_named++;
	member->is_named = true;
	return member;
}

static void add_rule(struct membership *membership, size_t number, const struct set_list *in,
		     const struct set_list *out)
{
	if (in->n_sets == 0)
		vector_add(&membership->anyone, number);
	for (size_t i = 0; i < in->n_sets; i++)
		vector_add(&name_set(membership, in->sets[i])->let_in, number);
	for (size_t i = 0; i < out->n_sets; i++)
		vector_add(&name_set(membership, out->sets[i])->kept_out, number);
}

int membership_collect(const struct policy *policy, enum address_side side,
		       struct membership *ret_membership)
{
	struct membership membership = {};

	membership.of_set = calloc(policy->n_sets + 1, sizeof(*membership.of_set));
	if (!membership.of_set)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		add_rule(&membership, i, wanted(rule, side), unwanted(rule, side));
	}
	*ret_membership = membership;
	return 0;
}

void membership_free(struct membership *membership)
{
	free(membership->of_set);
	membership->of_set = NULL;
}
