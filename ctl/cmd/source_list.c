/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_list.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "best.h"
#include "guard/blocks.h"

#define NS_PER_S 1000000000ull

const char *const source_orders[SOURCE_ORDERS] = {
	[SOURCE_BY_PACKETS] = "packets",     [SOURCE_BY_BYTES] = "bytes",
	[SOURCE_BY_DROPS] = "drops",	     [SOURCE_BY_RATE] = "pps",
	[SOURCE_BY_LAST_SEEN] = "last-seen",
};

/* One walk over the table. */
struct walk {
	const struct view *view;
	const struct source_query *query;
	const struct source_look *before; /* NULL: nothing to compare with */
	struct source_look after;
	struct best best;
	uint64_t n_since; /* packets of all that match */
	size_t n_all;
};

static uint64_t drops(const struct source_row *row)
{
	return row->counts.dropped.packets + row->counts.would_drop;
}

static int more_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

/* What is alike otherwise stays in one order from look to look. */
static int by_packets(const void *a, const void *b)
{
	const struct source_row *x = a, *y = b;

	return more_first(x->packets, y->packets)
		       ?: memcmp(&x->counts.address, &y->counts.address, sizeof(x->counts.address));
}

static int by_bytes(const void *a, const void *b)
{
	const struct source_row *x = a, *y = b;

	return more_first(x->bytes, y->bytes) ?: by_packets(a, b);
}

static int by_drops(const void *a, const void *b)
{
	return more_first(drops(a), drops(b)) ?: by_packets(a, b);
}

static int by_rate(const void *a, const void *b)
{
	const struct source_row *x = a, *y = b;

	return more_first(x->rate, y->rate) ?: by_packets(a, b);
}

static int by_last_seen(const void *a, const void *b)
{
	const struct source_row *x = a, *y = b;

	return more_first(x->counts.last_seen, y->counts.last_seen) ?: by_packets(a, b);
}

int (*const source_comparisons[SOURCE_ORDERS])(const void *, const void *) = {
	[SOURCE_BY_PACKETS] = by_packets,     [SOURCE_BY_BYTES] = by_bytes,
	[SOURCE_BY_DROPS] = by_drops,	      [SOURCE_BY_RATE] = by_rate,
	[SOURCE_BY_LAST_SEEN] = by_last_seen,
};

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static uint64_t per_second(const struct walk *walk, uint64_t packets)
{
	double ns = walk->before ? walk->after.time_ns - walk->before->time_ns : 0;

	return ns > 0 ? packets * (NS_PER_S / ns) + 0.5 : 0;
}

/* Either is part of the other: a host asked for may be a part of a source. */
static bool is_match(const struct walk *walk, const struct guard_address *source)
{
	struct prefix prefix = view_source_prefix(walk->view, source);

	return !walk->query->match || prefix_covers(walk->query->match, &prefix) ||
	       prefix_covers(&prefix, walk->query->match);
}

static int take_rate(struct walk *walk, struct source_row *row)
{
	uint64_t since;

	if (walk->before) {
		since = baseline_since(&walk->before->baseline, &row->counts.address, row->packets);
		row->rate = per_second(walk, since);
		walk->n_since += since;
	}
	return baseline_add(&walk->after.baseline, &row->counts.address, row->packets);
}

static int take(const struct source_counts *source, void *data)
{
	struct walk *walk = data;
	struct source_row row = {
		.counts = *source,
		.packets = source->passed.packets + source->dropped.packets,
		.bytes = source->passed.bytes + source->dropped.bytes,
	};
	int r;

	walk->n_all++;
	if (walk->query->is_stopped && __atomic_load_n(walk->query->is_stopped, __ATOMIC_RELAXED))
		return -ECANCELED;
	if (!is_match(walk, &source->address) || (walk->query->only_offenders && !drops(&row)))
		return 0;
	if (walk->query->has_rates) {
		r = take_rate(walk, &row);
		if (r < 0)
			return r;
	}
	return best_offer(&walk->best, &row);
}

static void find_blocks(const struct view *view, struct source_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct source_row *row = &list->rows[i];
		struct prefix prefix = view_source_prefix(view, &row->counts.address);

		row->blocked_until = blocks_until(view->guard, &prefix, view->now.units);
	}
}

static void walk_release(struct walk *walk)
{
	best_release(&walk->best);
	source_look_release(&walk->after);
}

int source_list_read(const struct view *view, const struct source_query *query,
		     struct source_look *look, struct source_list *ret_list, struct why *why)
{
	_cleanup_(walk_release) struct walk walk = {
		.view = view,
		.query = query,
		.before = query->has_rates && look->time_ns ? look : NULL,
		.after.time_ns = monotonic_ns(),
	};
	int r;

	best_begin(&walk.best, sizeof(struct source_row), query->top,
		   source_comparisons[query->order]);
	/* There are about as many as there were. */
	r = walk.before ? baseline_reserve(&walk.after.baseline, walk.before->baseline.n) : 0;
	if (r == 0)
		r = read_sources(view->guard, take, &walk, why);
	if (r == -ENOMEM)
		return why_set(why, r, "not enough memory for so many sources; show fewer: --top");
	if (r < 0)
		return r;
	best_sort(&walk.best);
	*ret_list = (struct source_list){
		.rows = (struct source_row *)walk.best.items,
		.n = walk.best.n,
		.n_matching = walk.best.n_offered,
		.n_all = walk.n_all,
		.rate = per_second(&walk, walk.n_since),
		.has_rates = walk.before,
	};
	walk.best.items = NULL;
	find_blocks(view, ret_list);
	if (query->has_rates) {
		source_look_release(look);
		*look = walk.after;
		walk.after = (struct source_look){};
	}
	return 0;
}

void source_list_release(struct source_list *list)
{
	free(list->rows);
	*list = (struct source_list){};
}

void source_look_release(struct source_look *look)
{
	baseline_release(&look->baseline);
	look->time_ns = 0;
}
