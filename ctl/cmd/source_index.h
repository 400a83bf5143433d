/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers sources as they come, from 0: what is counted of them is kept in arrays of the caller's. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

struct source_key {
	struct guard_address address;
	uint32_t part; /* tells apart what is counted of one address; else 0 */
};

/* All zero: empty. */
struct source_index {
	struct source_key *keys; /* by number */
	size_t n;
	size_t room;	 /* of arrays of the caller's, too: they grow when this does */
	uint32_t *slots; /* hash table: 1 + number; 0: free */
};

/*
 * The number of the key, a new one if it has none yet. -ENOSPC: that would be more than `max`. -ENOMEM.
 */
int source_index_find(struct source_index *index, const struct source_key *key, size_t max,
		      size_t *ret_number);

void source_index_release(struct source_index *index);
