/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two snapshots differ by. Pure: asks neither clock nor kernel. A counter that began anew in between has counted
 * what it has now; nobody knows over how long, so it has no rate.
 */
#pragma once

#include "store/snapshot.h"

enum change_kind {
	CHANGE_NONE,
	CHANGE_COUNTED, /* it is in both, and went on */
	CHANGE_CAME,
	CHANGE_WENT, /* what it counted before it went nobody knows */
	CHANGE_ANEW,
	CHANGE_KINDS,
};

struct row_change {
	enum change_kind kind;
	const struct snapshot_row *row;	  /* the new one; of what went, the old one */
	uint64_t counts[SNAPSHOT_COUNTS]; /* since, or since it began anew; of what went 0 */
};

/* Only what changed: sources that lost most packets first, the rest as the snapshots have it. */
struct row_changes {
	struct row_change *items;
	size_t n;
	size_t n_of[CHANGE_KINDS];
	bool is_reset; /* all of them were zeroed in between */
};

struct block_change {
	bool has_come; /* else it went */
	const struct snapshot_block *block;
};

/* Refers to the snapshots for as long as it is used. */
struct snapshot_changes {
	const struct snapshot *before, *after;
	uint64_t elapsed_ns;
	bool is_same;
	bool is_other_guard;
	bool is_other_policy; /* or it was applied again */
	struct row_changes lists[SNAPSHOT_LISTS];
	struct block_change *blocks; /* by prefix: those that came, then those that went */
	size_t n_blocks;
};

/* -EINVAL: `after` was taken before `before`. -ENOMEM. */
int snapshot_compare(const struct snapshot *before, const struct snapshot *after,
		     struct snapshot_changes *ret_changes);
void snapshot_changes_release(struct snapshot_changes *changes);

/* So many of a change's list, a second. False: there is no saying. */
bool snapshot_rate(const struct snapshot_changes *changes, enum snapshot_list list,
		   const struct row_change *change, uint64_t count, uint64_t *ret_rate);
