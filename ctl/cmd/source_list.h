/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources read from the guard, chosen and put in order. */
#pragma once

#include "baseline.h"
#include "guard/read.h"
#include "view.h"

enum source_order {
	SOURCE_BY_PACKETS,
	SOURCE_BY_BYTES,
	SOURCE_BY_DROPS, /* real ones and those of monitor mode */
	SOURCE_BY_RATE,
	SOURCE_BY_LAST_SEEN,
	SOURCE_ORDERS,
};

extern const char *const source_orders[SOURCE_ORDERS];
/* Of struct source_row, for qsort. */
extern int (*const source_comparisons[SOURCE_ORDERS])(const void *, const void *);

/* One reading of every source, for the rates of the next. */
struct source_look {
	uint64_t time_ns; /* CLOCK_MONOTONIC; 0: there was none */
	struct baseline baseline;
};

struct source_query {
	enum source_order order;
	size_t top;		    /* SIZE_MAX: all */
	const struct prefix *match; /* NULL: anywhere */
	bool only_offenders;	    /* that had drops, real or in monitor mode */
	bool has_rates;		    /* packets a second are wanted */
	bool has_entries;	    /* they are reported with when they came in, exactly */
	const bool *is_stopped;	    /* another thread sets it: -ECANCELED; NULL: none does */
};

struct source_row {
	struct source_counts counts;
	uint64_t packets, bytes;
	uint64_t rate;		/* packets a second since the last look */
	uint64_t blocked_until; /* time units, GUARD_FOREVER; 0: not blocked */
};

struct source_list {
	struct source_row *rows; /* in order */
	size_t n;
	size_t n_matching;
	size_t n_all;  /* in the table */
	uint64_t rate; /* of all that match */
	bool has_rates;
};

/* With has_rates *look is compared with, and then replaced; otherwise it may be NULL. */
int source_list_read(const struct view *view, const struct source_query *query,
		     struct source_look *look, struct source_list *ret_list, struct why *why);
void source_list_release(struct source_list *list);
void source_look_release(struct source_look *look);
