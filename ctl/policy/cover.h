/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether one rule leaves another anything to match. */
#pragma once

#include "policy/policy.h"

/* One of the sets holds all of `prefix`. */
bool cover_holds(const struct policy *policy, const struct set_list *list,
		 const struct prefix *prefix);

/*
 * Every packet that `later` matches, `earlier` matches too. False when that takes several prefixes
 * together to see, or when `later` matches nothing today (an empty set).
 */
bool cover_rule(const struct policy *policy, const struct rule *earlier, const struct rule *later);

/* It names sets, and nobody is in any of them. */
bool cover_is_empty(const struct policy *policy, const struct set_list *list);

/* not_from takes out all of from, or not_to all of to. */
bool cover_nothing_left(const struct policy *policy, const struct rule *rule);
