/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong in a file, collected so that all of it is told at once. Filled by whoever reads the
 * file; printed by cmd/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct diagnostic {
	bool is_error; /* else a warning */
	char *file;
	unsigned line, column, length; /* 0: unknown */
	char *text;
	char *excerpt; /* the line itself, without its newline; NULL: unknown */
};

struct diagnostics {
	struct diagnostic *items;
	size_t n_items;
	size_t n_errors;
	size_t n_suppressed; /* past the first 100 */
};

#define DIAGNOSTICS_MAX 100

/*
 * Never fails: what finds no memory is counted as suppressed, and in a full list an error takes the
 * last warning's place. The same words at the same place are kept once. Control characters and
 * broken UTF-8 become '?' in text and excerpt, so that both may go to a terminal. length 0: no
 * underline. excerpt may be NULL; it is copied.
 */
void diagnostics_add(struct diagnostics *list, bool is_error, const char *file, unsigned line,
		     unsigned column, unsigned length, const char *excerpt, const char *format, ...)
	__attribute__((format(printf, 8, 9)));

/*
 * False: what is added now is only counted. Then no excerpt need be copied, and no name be looked for that may have been
 * meant: of 60,000 errors on one line that took minutes.
 */
bool diagnostics_shows_more(const struct diagnostics *list);

void diagnostics_free(struct diagnostics *list);

/*
 * The candidate nearest to `word` (Damerau-Levenshtein), or the first that contains it; NULL when
 * none is near enough to be meant.
 */
const char *diagnostic_nearest(const char *word, const char *const *candidates,
			       size_t n_candidates);
