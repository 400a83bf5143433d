/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t wall_end(const struct view *view, uint64_t until)
{
	if (!until || until == GUARD_FOREVER)
		return until;
	return clock_to_wall(&view->now, until);
}

static void take(const struct view *view, const struct source_row *row, struct top_source *source)
{
	*source = (struct top_source){
		.row = *row,
		.prefix = view_source_prefix(view, &row->counts.address),
		.last_seen_ns = clock_to_wall(&view->now, row->counts.last_seen),
		.block_ends_ns = wall_end(view, row->blocked_until),
	};
	snprintf(source->rule, sizeof(source->rule), "%s",
		 view_rule_name(view, row->counts.drop_slot) ?: "");
}

int top_sources_take(const struct view *view, const struct source_list *list,
		     struct top_sources *ret_sources)
{
	struct top_source *items = calloc(list->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++)
		take(view, &list->rows[i], &items[i]);
	*ret_sources = (struct top_sources){
		.items = items,
		.n = list->n,
		.n_matching = list->n_matching,
		.n_all = list->n_all,
		.rate = list->rate,
		.has_rates = list->has_rates,
		.wall_ns = view->now.wall_ns,
	};
	return 0;
}

void top_sources_release(struct top_sources *sources)
{
	free(sources->items);
	*sources = (struct top_sources){};
}

void top_sources_sort(struct top_sources *sources, enum source_order order)
{
	if (sources->n)
		qsort(sources->items, sources->n, sizeof(*sources->items),
		      source_comparisons[order]);
}

void top_sources_filter(struct top_sources *sources, const struct prefix *filter)
{
	size_t n = 0;

	for (size_t i = 0; i < sources->n; i++)
		if (prefix_covers(filter, &sources->items[i].prefix) ||
		    prefix_covers(&sources->items[i].prefix, filter))
			sources->items[n++] = sources->items[i];
	sources->n = n;
}

void top_sources_note_block(struct top_sources *sources, const struct prefix *prefix,
			    uint64_t ends_ns)
{
	for (size_t i = 0; i < sources->n; i++)
		if (prefix_covers(prefix, &sources->items[i].prefix))
			sources->items[i].block_ends_ns = ends_ns;
}

size_t top_sources_find(const struct top_sources *sources, const struct prefix *prefix)
{
	size_t i = 0;

	while (i < sources->n && prefix_compare(&sources->items[i].prefix, prefix) != 0)
		i++;
	return i;
}
