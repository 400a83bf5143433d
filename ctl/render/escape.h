/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings that others chose (names, file names, lines of files) made harmless: no byte of them may
 * drive the terminal, or change the order in which the text around them is shown.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum escape_class {
	ESCAPE_PLAIN,
	ESCAPE_CONTROL, /* drives a terminal: C0, DEL, C1, line separators, direction marks */
	ESCAPE_INVALID, /* a byte that is no part of valid UTF-8 */
};

/* Of the first character of a text that is not empty; the code of an invalid byte is that byte. */
enum escape_class escape_classify(const char *text, uint32_t *ret_code, size_t *ret_length);

/*
 * For a terminal: "\n", "\\", "\x1b", "\u202e" for what is not plain or the locale can't print:
 * outside UTF-8, whatever is not ASCII. The caller frees it; NULL: no memory.
 */
char *escape_text(const char *text);
