/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds lines of a text again, counted the way YAML counts them. */
#pragma once

#include <stddef.h>

struct lines {
	const char *text;
	size_t size;
	/* Where the last search ended: the next one mostly goes on from there. */
	unsigned line;
	size_t offset;
};

/* A copy of line `line`, counted from 1; NULL: too long to be shown, not there, or no memory. */
char *lines_copy(struct lines *lines, unsigned line);

/* The line and column, from 1, of the byte at `offset`. */
void lines_locate(struct lines *lines, size_t offset, unsigned *ret_line, unsigned *ret_column);
