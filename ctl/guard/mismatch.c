/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mismatch.h"

#include "bpf/vector.h"
#include "source_table.h"

void mismatch_read_range(const struct guard *guard, const struct guard_policy *policy,
			 const struct guard_address *source, bool was_known,
			 struct mismatch_packet *packet)
{
	struct guard_source entry;

	packet->has_range = source_table_read(guard, source, &entry) == 0 &&
			    entry.range >> 32 == policy->generation;
	if (!packet->has_range)
		return;
	packet->range = (uint32_t)entry.range;
	/* Kept from another address of the source, which may be of another range. */
	if (was_known && packet->range & GUARD_RANGE_SPLIT)
		packet->has_range = false;
}

static bool allows(const struct guard_policy *policy, unsigned number, unsigned rule)
{
	return vector(policy, number)[rule / 64] >> rule % 64 & 1;
}

enum mismatch mismatch_find(const struct guard_policy *policy, const struct mismatch_packet *packet,
			    unsigned rule)
{
	if (packet->has_range && !allows(policy, packet->range & GUARD_RANGE_NUMBER, rule))
		return MISMATCH_FROM;
	if (policy->fields & GUARD_FIELD_SHAPE &&
	    !allows(policy, shape_vector(policy, packet->shape), rule))
		return MISMATCH_SHAPE;
	if (policy->fields & GUARD_FIELD_TO_PORT &&
	    !allows(policy, port_vector(policy->to_port, packet->to_port), rule))
		return MISMATCH_TO_PORT;
	if (policy->fields & GUARD_FIELD_FROM_PORT &&
	    !allows(policy, port_vector(policy->from_port, packet->from_port), rule))
		return MISMATCH_FROM_PORT;
	if (policy->fields & GUARD_FIELD_TO && packet->has_range)
		return MISMATCH_TO;
	return policy->fields & GUARD_FIELD_TO ? MISMATCH_FROM_OR_TO : MISMATCH_FROM;
}
