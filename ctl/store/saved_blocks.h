/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks as a file, so that they outlive the kernel that holds them: JSON lines, a block each behind a
 * line that says what the file is. Times are those of the wall clock, for no other goes on meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <stdint.h>

#include "base/address.h"
#include "base/why.h"

#define SAVED_FOREVER UINT64_MAX
#define SAVED_TEXT_SIZE 64

struct saved_block {
	struct prefix prefix;
	uint64_t since_ns;  /* since 1970, as the next two */
	uint64_t until_ns;  /* SAVED_FOREVER, or when it ends or has ended */
	uint64_t forget_ns; /* until then a relapse counts */
	uint32_t relapses;
	bool is_by_hand;
	bool is_monitor;
	char rule[SAVED_TEXT_SIZE]; /* "": by hand, or the rule was gone */
	char reason[SAVED_TEXT_SIZE];
};

/* A file that takes the place of the old one when it is whole; "-" is standard output. */
struct saved_blocks;

int saved_blocks_begin(const char *path, struct saved_blocks **ret_saved, struct why *why);
int saved_blocks_add(struct saved_blocks *saved, const struct saved_block *block);
/* Puts it on disk. Either way `saved` is freed. */
int saved_blocks_end(struct saved_blocks **saved, struct why *why);
/* Leaves the old file. Accepts NULL. */
void saved_blocks_abort(struct saved_blocks **saved);

/*
 * Calls `each` for every block; "-" is standard input. -EBADMSG: nothing that saved_blocks wrote, by file and
 * line. Other errors are those of opening, and of `each`.
 */
int saved_blocks_read(const char *path, int (*each)(const struct saved_block *block, void *data),
		      void *data, struct why *why);
