/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

static bool has_ports(const struct packet *p)
{
	return p->part != LATER_FRAGMENT &&
	       (p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP ||
		p->protocol == IPPROTO_SCTP);
}

static bool has_flags(const struct packet *p)
{
	return p->part != LATER_FRAGMENT && p->protocol == IPPROTO_TCP;
}

static bool is_member(const struct policy *policy, const struct set_list *list,
		      const struct guard_address *address)
{
	for (size_t i = 0; i < list->n_sets; i++) {
		const struct set *set = &policy->sets[list->sets[i]];

		for (size_t p = 0; p < set->n_prefixes; p++) {
			if (prefix_contains(&set->prefixes[p], address))
				return true;
		}
	}
	return false;
}

static bool addresses_match(const struct policy *policy, const struct rule *rule,
			    const struct packet *p)
{
	return (rule->from.n_sets == 0 || is_member(policy, &rule->from, &p->from)) &&
	       (rule->to.n_sets == 0 || is_member(policy, &rule->to, &p->to)) &&
	       !is_member(policy, &rule->not_from, &p->from) &&
	       !is_member(policy, &rule->not_to, &p->to);
}

static bool ports_match(const struct port_list *ports, const struct packet *p, uint16_t port)
{
	if (ports->n_ranges == 0)
		return true;
	for (size_t i = 0; i < ports->n_ranges && has_ports(p); i++) {
		if (port >= ports->ranges[i].first && port <= ports->ranges[i].last)
			return true;
	}
	return false;
}

static bool flags_match(const struct rule *rule, const struct packet *p)
{
	if (rule->flags_set == 0 && rule->flags_clear == 0)
		return true;
	return has_flags(p) && (p->flags & rule->flags_set) == rule->flags_set &&
	       (p->flags & rule->flags_clear) == 0;
}

static bool rule_matches(const struct policy *policy, const struct rule *rule,
			 const struct packet *p)
{
	bool is_named = rule->any_protocol ||
			rule->protocols[p->protocol / 64] >> p->protocol % 64 & 1;

	if (!is_named || (rule->fragment == FRAGMENT_ONLY && p->part == WHOLE) ||
	    (rule->fragment == FRAGMENT_NONE && p->part != WHOLE))
		return false;
	return flags_match(rule, p) && ports_match(&rule->to_ports, p, p->to_port) &&
	       ports_match(&rule->from_ports, p, p->from_port) && addresses_match(policy, rule, p);
}

int first_match(const struct policy *policy, const struct packet *p)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		if (rule_matches(policy, &policy->rules[i], p))
			return i;
	}
	return NO_RULE;
}

static unsigned shape_of(const struct packet *p)
{
	if (p->part == LATER_FRAGMENT)
		return GUARD_SHAPE_LATER_FRAGMENT + p->protocol;
	if (p->protocol == IPPROTO_TCP)
		return (p->part == WHOLE ? GUARD_SHAPE_TCP_WHOLE : GUARD_SHAPE_TCP_FIRST) +
		       p->flags;
	return (p->part == WHOLE ? GUARD_SHAPE_WHOLE : GUARD_SHAPE_FIRST_FRAGMENT) + p->protocol;
}

/* One field's vector, AND-ed in. */
static void narrow(const struct guard_policy *policy, __u32 field, uint32_t number, __u32 fields,
		   __u64 rules[GUARD_WORDS_MAX])
{
	if (!(fields & field))
		return;
	for (size_t i = 0; i < GUARD_WORDS_MAX; i++)
		rules[i] &= policy->vectors[number][i];
}

int first_in_vectors(const struct image *image, const struct packet *p, __u32 fields)
{
	const struct guard_policy *policy = image->policy;
	uint32_t from = find_range(image, policy->from_root, p->family, &p->from);
	uint32_t to = find_range(image, policy->to_root, p->family, &p->to);
	uint32_t from_port = has_ports(p) ? p->from_port : GUARD_NO_PORT;
	uint32_t to_port = has_ports(p) ? p->to_port : GUARD_NO_PORT;
	__u64 rules[GUARD_WORDS_MAX];

	memset(rules, 0xff, sizeof(rules));
	narrow(policy, GUARD_FIELD_FROM, from & GUARD_RANGE_NUMBER, fields, rules);
	narrow(policy, GUARD_FIELD_TO, to & GUARD_RANGE_NUMBER, fields, rules);
	narrow(policy, GUARD_FIELD_SHAPE, policy->shape[shape_of(p)], fields, rules);
	narrow(policy, GUARD_FIELD_TO_PORT, policy->to_port[to_port], fields, rules);
	narrow(policy, GUARD_FIELD_FROM_PORT, policy->from_port[from_port], fields, rules);
	for (size_t i = 0; i < policy->words; i++) {
		if (rules[i])
			return i * 64 + __builtin_ctzll(rules[i]);
	}
	return NO_RULE;
}

void check_packet(const struct policy *policy, const struct image *image, const struct packet *p)
{
	int expected = first_match(policy, p);

	assert_int_equal(first_in_vectors(image, p, image->policy->fields | GUARD_FIELD_FROM),
			 expected);
	assert_int_equal(first_in_vectors(image, p, ~0u), expected);
}
