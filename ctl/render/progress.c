/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "escape.h"
#include "units.h"

#define NS_PER_MS UINT64_C(1000000)
#define FIRST_DRAWN_AFTER_NS (500 * NS_PER_MS)
#define REDRAWN_AFTER_NS (100 * NS_PER_MS) /* smooth to the eye, and cheap over a slow line */
#define BAR_CELLS 30

/* A line longer than the terminal must not wrap: a carriage return would miss its start then. */
#define START_LINE "\r\033[K\033[?7l"
#define END_LINE "\033[?7h"

struct progress {
	char *what;
	uint64_t next_ns; /* not drawn again before */
	bool is_drawn;
};

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool is_wanted(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

struct progress *progress_begin(const char *what)
{
	_cleanup_free_ struct progress *progress = NULL;

	if (!is_wanted())
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->what = escape_text(what);
	if (!progress->what)
		return NULL;
	progress->next_ns = clock_now() + FIRST_DRAWN_AFTER_NS;
	return take_ptr(progress);
}

/* How much there will be is not always known: then what is done is only counted. */
static void draw_count(const char *what, size_t done)
{
	char text[UNITS_TEXT_SIZE];

	fprintf(stderr, START_LINE "%s: %s" END_LINE, what, units_count(done, text));
}

static void draw_bar(const char *what, size_t done, size_t all)
{
	static const char full[] = "##############################";
	static const char empty[] = "..............................";
	double part = done < all ? (double)done / (double)all : 1;
	int cells = (int)(part * BAR_CELLS);

	_Static_assert(sizeof(full) == BAR_CELLS + 1 && sizeof(empty) == BAR_CELLS + 1,
		       "as many characters as cells");
	fprintf(stderr, START_LINE "%s: [%.*s%.*s] %3d %%" END_LINE, what, cells, full,
		BAR_CELLS - cells, empty, (int)(part * 100));
}

void progress_update(struct progress *progress, size_t done, size_t all)
{
	uint64_t now_ns;

	if (!progress)
		return;
	now_ns = clock_now();
	if (now_ns < progress->next_ns)
		return;
	progress->next_ns = now_ns + REDRAWN_AFTER_NS;
	progress->is_drawn = true;
	if (all)
		draw_bar(progress->what, done, all);
	else
		draw_count(progress->what, done);
	fflush(stderr);
}

void progress_end(struct progress **progress)
{
	if (!*progress)
		return;
	if ((*progress)->is_drawn) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	free((*progress)->what);
	free(take_ptr(*progress));
}
