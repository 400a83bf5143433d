/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report as one self-contained HTML page: charts are inline SVG, nothing is loaded from anywhere, no
 * script runs, light or dark as the reader's system is. Text is escaped, whoever wrote it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What a count means, and so its colour. */
enum page_kind {
	PAGE_PASSED,
	PAGE_DROPPED,
	PAGE_WATCHED, /* passed, but would be dropped */
	PAGE_KINDS,
};

struct page_counts {
	uint64_t of[PAGE_KINDS]; /* none of them is part of another */
};

/* Counts over time, a point after the other. */
struct page_timeline {
	uint64_t point_ns;
	const struct page_counts *points;
	size_t n_points;
};

void page_begin(FILE *out, const char *title);
void page_end(FILE *out);

void page_paragraph(FILE *out, const char *text);
void page_heading(FILE *out, const char *text);

/* Large numbers in a row, between page_figures_begin and _end. `kind` PAGE_KINDS: no colour. */
void page_figures_begin(FILE *out);
void page_figure(FILE *out, const char *value, const char *label, enum page_kind kind);
void page_figures_end(FILE *out);

/* Packets a second over time, stacked. */
void page_timeline(FILE *out, const struct page_timeline *timeline);

/* `titles` end with NULL; a title that begins with '>' is of a column of numbers. */
void page_table_begin(FILE *out, const char *const *titles);
void page_row_begin(FILE *out);
void page_cell(FILE *out, const char *text);
void page_cell_number(FILE *out, const char *text);
/* A bar of the counts' shares, as long as they are of `most`. */
void page_cell_bar(FILE *out, const struct page_counts *counts, uint64_t most);
void page_row_end(FILE *out);
void page_table_end(FILE *out);
