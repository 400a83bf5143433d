/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guard at work knows of one source, copied over into a trial, so that a packet of it is judged
 * there as it would be at work.
 */
#pragma once

#include "blocks.h"
#include "clock.h"
#include "trial.h"

struct trial_copy {
	struct clock_now now;		/* when it was made */
	bool has_source;		/* the source was in the table */
	struct guard_address address;	/* of the source: masked to the aggregate */
	struct block_entry blocks[129]; /* that cover the packet's source, shortest prefix first */
	size_t n_blocks;
};

/* The key of a packet's source in the table. */
struct guard_address trial_source(const struct guard_policy *policy,
				  const struct guard_address *from, bool is_ipv6);

/* `from`: the packet's source address. `policy` is the one in force. */
int trial_copy(struct trial *trial, const struct guard *guard, const struct guard_policy *policy,
	       const struct guard_address *from, bool is_ipv6, struct trial_copy *ret_copy,
	       struct why *why);
