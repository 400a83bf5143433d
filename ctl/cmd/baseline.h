/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many packets every source had at one moment: what a rate is measured from. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

struct baseline_entry {
	struct guard_address address;
	uint64_t packets_plus_one; /* 0: the place is free */
};

struct baseline {
	struct baseline_entry *entries; /* open addressing; a power of two of them */
	size_t n, n_allocated;
	uint64_t seed; /* whoever chooses addresses must not choose where they go */
};

/* Room for so many at once, so that it does not have to grow on the way. -ENOMEM. */
int baseline_reserve(struct baseline *baseline, size_t n);
/* An address is added once. -ENOMEM. */
int baseline_add(struct baseline *baseline, const struct guard_address *address, uint64_t packets);

/*
 * Packets since the baseline. A source that it has not, or with more packets than now, has come into the
 * table since: all of its packets count.
 */
uint64_t baseline_since(const struct baseline *baseline, const struct guard_address *address,
			uint64_t packets);

void baseline_release(struct baseline *baseline);
