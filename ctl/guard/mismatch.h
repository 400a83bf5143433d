/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a rule did not match a packet: by the compiled policy, and by what a run of the packet left behind. */
#pragma once

#include "guard.h"

enum mismatch {
	MISMATCH_FROM,
	MISMATCH_SHAPE, /* protocol, fragment or flags */
	MISMATCH_TO_PORT,
	MISMATCH_FROM_PORT,
	MISMATCH_TO,
	MISMATCH_FROM_OR_TO, /* the source has no place in the table, which would tell */
};

/* A packet, as far as its fields find vectors without a search. */
struct mismatch_packet {
	uint32_t shape, to_port, from_port;
	bool has_range; /* `range` is what the program found for its source */
	uint32_t range;
};

/* Reads from the source's entry what its range is in this policy; has_range says whether it could. */
void mismatch_read_range(const struct guard *guard, const struct guard_policy *policy,
			 const struct guard_address *source, bool was_known,
			 struct mismatch_packet *packet);

/*
 * Of a rule that the program passed over: all fields allow a rule that matches, so when those that are
 * asked here do, the one that is left did not.
 */
enum mismatch mismatch_find(const struct guard_policy *policy, const struct mismatch_packet *packet,
			    unsigned rule);
