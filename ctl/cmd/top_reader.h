/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the table of sources beside everything else: with a million of them that takes a second, in which
 * the screen must go on.
 */
#pragma once

#include <pthread.h>

#include "top_sources.h"

/* Of one processor's time, reading takes at most a tenth. */
#define TOP_READER_SHARE 10

struct top_reader {
	const char *dir; /* of the guard */
	int event;	 /* readable when a reading has ended */
	pthread_t thread;
	bool is_running;
	bool is_stopped; /* shared with the thread; the rest is the thread's while it runs */

	struct source_query query;
	struct prefix match;
	struct source_look look;
	struct top_sources sources;
	int error;
	struct why why;
};

int top_reader_begin(struct top_reader *reader, const char *dir);
void top_reader_release(struct top_reader *reader);

/* Not while one runs. `filter` NULL: all sources. */
int top_reader_start(struct top_reader *reader, enum source_order order,
		     const struct prefix *filter);
/* What the reading that has ended gave; an error of it with its reason. */
int top_reader_take(struct top_reader *reader, struct top_sources *ret_sources, struct why *why);
/* Ends a reading, and begins rates afresh: what was read before is not to be compared with. */
void top_reader_forget(struct top_reader *reader);

/* From one start to the next, when a reading takes so long: whole intervals. */
uint64_t top_reader_period(uint64_t interval_ns, uint64_t took_ns);
