/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy.h"

#include "base/cleanup.h"

static void free_texts(char **texts, size_t n_texts)
{
	for (size_t i = 0; i < n_texts; i++)
		free(texts[i]);
	free(texts);
}

static void free_sets(struct set *sets, size_t n_sets)
{
	for (size_t i = 0; i < n_sets; i++) {
		free(sets[i].name);
		free(sets[i].prefixes);
	}
	free(sets);
}

static void free_rules(struct rule *rules, size_t n_rules)
{
	for (size_t i = 0; i < n_rules; i++) {
		free(rules[i].name);
		free(rules[i].from.sets);
		free(rules[i].not_from.sets);
		free(rules[i].to.sets);
		free(rules[i].not_to.sets);
		free(rules[i].to_ports.ranges);
		free(rules[i].from_ports.ranges);
	}
	free(rules);
}

void policy_free(struct policy **policy)
{
	struct policy *p = *policy;

	*policy = NULL;
	if (!p)
		return;
	free(p->name);
	free(p->path);
	free_texts(p->interfaces, p->n_interfaces);
	free_texts(p->files, p->n_files);
	free_sets(p->sets, p->n_sets);
	free_rules(p->rules, p->n_rules);
	free(p);
}

bool rule_has_protocol(const struct rule *rule, uint8_t protocol)
{
	return rule->any_protocol || (rule->protocols[protocol / 64] >> protocol % 64 & 1);
}
