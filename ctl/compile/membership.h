/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What being in a set means to the rules, for a packet's source or for its destination. */
#pragma once

#include "policy/policy.h"
#include "vectors.h"

enum address_side {
	ADDRESS_FROM,
	ADDRESS_TO,
};

struct set_member {
	struct vector let_in;	/* rules whose from (or to) names the set */
	struct vector kept_out; /* rules whose not_from (or not_to) does */
	bool is_named;		/* by any rule */
};

struct membership {
	struct set_member *of_set; /* by index into policy.sets */
	size_t n_named;
	struct vector anyone; /* rules without a from (or to) */
};

/* True when the side's address has a say in whether the rule matches. */
bool rule_asks_for_address(const struct rule *rule, enum address_side side);

/* Caller frees with membership_free. -ENOMEM. */
int membership_collect(const struct policy *policy, enum address_side side,
		       struct membership *ret_membership);
void membership_free(struct membership *membership);
