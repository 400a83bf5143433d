/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another capacity for the table of sources, which takes a new table. Budgets and what is cached go over
 * before the programs are exchanged, counts after: a source's counts are short in between, and none is
 * lost or counted twice. Where a smaller table has no room the sources that were silent longest go.
 */
#pragma once

#include "guard.h"

struct resize {
	int old_tags;
	int old_sources;
	int old_buckets;
	uint32_t old_capacity;
	uint64_t n_sources; /* that went over */
};

/*
 * Makes new tables of `capacity` and copies what the old ones hold. From here on guard->tags, ->sources
 * and ->buckets are the new ones, which programs attached from here on use.
 */
int resize_begin(struct guard *guard, uint32_t capacity, struct resize *ret_resize,
		 struct why *why);

/*
 * Every program uses the new tables: pins them, and adds what the old one counted. Once they are pinned
 * (old_sources is -1 then) there is no way back.
 */
int resize_finish(struct guard *guard, struct resize *resize, struct why *why);

/* Goes back to the old tables, which are still pinned. */
void resize_abort(struct guard *guard, struct resize *resize);

/*
 * Opens the table of that name that a resize has made and not yet given it. Who holds the lock (`is_writer`)
 * knows that the resize was killed, and ends it.
 */
int resize_open(const char *dir, const char *name, bool is_writer, int *ret_map);
