/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_rules.h"

#include <string.h>

#include "base/cleanup.h"
#include "load_limits.h"
#include "load_match.h"
#include "load_sets.h"

static void read_name(struct loader *loader, const struct node *value, void *target)
{
	struct rule *rule = target;
	const char *name;

	rule->place = loader_place(loader, value);
	if (!loader_text(loader, value, LOADER_NAME, &name))
		return;
	if (loader_is_name(name))
		rule->name = loader_copy(loader, name);
	else
		loader_unexpected(loader, value, LOADER_NAME);
}

static void read_action(struct loader *loader, const struct node *value, void *target)
{
	struct rule *rule = target;
	bool is_drop;

	if (loader_flag(loader, value, "pass", "drop", &is_drop))
		rule->action = is_drop ? RULE_DROP : RULE_PASS;
}

static const struct loader_key rule_keys[] = {
	{"name", read_name},
	{"from", load_set_list, offsetof(struct rule, from)},
	{"not_from", load_set_list, offsetof(struct rule, not_from)},
	{"to", load_set_list, offsetof(struct rule, to)},
	{"not_to", load_set_list, offsetof(struct rule, not_to)},
	{"protocol", load_protocol},
	{"to_port", load_ports, offsetof(struct rule, to_ports)},
	{"from_port", load_ports, offsetof(struct rule, from_ports)},
	{"tcp_flags", load_tcp_flags},
	{"fragment", load_fragment},
	{"mode", loader_mode, offsetof(struct rule, monitor)},
	{"action", read_action},
	{"limit", load_limit},
	{"limits", load_limits},
};

/* Says what a rule does exactly once: action, limit or limits. */
static void check_action(struct loader *loader, const struct node *node, struct rule *rule)
{
	const struct node *action = node_find(node, "action");
	const struct node *limit = node_find(node, "limit");
	const struct node *limits = node_find(node, "limits");
	char path[NODE_PATH_SIZE];

	node_path(node, path);
	if (limit && limits)
		loader_error(loader, limits->key, "%s has both \"limit\" and \"limits\"", path);
	if (action && (limit || limits))
		loader_error(loader, action->key,
			     "%s has both an action and a limit; a limit passes what it holds",
			     path);
	if (node_lacks(node, "action") && node_lacks(node, "limit") && node_lacks(node, "limits"))
		loader_error(loader, node,
			     "%s does nothing: needs \"action\", \"limit\" or \"limits\"", path);
	if (limit || limits)
		rule->action = RULE_LIMIT;
}

static void read_rule(struct loader *loader, const struct node *node, void *target)
{
	struct policy *policy = target;
	struct rule *rule = &policy->rules[policy->n_rules++];
	char path[NODE_PATH_SIZE];

	rule->any_protocol = true;
	rule->place = loader_place(loader, node);
	loader_mapping(loader, node, rule_keys, ARRAY_SIZE(rule_keys), rule);
	if (node->kind != NODE_MAPPING)
		return;

	if (node_lacks(node, "name"))
		loader_error(loader, node, "%s has no name", node_path(node, path));
	check_action(loader, node, rule);
	load_match_finish(loader, node, rule);
}

void load_rules(struct loader *loader, const struct node *value, void *target)
{
	struct policy *policy = target;

	if (value->kind != NODE_LIST) {
		loader_unexpected(loader, value, "a list of rules");
		return;
	}
	if (value->n_items > GUARD_RULES_MAX) {
		loader_error(loader, value->items[GUARD_RULES_MAX].value,
			     "%zu rules: a policy holds at most %d", value->n_items,
			     GUARD_RULES_MAX);
	}
	policy->rules = loader_alloc(loader, value->n_items, sizeof(*policy->rules));
	for (size_t i = 0; policy->rules && i < value->n_items; i++)
		read_rule(loader, value->items[i].value, policy);
}
