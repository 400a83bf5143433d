/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first rule that matches a packet. Each field in use gives one bit vector of the rules that allow its
 * value; the lowest bit set in all of them is the rule. The cost grows with the fields in use, and by
 * a word for every 64 rules passed over.
 */
#pragma once

#include "bits.h"
#include "range.h"
#include "vector.h"

#define NO_RULE (~0u)

static __always_inline __u32 classify(const struct guard_policy *policy, const struct packet *p,
				      __u32 source_range)
{
	const __u32 fields = policy->fields;
	const __u64 *from = vector(policy, source_range & GUARD_RANGE_NUMBER);
	const __u64 *to = from, *shape = from, *to_port = from, *from_port = from;
	const __u32 words = policy->words;

	if (fields & GUARD_FIELD_TO)
		to = vector(policy, range_find(policy->ranges, policy->to_root[p->family & 1],
					       &p->to, p->family));
	if (fields & GUARD_FIELD_SHAPE)
		shape = vector(policy, shape_vector(policy, p->shape));
	if (fields & GUARD_FIELD_TO_PORT)
		to_port = vector(policy, port_vector(policy->to_port, p->to_port));
	if (fields & GUARD_FIELD_FROM_PORT)
		from_port = vector(policy, port_vector(policy->from_port, p->from_port));

	/* base is 64 * w, but the verifier does not know: it need not follow on from each w. */
	for (__u32 w = 0, base = policy->zero; w < GUARD_WORDS_MAX && w < words; w++, base += 64) {
		__u64 rules = from[w] & to[w] & shape[w] & to_port[w] & from_port[w];

		if (rules)
			return base + lowest_bit(rules);
	}
	return NO_RULE;
}
