/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list_file.h"

#include <string.h>

#include "base/cleanup.h"
#include "input.h"

#define LIST_BYTES_MAX (512u << 20)
#define CHUNK_SIZE (256u << 10) /* also the longest line */
#define EXCERPT_MAX 500
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* with which some editors begin UTF-8 */

/* Host bits: told for the first such line, so that an untidy list doesn't hide other mistakes. */
struct masked {
	unsigned line, column, length;
	size_t n_more;
	char *excerpt;
	char text[2 * ADDRESS_TEXT_SIZE + 64];
};

struct list {
	const struct list_file *file;
	const char *name; /* in messages */
	unsigned line;
	struct masked masked;
	char chunk[CHUNK_SIZE + 1];
};

static void bad_word(struct list *list, const char *line, size_t column, const char *expected)
{
	size_t length = strcspn(line + column, " \t#");

	diagnostics_add(list->file->diagnostics, true, list->name, list->line, (unsigned)column + 1,
			(unsigned)length, strlen(line) <= EXCERPT_MAX ? line : NULL,
			"\"%.*s\": expected %s", (int)(length < 64 ? length : 64), line + column,
			expected);
}

static void note_masked(struct list *list, const char *line, size_t column, size_t length,
			const struct prefix *prefix)
{
	struct masked *masked = &list->masked;
	char text[ADDRESS_TEXT_SIZE];

	if (masked->line) {
		masked->n_more++;
		return;
	}
	masked->line = list->line;
	masked->column = (unsigned)column + 1;
	masked->length = (unsigned)length;
	masked->excerpt = strlen(line) <= EXCERPT_MAX ? strdup(line) : NULL;
	snprintf(masked->text, sizeof(masked->text), "\"%.*s\" has host bits set: taken as %s",
		 (int)length, line + column, prefix_format(prefix, text));
}

static void tell_masked(struct list *list)
{
	struct masked *masked = &list->masked;
	char more[64] = "";

	if (!masked->line)
		return;
	if (masked->n_more)
		snprintf(more, sizeof(more), " (%zu more lines of this file have, too)",
			 masked->n_more);
	diagnostics_add(list->file->diagnostics, false, list->name, masked->line, masked->column,
			masked->length, masked->excerpt, "%s%s", masked->text, more);
}

/* `line` has a NUL in place of its newline. Only what ends the reading is an error. */
static int read_line(struct list *list, char *line, size_t size)
{
	size_t start, length, end;
	struct prefix prefix;
	bool has_host_bits;
	char after;
	int r;

	if (list->line == 1 && size >= strlen(BYTE_ORDER_MARK) &&
	    !memcmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK))) {
		line += strlen(BYTE_ORDER_MARK);
		size -= strlen(BYTE_ORDER_MARK);
	}
	if (size && line[size - 1] == '\r')
		line[--size] = '\0';
	start = strspn(line, " \t");
	if (start == size || line[start] == '#')
		return 0;

	length = strcspn(line + start, " \t#");
	after = line[start + length];
	line[start + length] = '\0';
	r = prefix_parse(line + start, &prefix, &has_host_bits);
	line[start + length] = after;
	end = start + length + strspn(line + start + length, " \t");

	if (r < 0) {
		bad_word(list, line, start, "a prefix such as 192.0.2.0/24 or 2001:db8::/32");
		return 0;
	}
	if (end < size && line[end] != '#') {
		bad_word(list, line, end, "a comment or the end of the line behind a prefix");
		return 0;
	}
	if (has_host_bits)
		note_masked(list, line, start, length, &prefix);
	return list->file->add(list->file->data, &prefix);
}

/* Reads whole lines; what is left over moves to the front, and its size is returned. */
static ssize_t read_lines(struct list *list, size_t size, bool is_last)
{
	char *line = list->chunk, *end = list->chunk + size, *newline;
	int r;

	*end = is_last ? '\n' : '\0';
	size += is_last;
	while ((newline = memchr(line, '\n', size - (size_t)(line - list->chunk)))) {
		*newline = '\0';
		list->line++;
		r = read_line(list, line, (size_t)(newline - line));
		if (r < 0)
			return r;
		line = newline + 1;
	}
	if (is_last)
		return 0;
	memmove(list->chunk, line, (size_t)(end - line));
	return end - line;
}

/* -EFBIG: over the size; -E2BIG: a line is. */
static int read_chunks(struct list *list, int fd)
{
	size_t all = 0;
	ssize_t kept = 0, n;
	bool is_last;

	do {
		n = input_read(fd, list->chunk + kept, CHUNK_SIZE - (size_t)kept);
		if (n < 0)
			return (int)n;
		is_last = (size_t)(kept + n) < CHUNK_SIZE;
		all += (size_t)n;
		if (all > LIST_BYTES_MAX)
			return -EFBIG;

		kept = read_lines(list, (size_t)(kept + n), is_last);
		if (kept < 0)
			return (int)kept;
		if (kept == CHUNK_SIZE)
			return -E2BIG;
		if (list->file->progress)
			list->file->progress(list->file->data, (size_t)n);
	} while (!is_last);
	return 0;
}

int list_file_read(const struct list_file *file)
{
	_cleanup_free_ struct list *list = calloc(1, sizeof(*list));
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r;

	if (!list)
		return -ENOMEM;
	list->file = file;
	list->name = strcmp(file->path, "-") == 0 ? "stdin" : file->path;

	r = file->open ? file->open(file->data, file->path, &fd, &size)
		       : input_open(file->path, &fd, &size);
	if (r == 0)
		r = size > LIST_BYTES_MAX ? -EFBIG : read_chunks(list, fd);
	tell_masked(list);
	free(list->masked.excerpt);
	return r;
}

const char *list_file_strerror(int error)
{
	switch (error) {
	case -EFBIG:
		return "over 512 MiB";
	case -E2BIG:
		return "a line over 256 KiB";
	default:
		return input_strerror(error);
	}
}
