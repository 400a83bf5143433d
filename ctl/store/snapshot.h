/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guard had counted at one moment, read back from the JSON that `xdpguard snapshot` wrote. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define SNAPSHOT_VERSION 1
#define SNAPSHOT_SIZE_MAX (UINT64_C(2) << 30)
#define SNAPSHOT_TEXT_SIZE 64

enum snapshot_list {
	SNAPSHOT_VERDICTS,
	SNAPSHOT_REASONS,
	SNAPSHOT_INTERFACES,
	SNAPSHOT_RULES,
	SNAPSHOT_SOURCES,
	SNAPSHOT_LISTS,
};

/* What a row counts; a list has some of them. */
enum snapshot_count {
	SNAPSHOT_PACKETS,
	SNAPSHOT_BYTES,
	SNAPSHOT_PASSED,
	SNAPSHOT_PASSED_BYTES,
	SNAPSHOT_DROPPED,
	SNAPSHOT_DROPPED_BYTES,
	SNAPSHOT_WOULD_DROP,
	SNAPSHOT_WOULD_DROP_BYTES,
	SNAPSHOT_COUNTS,
};

struct snapshot_row {
	char name[SNAPSHOT_TEXT_SIZE];
	char rule[SNAPSHOT_TEXT_SIZE]; /* of a source: the one that last dropped; "": none */
	uint64_t entered; /* of a source: when it came into the table, on the guard's clock */
	uint64_t counts[SNAPSHOT_COUNTS];
};

struct snapshot_block {
	char prefix[SNAPSHOT_TEXT_SIZE];
	char until[SNAPSHOT_TEXT_SIZE]; /* as it was written: a time, or "forever" */
	char since[SNAPSHOT_TEXT_SIZE];
	char by[SNAPSHOT_TEXT_SIZE];
	char rule[SNAPSHOT_TEXT_SIZE];	 /* "": none */
	char reason[SNAPSHOT_TEXT_SIZE]; /* "": none */
};

/* Rows as they stand in the file; of each name there is one. */
struct snapshot_rows {
	struct snapshot_row *items;
	size_t n, n_allocated;
};

struct snapshot_blocks {
	struct snapshot_block *items; /* likewise, by prefix */
	size_t n, n_allocated;
};

struct snapshot {
	uint64_t taken_ns;		/* since 1970 */
	uint64_t clock_ns;		/* by the guard's clock, which is not set */
	char guard[SNAPSHOT_TEXT_SIZE]; /* alike: the same guard in the same boot */
	char policy[256];		/* name of its file; "": none was in force */
	char hash[SNAPSHOT_TEXT_SIZE];
	char applied[SNAPSHOT_TEXT_SIZE]; /* when, as it was written */
	uint64_t resets[3]; /* when sources, rules and reasons were zeroed last; 0: never */
	struct snapshot_rows lists[SNAPSHOT_LISTS];
	struct snapshot_blocks blocks;
};

/*
 * "-" is standard input. -EBADMSG: nothing that `xdpguard snapshot` wrote, by file and line; -EFBIG: larger than
 * SNAPSHOT_SIZE_MAX. Other errors are those of opening.
 */
int snapshot_read(const char *path, struct snapshot **ret_snapshot, struct why *why);
/* What was read already; `name` is what messages call it. */
int snapshot_parse(const char *name, const char *text, size_t size, struct snapshot **ret_snapshot,
		   struct why *why);
/* Accepts NULL; sets *snapshot to NULL. */
void snapshot_free(struct snapshot **snapshot);

/* It begins as a snapshot does, and as no policy does. False also for "-" and what cannot be read. */
bool snapshot_is_one(const char *path);
