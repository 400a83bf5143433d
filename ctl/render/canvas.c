/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canvas.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "escape.h"

int canvas_begin(struct canvas *canvas, unsigned rows, unsigned columns)
{
	struct canvas_cell *cells = calloc((size_t)rows * columns + 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	for (size_t i = 0; i < (size_t)rows * columns; i++)
		cells[i].character = L' ';
	canvas_release(canvas);
	*canvas = (struct canvas){
		.rows = rows,
		.columns = columns,
		.is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.cells = cells,
	};
	return 0;
}

void canvas_release(struct canvas *canvas)
{
	free(canvas->cells);
	*canvas = (struct canvas){};
}

static struct canvas_cell *cell_at(const struct canvas *canvas, unsigned row, unsigned column)
{
	return &canvas->cells[(size_t)row * canvas->columns + column];
}

const struct canvas_cell *canvas_cell(const struct canvas *canvas, unsigned row, unsigned column)
{
	return cell_at(canvas, row, column);
}

void canvas_put(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
		wchar_t character)
{
	if (row >= canvas->rows || column >= canvas->columns)
		return;
	cell_at(canvas, row, column)->character = character;
	cell_at(canvas, row, column)->style = style;
}

/* As many wide characters as fit `width` columns; the last is an ellipsis when they are not all. */
static unsigned cut(const struct canvas *canvas, wchar_t *text, unsigned width)
{
	wchar_t ellipsis = canvas->is_utf8 ? L'…' : L'~';
	unsigned used = 0, used_before_last = 0;
	size_t n = 0, n_before_last = 0;

	for (; text[n]; n++) {
		int columns = wcwidth(text[n]);
		unsigned next = used + (columns > 0 ? (unsigned)columns : 0);

		if (next > width) {
			text[n_before_last] = ellipsis;
			text[n_before_last + 1] = L'\0';
			return used_before_last + 1;
		}
		if (next < width) {
			n_before_last = n + 1;
			used_before_last = next;
		}
		used = next;
	}
	return used;
}

/* Escaped and cut off. NULL: there is no memory, or no room. Caller frees. */
static wchar_t *prepare(const struct canvas *canvas, const char *text, unsigned width,
			unsigned *ret_columns)
{
	_cleanup_free_ char *escaped = escape_text(text);
	_cleanup_free_ wchar_t *wide = NULL;
	size_t size = escaped ? strlen(escaped) + 2 : 1;

	wide = calloc(size, sizeof(*wide));
	if (!escaped || !wide || !width || mbstowcs(wide, escaped, size) == (size_t)-1)
		return NULL;
	*ret_columns = cut(canvas, wide, width);
	return take_ptr(wide);
}

static void draw(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
		 const wchar_t *text)
{
	for (; *text; text++) {
		int columns = wcwidth(*text);

		if (columns <= 0)
			continue; /* an accent that would combine with what is before it */
		canvas_put(canvas, row, column, style, *text);
		if (columns == 2)
			canvas_put(canvas, row, column + 1, style, 0);
		column += (unsigned)columns;
	}
}

/* Columns from `column` on that are on the canvas. */
static unsigned room(const struct canvas *canvas, unsigned column, unsigned width)
{
	unsigned left = column < canvas->columns ? canvas->columns - column : 0;

	return width < left ? width : left;
}

unsigned canvas_text(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
		     enum canvas_style style, const char *text)
{
	unsigned columns = 0;
	_cleanup_free_ wchar_t *wide = prepare(canvas, text, room(canvas, column, width), &columns);

	if (wide)
		draw(canvas, row, column, style, wide);
	return columns;
}

void canvas_text_right(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
		       enum canvas_style style, const char *text)
{
	unsigned columns = 0, fitting = room(canvas, column, width);
	_cleanup_free_ wchar_t *wide = prepare(canvas, text, fitting, &columns);

	if (wide)
		draw(canvas, row, column + fitting - columns, style, wide);
}

/* Bytes of it that fit a row: up to a blank, if there is one. */
static size_t row_length(const char *text, size_t width)
{
	size_t length = strlen(text);

	if (length <= width)
		return length;
	for (length = width; length && text[length] != ' ';)
		length--;
	return length ?: width;
}

void canvas_paragraph(struct canvas *canvas, unsigned row, enum canvas_style style,
		      const char *text)
{
	while (*text && row < canvas->rows && canvas->columns > 2) {
		size_t length = row_length(text, canvas->columns - 2);
		_cleanup_free_ char *line = strndup(text, length);

		if (line)
			canvas_text(canvas, row++, 1, canvas->columns, style, line);
		text += length;
		text += *text == ' ';
	}
}

void canvas_mark(struct canvas *canvas, unsigned row)
{
	for (unsigned i = 0; row < canvas->rows && i < canvas->columns; i++)
		cell_at(canvas, row, i)->is_marked = true;
}

void canvas_fill(struct canvas *canvas, unsigned row, enum canvas_style style)
{
	for (unsigned i = 0; row < canvas->rows && i < canvas->columns; i++)
		cell_at(canvas, row, i)->style = style;
}
