/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sources (bpf/table.h) in the tool's memory, shared with the packet program. */
#pragma once

#include "guard.h"

struct source_table {
	struct guard_set *sets;
	struct guard_source *entries;
	uint32_t n_sets;
	uint32_t capacity;
	const __u64 *seed; /* the guard's: the table must not outlive it */
};

/* Without `is_writer` only to be read. */
int source_table_map(const struct guard *guard, bool is_writer, struct source_table **ret_table,
		     struct why *why);
/* Accepts NULL; sets *table to NULL. */
void source_table_unmap(struct source_table **table);

/*
 * Calls `each` with a copy of every entry, in no order; it ends the walk by returning below 0. Entries that
 * change hands meanwhile are left out. `is_established`: its tag says so.
 */
int source_table_each(const struct source_table *table,
		      int (*each)(const struct guard_source *source, bool is_established,
				  void *data),
		      void *data);

/* NULL: it is not there. */
struct guard_source *source_table_find(const struct source_table *table,
				       const struct guard_address *address);

/*
 * The source's entry, made if it is not there: a copy of `source`. When there is no room, one that was seen
 * earlier goes for it. NULL: all were seen later. Only whoever holds the lock may enter sources.
 */
struct guard_source *source_table_enter(const struct source_table *table,
					const struct guard_source *source, bool is_established);

/* Forgets every source. */
void source_table_clear(const struct source_table *table);

/* Sources that are there. */
uint64_t source_table_count(const struct source_table *table);

/* One entry alone. -ENOENT: it is not there. */
int source_table_read(const struct guard *guard, const struct guard_address *address,
		      struct guard_source *ret_source);
/* Enters a source that is not there yet. */
int source_table_write(const struct guard *guard, const struct guard_source *source);
