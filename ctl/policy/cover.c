/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cover.h"

#include "base/cleanup.h"
#include "prefixes.h"

/* Both families whole: what a rule without from or to matches. */
static const struct prefix everything[] = {
	{.address = {.bytes = {[10] = 0xff, [11] = 0xff}}, .bits = ADDRESS_IPV4_BITS},
	{.bits = 0},
};

static const struct set whole = {
	.prefixes = (struct prefix *)everything,
	.n_prefixes = ARRAY_SIZE(everything),
};

/* A list that may stand for everything, set by set. */
static size_t set_count(const struct set_list *list)
{
	return list->n_sets ? list->n_sets : 1;
}

static const struct set *set_at(const struct policy *policy, const struct set_list *list, size_t i)
{
	return list->n_sets ? &policy->sets[list->sets[i]] : &whole;
}

bool cover_holds(const struct policy *policy, const struct set_list *list,
		 const struct prefix *prefix)
{
	for (size_t i = 0; i < list->n_sets; i++) {
		const struct set *set = &policy->sets[list->sets[i]];

		if (prefixes_cover(set->prefixes, set->n_prefixes, prefix))
			return true;
	}
	return false;
}

static bool lists_set(const struct set_list *list, size_t set)
{
	for (size_t i = 0; i < list->n_sets; i++)
		if (list->sets[i] == set)
			return true;
	return false;
}

/* `outer` has every prefix of `inner`; an empty `inner` is everything, an empty `outer` nothing. */
static bool holds_all(const struct policy *policy, const struct set_list *outer,
		      const struct set_list *inner)
{
	for (size_t i = 0; i < set_count(inner); i++) {
		const struct set *set = set_at(policy, inner, i);

		if (inner->n_sets && lists_set(outer, inner->sets[i]))
			continue;
		for (size_t j = 0; j < set->n_prefixes; j++)
			if (!cover_holds(policy, outer, &set->prefixes[j]))
				return false;
	}
	return true;
}

static bool touches(const struct policy *policy, const struct set_list *list,
		    const struct prefix *prefix)
{
	for (size_t i = 0; i < set_count(list); i++) {
		const struct set *set = set_at(policy, list, i);

		if (prefixes_touch(set->prefixes, set->n_prefixes, prefix))
			return true;
	}
	return false;
}

/* Whatever `taken_out` takes from the earlier rule, the later one doesn't have. */
static bool leaves(const struct policy *policy, const struct set_list *taken_out,
		   const struct set_list *later, const struct set_list *later_not)
{
	for (size_t i = 0; i < taken_out->n_sets; i++) {
		const struct set *set = &policy->sets[taken_out->sets[i]];

		if (lists_set(later_not, taken_out->sets[i]))
			continue;
		for (size_t j = 0; j < set->n_prefixes; j++)
			if (touches(policy, later, &set->prefixes[j]) &&
			    !cover_holds(policy, later_not, &set->prefixes[j]))
				return false;
	}
	return true;
}

bool cover_is_empty(const struct policy *policy, const struct set_list *list)
{
	for (size_t i = 0; i < list->n_sets; i++)
		if (policy->sets[list->sets[i]].n_prefixes > 0)
			return false;
	return list->n_sets > 0;
}

static bool covers_addresses(const struct policy *policy, const struct rule *earlier,
			     const struct rule *later)
{
	if (cover_is_empty(policy, &later->from) || cover_is_empty(policy, &later->to))
		return false;
	if (earlier->from.n_sets && !holds_all(policy, &earlier->from, &later->from))
		return false;
	if (earlier->to.n_sets && !holds_all(policy, &earlier->to, &later->to))
		return false;
	return leaves(policy, &earlier->not_from, &later->from, &later->not_from) &&
	       leaves(policy, &earlier->not_to, &later->to, &later->not_to);
}

static bool covers_protocols(const struct rule *earlier, const struct rule *later)
{
	if (earlier->any_protocol)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(later->protocols); i++)
		if (later->protocols[i] & ~earlier->protocols[i])
			return false;
	return !later->any_protocol;
}

/* Ranges are sorted and joined: each of the later ones lies in one of the earlier. */
static bool covers_ports(const struct port_list *earlier, const struct port_list *later)
{
	size_t i = 0;

	if (earlier->n_ranges == 0)
		return true;
	for (size_t j = 0; j < later->n_ranges; j++) {
		while (i < earlier->n_ranges && earlier->ranges[i].last < later->ranges[j].first)
			i++;
		if (i == earlier->n_ranges || earlier->ranges[i].first > later->ranges[j].first ||
		    earlier->ranges[i].last < later->ranges[j].last)
			return false;
	}
	return later->n_ranges > 0;
}

bool cover_rule(const struct policy *policy, const struct rule *earlier, const struct rule *later)
{
	return covers_protocols(earlier, later) &&
	       covers_ports(&earlier->to_ports, &later->to_ports) &&
	       covers_ports(&earlier->from_ports, &later->from_ports) &&
	       (earlier->flags_set & ~later->flags_set) == 0 &&
	       (earlier->flags_clear & ~later->flags_clear) == 0 &&
	       (earlier->fragment == FRAGMENT_ANY || earlier->fragment == later->fragment) &&
	       covers_addresses(policy, earlier, later);
}

static bool is_taken_out(const struct policy *policy, const struct set_list *list,
			 const struct set_list *taken_out)
{
	return taken_out->n_sets && !cover_is_empty(policy, list) &&
	       holds_all(policy, taken_out, list);
}

bool cover_nothing_left(const struct policy *policy, const struct rule *rule)
{
	return is_taken_out(policy, &rule->from, &rule->not_from) ||
	       is_taken_out(policy, &rule->to, &rule->not_to);
}
