/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list file: a prefix a line, '#' comments, blank lines. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/diagnostic.h"

struct list_file {
	const char *path; /* "-": standard input */
	struct diagnostics *diagnostics;
	/* NULL: input_open. */
	int (*open)(void *data, const char *path, int *ret_fd, uint64_t *ret_size);
	int (*add)(void *data, const struct prefix *prefix); /* below 0 ends the reading */
	void (*progress)(void *data, size_t bytes);	     /* so many more; may be NULL */
	void *data;
};

/*
 * Bad lines go to the diagnostics, all of them, and are no error here. What is: errors of
 * input_open, -EFBIG and -E2BIG for a file or a line over the limit, -ENOMEM, and what `add`
 * returned.
 */
int list_file_read(const struct list_file *file);

/* What an error of list_file_read says about a file. */
const char *list_file_strerror(int error);
