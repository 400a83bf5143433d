/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that takes the place of the old one when it is whole, and on disk. It is written as NAME.new; who
 * writes the same file at the same time waits, and what somebody left who was killed is written over.
 */
#pragma once

#include <limits.h>

struct whole_file {
	int directory; /* not its own */
	int fd;
	char name[NAME_MAX + 1];
	char new_name[NAME_MAX + 1];
};

#define WHOLE_FILE_NONE \
	{ \
		.fd = -1 \
	}

/* `directory` has to stay open. To be written by its descriptor, for root alone. */
int whole_file_begin(int directory, const char *name, struct whole_file *ret_file);
/* Either way nothing is left to be done. */
int whole_file_end(struct whole_file *file);
/* Leaves the old file. After whole_file_end, or with WHOLE_FILE_NONE, nothing. */
void whole_file_abort(struct whole_file *file);
