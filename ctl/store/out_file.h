/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is written as a stream under a name that the user gave: it takes the place of the old one when it is whole
 * (whole_file.h), for root alone. "-" is standard output; a device or a pipe is written in place.
 */
#pragma once

#include <limits.h>
#include <stdio.h>

#include "base/why.h"
#include "whole_file.h"

struct out_file {
	char path[PATH_MAX];
	FILE *out;
	int directory;
	struct whole_file file; /* none: written in place */
};

#define OUT_FILE_NONE \
	{ \
		.directory = -1, .file = WHOLE_FILE_NONE \
	}

int out_file_begin(const char *path, struct out_file *ret_file, struct why *why);
/* Puts it on disk. Either way nothing is left to be done. */
int out_file_end(struct out_file *file, struct why *why);
/* Leaves the old file. After out_file_end, or with OUT_FILE_NONE, nothing. */
void out_file_abort(struct out_file *file);
