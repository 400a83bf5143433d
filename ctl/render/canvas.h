/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen in memory: cells of a character and a style, drawn on by whoever lays it out and shown by whoever
 * knows the terminal. Text that does not fit is cut off, and says so. Follows LC_CTYPE, as reports do.
 */
#pragma once

#include <stdbool.h>
#include <wchar.h>

enum canvas_style {
	CANVAS_PLAIN,
	CANVAS_TITLE,
	CANVAS_HEADER,
	CANVAS_GOOD,
	CANVAS_WARN,
	CANVAS_BAD,
	CANVAS_DIM,
	CANVAS_STYLES,
};

struct canvas_cell {
	wchar_t character; /* 0: the right half of a wide one */
	unsigned char style;
	bool is_marked;
};

struct canvas {
	unsigned rows, columns;
	bool is_utf8; /* of the locale */
	struct canvas_cell *cells;
};

/* Empty, of that size; what was there before is dropped. -ENOMEM. */
int canvas_begin(struct canvas *canvas, unsigned rows, unsigned columns);
void canvas_release(struct canvas *canvas);

const struct canvas_cell *canvas_cell(const struct canvas *canvas, unsigned row, unsigned column);

/*
 * Text from a column on, in at most `width` of them, escaped; returns how many it took. What lies outside of
 * the canvas is cut off.
 */
unsigned canvas_text(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
		     enum canvas_style style, const char *text);
/* So that it ends at the right of the `width` columns. */
void canvas_text_right(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
		       enum canvas_style style, const char *text);
/* Over as many rows as it takes, broken at blanks. */
void canvas_paragraph(struct canvas *canvas, unsigned row, enum canvas_style style,
		      const char *text);
void canvas_put(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
		wchar_t character);

/* A row that the user has marked, or that is a bar: all of its cells. */
void canvas_mark(struct canvas *canvas, unsigned row);
void canvas_fill(struct canvas *canvas, unsigned row, enum canvas_style style);
