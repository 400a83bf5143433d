/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnostic.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"

#define WORD_MAX 64 /* longer words are nobody's typing error */

/* Bytes of the character at `text`; 0: broken UTF-8. */
static size_t utf8_length(const unsigned char *text)
{
	size_t length = 1;

	if (text[0] >= 0x80)
		length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return (text[0] >= 0x80 && text[0] < 0xc2) || text[0] > 0xf4 ? 0 : length;
}

static bool is_control(const unsigned char *text)
{
	return (text[0] < 0x20 && text[0] != '\t') || text[0] == 0x7f ||
	       (text[0] == 0xc2 && text[1] < 0xa0);
}

/*
 * What a file holds must not reach the terminal as an escape sequence. One '?' a character keeps
 * columns right.
 */
static char *make_printable(char *text)
{
	const unsigned char *from = (const unsigned char *)text;
	char *to = text;

	while (from && *from) {
		size_t length = utf8_length(from);

		if (length == 0 || is_control(from)) {
			*to++ = '?';
			from += length ? length : 1;
			continue;
		}
		memmove(to, from, length);
		to += length;
		from += length;
	}
	if (to)
		*to = '\0';
	return text;
}

static void release(struct diagnostic *item)
{
	free(item->file);
	free(item->text);
	free(item->excerpt);
}

static bool is_same(const struct diagnostic *a, const struct diagnostic *b)
{
	return a->is_error == b->is_error && a->line == b->line && a->column == b->column &&
	       strcmp(a->file, b->file) == 0 && strcmp(a->text, b->text) == 0;
}

/*
 * Room for one more. When the list is full, an error takes the place of the last warning. NULL: no
 * room.
 */
static struct diagnostic *make_room(struct diagnostics *list, bool is_error)
{
	struct diagnostic *item;

	if (!list->items)
		list->items = calloc(DIAGNOSTICS_MAX, sizeof(*list->items));
	if (!list->items)
		return NULL;
	if (list->n_items < DIAGNOSTICS_MAX)
		return &list->items[list->n_items++];
	if (!is_error)
		return NULL;

	for (item = list->items + list->n_items - 1; item >= list->items && item->is_error; item--)
		;
	if (item < list->items)
		return NULL;
	release(item);
	memmove(item, item + 1, (size_t)(list->items + list->n_items - 1 - item) * sizeof(*item));
	list->n_suppressed++;
	return &list->items[list->n_items - 1];
}

bool diagnostics_shows_more(const struct diagnostics *list)
{
	return list->n_errors < DIAGNOSTICS_MAX;
}

static void add(struct diagnostics *list, struct diagnostic *new)
{
	struct diagnostic *room;

	for (size_t i = 0; new->file &&new->text &&i < list->n_items; i++)
		if (is_same(&list->items[i], new)) {
			release(new);
			return;
		}

	list->n_errors += new->is_error;
	room = new->file &&new->text ? make_room(list, new->is_error) : NULL;
	if (room) {
		*room = *new;
	} else {
		list->n_suppressed++;
		release(new);
	}
}

void diagnostics_add(struct diagnostics *list, bool is_error, const char *file, unsigned line,
		     unsigned column, unsigned length, const char *excerpt, const char *format, ...)
{
	struct diagnostic new = {
		.is_error = is_error,
		.file = strdup(file),
		.line = line,
		.column = column,
		.length = length,
		.excerpt = excerpt ? make_printable(strdup(excerpt)) : NULL,
	};
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&new.text, format, arguments) < 0)
		new.text = NULL;
	va_end(arguments);
	make_printable(new.text);

	add(list, &new);
}

void diagnostics_free(struct diagnostics *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		release(&list->items[i]);
	free(list->items);
	*list = (struct diagnostics){};
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned min = a < b ? a : b;

	return min < c ? min : c;
}

static bool is_alike(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * One row of the table: what it costs to turn the first `i` letters of `a` into the first j of `b`,
 * for each j.
 */
static void fill_row(unsigned *row, const unsigned *last, const unsigned *before, const char *a,
		     size_t i, const char *b)
{
	row[0] = (unsigned)i;
	for (size_t j = 1; j <= strlen(b); j++) {
		row[j] = min3(last[j] + 1, row[j - 1] + 1,
			      last[j - 1] + !is_alike(a[i - 1], b[j - 1]));
		if (i > 1 && j > 1 && is_alike(a[i - 1], b[j - 2]) &&
		    is_alike(a[i - 2], b[j - 1]) && before[j - 2] + 1 < row[j])
			row[j] = before[j - 2] + 1;
	}
}

/*
 * Damerau-Levenshtein distance (optimal string alignment). Three rows do: a transposition looks two
 * back.
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= strlen(b); j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= strlen(a); i++)
		fill_row(rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3], a, i, b);
	return rows[strlen(a) % 3][strlen(b)];
}

static bool is_length_near(const char *a, const char *b, unsigned limit)
{
	size_t length_a = strlen(a), length_b = strlen(b);

	return length_b <= WORD_MAX && length_a < length_b + limit && length_b < length_a + limit;
}

/* "port" is no typing error of "to_port", but that is what was meant. */
static const char *containing(const char *word, const char *const *candidates, size_t n_candidates)
{
	for (size_t i = 0; strlen(word) >= 3 && i < n_candidates; i++)
		if (strcasestr(candidates[i], word))
			return candidates[i];
	return NULL;
}

const char *diagnostic_nearest(const char *word, const char *const *candidates, size_t n_candidates)
{
	/* A third of the letters may be wrong, and one always. */
	unsigned limit = (unsigned)(strlen(word) < 5 ? 2 : (strlen(word) + 1) / 3 + 1);
	const char *best = NULL;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n_candidates; i++) {
		unsigned d = limit;

		if (is_length_near(word, candidates[i], limit))
			d = distance(word, candidates[i]);
		if (d < limit && d < strlen(candidates[i])) {
			best = candidates[i];
			limit = d;
		}
	}
	return best ? best : containing(word, candidates, n_candidates);
}
