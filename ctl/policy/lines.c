/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <string.h>

#include "base/cleanup.h"

#define EXCERPT_MAX 500 /* bytes: a longer line says nothing when shown */

/* Bytes of the line break at `offset`, 0: none. YAML 1.1 has NEL, LS and PS too. */
static size_t break_length(const struct lines *lines, size_t offset)
{
	static const char *const breaks[] = {"\r\n",	 "\r",		 "\n",
					     "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
	size_t left = lines->size - offset;

	if (strchr("\r\n\xc2\xe2", lines->text[offset]) == NULL || lines->text[offset] == '\0')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(breaks); i++) {
		size_t length = strlen(breaks[i]);

		if (length <= left && memcmp(lines->text + offset, breaks[i], length) == 0)
			return length;
	}
	return 0;
}

static size_t line_end(const struct lines *lines, size_t offset)
{
	while (offset < lines->size && break_length(lines, offset) == 0)
		offset++;
	return offset;
}

static void rewind_to_start(struct lines *lines)
{
	lines->line = 1;
	lines->offset = 0;
}

char *lines_copy(struct lines *lines, unsigned line)
{
	size_t end = 0;

	if (lines->line == 0 || line < lines->line)
		rewind_to_start(lines);
	for (; lines->line < line; lines->line++) {
		end = line_end(lines, lines->offset);
		if (end == lines->size)
			return NULL;
		lines->offset = end + break_length(lines, end);
	}
	end = line_end(lines, lines->offset);
	if (end - lines->offset > EXCERPT_MAX)
		return NULL;
	return strndup(lines->text + lines->offset, end - lines->offset);
}

void lines_locate(struct lines *lines, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
	unsigned column = 1;
	size_t end;

	rewind_to_start(lines);
	for (;;) {
		end = line_end(lines, lines->offset);
		if (end >= offset || end == lines->size)
			break;
		lines->offset = end + break_length(lines, end);
		lines->line++;
	}
	for (size_t i = lines->offset; i < offset && i < lines->size; i++)
		column += ((unsigned char)lines->text[i] & 0xc0) != 0x80;
	*ret_line = lines->line;
	*ret_column = column;
}
