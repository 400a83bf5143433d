/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validate.h"

#include <string.h>

#include "base/cleanup.h"
#include "cover.h"
#include "lockout.h"

static int compare_names(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;
	int difference = strcmp(x->name, y->name);

	return difference ? difference : (x > y) - (x < y);
}

static void check_names(struct loader *loader)
{
	const struct policy *policy = loader->policy;
	_cleanup_free_ const struct rule **sorted =
		loader_alloc(loader, policy->n_rules, sizeof(*sorted));
	const struct rule *first;
	size_t n_named = 0;

	for (size_t i = 0; sorted && i < policy->n_rules; i++)
		if (policy->rules[i].name)
			sorted[n_named++] = &policy->rules[i];
	if (n_named == 0)
		return;
	qsort(sorted, n_named, sizeof(*sorted), compare_names);

	first = sorted[0];
	for (size_t i = 1; i < n_named; i++) {
		if (strcmp(sorted[i]->name, first->name) == 0)
			loader_error_at(loader, &sorted[i]->place,
					"duplicate rule name \"%s\"; the first is on line %u",
					first->name, first->place.line);
		else
			first = sorted[i];
	}
}

/* A set may be filled later; a list that was fetched, and came out empty, is seen by this. */
static bool is_empty(struct loader *loader, const struct rule *rule, const struct set_list *list,
		     const char *key)
{
	if (!cover_is_empty(loader->policy, list))
		return false;
	loader_warn_at(loader, &rule->place,
		       "rule \"%s\" matches nothing: its %s names nothing but empty sets",
		       rule->name, key);
	return true;
}

static void check_reachable(struct loader *loader, const struct rule *rule)
{
	const struct policy *policy = loader->policy;
	const struct rule *earlier = policy->rules;

	if (is_empty(loader, rule, &rule->from, "from") || is_empty(loader, rule, &rule->to, "to"))
		return;
	if (cover_nothing_left(policy, rule)) {
		loader_warn_at(loader, &rule->place,
			       "rule \"%s\" can never match: what it excludes is all it has",
			       rule->name);
		return;
	}
	while (earlier < rule && !cover_rule(policy, earlier, rule))
		earlier++;
	if (earlier < rule)
		loader_warn_at(loader, &rule->place,
			       "rule \"%s\" can never match: rule \"%s\" on line %u covers it",
			       rule->name, earlier->name, earlier->place.line);
}

static void check_drops(struct loader *loader)
{
	const struct policy *policy = loader->policy;
	bool can_drop = policy->default_drop;

	for (size_t i = 0; i < policy->n_rules; i++)
		can_drop |= policy->rules[i].action != RULE_PASS;
	if (!can_drop)
		loader_warn(
			loader, loader->document->root,
			"nothing here could ever drop a packet%s: no rule drops or limits, and the "
			"default is pass",
			policy->malformed_pass ? "" : " that is well-formed");
}

void validate(struct loader *loader)
{
	const struct policy *policy = loader->policy;

	check_names(loader);
	/* Warnings about what isn't read in full would follow from the errors. */
	if (loader->diagnostics->n_errors > loader->n_errors_before)
		return;

	for (size_t i = 0; i < policy->n_rules; i++)
		check_reachable(loader, &policy->rules[i]);
	check_drops(loader);
	lockout_check(loader);
}
