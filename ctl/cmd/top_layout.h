/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of `top` as rows and columns. Pure: what it draws follows from the scene and the canvas's size. */
#pragma once

#include "render/canvas.h"
#include "top_model.h"
#include "top_ui.h"

#define TOP_ROWS_MIN 24u
#define TOP_COLUMNS_MIN 80u

struct top_scene {
	const struct top_model *model;
	const struct top_sources *sources;
	const struct top_ui *ui;
	uint64_t wall_ns; /* now, since 1970 */
	uint64_t interval_ns;
	uint64_t period_ns; /* between two readings of the sources */
};

/* On an empty canvas. Returns how many rows of sources there is room for. */
unsigned top_layout(const struct top_scene *scene, struct canvas *canvas);

/* Rows from `row` to below `end`: the list of sources. Returns how many of them are sources. */
unsigned top_layout_sources(const struct top_scene *scene, struct canvas *canvas, unsigned row,
			    unsigned end);
/* The last rows: keys, messages and questions. Returns the first row that it took. */
unsigned top_layout_footer(const struct top_scene *scene, struct canvas *canvas);
void top_layout_help(struct canvas *canvas);
