/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives a policy. Counters keep their slot for as long as a rule of their name lives, and a
 * limit keeps its id and slot, and with them the state of its budgets, for as long as its rule
 * has a limit of the same kind at the same place. The guard layer stores the table.
 */
#pragma once

#include <stdbool.h>

#include "image.h"

struct limit_identity {
	uint32_t id;
	uint32_t slot;
	uint8_t per; /* these three as in guard_limit */
	uint8_t bits_ipv4;
	uint8_t bits_ipv6;
};

struct rule_identity {
	char *name;
	uint32_t slot;
	struct limit_identity limits[GUARD_LIMITS_PER_RULE]; /* in the compiled order */
	size_t n_limits;
};

/* All zero: of a guard that has not had a policy. */
struct identity {
	struct rule_identity *rules;
	size_t n_rules;
	uint32_t next_limit_id;	 /* none from here on was ever given out; 0 stands for 1 */
	uint32_t next_rule_slot; /* where the search for a free one goes on */
};

/* Handed out anew: what they counted before has to be zeroed before the image comes into force. */
struct fresh_slots {
	uint32_t rules[GUARD_RULES_MAX];
	size_t n_rules;
	uint32_t limits[GUARD_LIMITS_MAX];
	size_t n_limits;
};

/* Could identity_assign have made it? Slots, ids and what limits count are in their ranges. */
bool identity_is_sound(const struct identity *identity);

/*
 * Gives the image, compiled from `policy`, identities in place of its provisional ones. What is new
 * gets slots that `old` does not use: packets in flight still count there. Caller frees
 * *ret_identity with identity_free. -EINVAL: `old` is not a table that this made; -EOVERFLOW: the
 * ids are used up; -ENOMEM. The image is untouched then.
 */
int identity_assign(const struct identity *old, const struct policy *policy, struct image *image,
		    struct identity *ret_identity, struct fresh_slots *ret_fresh);

/* Accepts an all-zero one, and makes it so. */
void identity_free(struct identity *identity);
