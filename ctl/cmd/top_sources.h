/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sources that `top` shows, as the last reading of the table gave them. */
#pragma once

#include "source_list.h"

#define TOP_SOURCES_MAX 200 /* kept of all: what one can scroll through */
#define TOP_RULE_SIZE 64
#define TOP_FOREVER UINT64_MAX

struct top_source {
	struct source_row row; /* first: sorted as such */
	struct prefix prefix;
	uint64_t last_seen_ns;	  /* since 1970 */
	uint64_t block_ends_ns;	  /* likewise; 0: not blocked; TOP_FOREVER */
	char rule[TOP_RULE_SIZE]; /* that last dropped; empty: none */
};

struct top_sources {
	struct top_source *items;
	size_t n;
	size_t n_matching, n_all; /* in the table */
	size_t n_blocks;	  /* active */
	uint64_t rate;		  /* of all that match */
	bool has_rates;
	uint64_t wall_ns; /* when they were read; 0: they never were */
	uint64_t took_ns; /* of a processor, to read them */
};

/* *list is of the view. -ENOMEM. */
int top_sources_take(const struct view *view, const struct source_list *list,
		     struct top_sources *ret_sources);
void top_sources_release(struct top_sources *sources);

/* Until the next reading: only what is there already, in another order, or what is in a prefix. */
void top_sources_sort(struct top_sources *sources, enum source_order order);
void top_sources_filter(struct top_sources *sources, const struct prefix *filter);
/* Notes the end of a block (0: none) with all sources in the prefix. */
void top_sources_note_block(struct top_sources *sources, const struct prefix *prefix,
			    uint64_t ends_ns);

/* Its index; sources->n: it is not there. */
size_t top_sources_find(const struct top_sources *sources, const struct prefix *prefix);
