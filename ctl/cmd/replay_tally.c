/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay_tally.h"

#include <string.h>

#include "base/cleanup.h"

#define FIRST_POINT_NS 1000000 /* a millisecond */

static void count_add(struct replay_count *count, size_t size)
{
	count->packets++;
	count->bytes += size;
}

static void counts_add(struct replay_counts *counts, const struct replay_event *event)
{
	count_add(event->is_dropped ? &counts->dropped : &counts->passed, event->size);
	if (event->is_monitored)
		count_add(&counts->would_drop, event->size);
}

static void counts_merge(struct replay_counts *to, const struct replay_counts *from)
{
	to->passed.packets += from->passed.packets;
	to->passed.bytes += from->passed.bytes;
	to->dropped.packets += from->dropped.packets;
	to->dropped.bytes += from->dropped.bytes;
	to->would_drop.packets += from->would_drop.packets;
	to->would_drop.bytes += from->would_drop.bytes;
}

/* Two points become one. */
static void halve_points(struct replay_tally *tally)
{
	for (size_t i = 0; i < REPLAY_POINTS; i += 2) {
		struct replay_counts sum = tally->points[i];

		counts_merge(&sum, &tally->points[i + 1]);
		tally->points[i / 2] = sum;
	}
	memset(tally->points + REPLAY_POINTS / 2, 0, REPLAY_POINTS / 2 * sizeof(*tally->points));
	tally->point_ns *= 2;
}

static void add_to_point(struct replay_tally *tally, const struct replay_event *event)
{
	uint64_t since = event->time_ns - tally->first_ns;
	size_t point;

	if (!tally->point_ns)
		tally->point_ns = FIRST_POINT_NS;
	while (since / tally->point_ns >= REPLAY_POINTS)
		halve_points(tally);
	point = since / tally->point_ns;
	tally->n_points = point + 1;
	counts_add(&tally->points[point], event);
}

static int grow(struct replay_tally *tally)
{
	struct replay_source *sources =
		realloc(tally->sources, tally->index.room * sizeof(*sources));

	if (!sources)
		return -ENOMEM;
	tally->sources = sources;
	tally->room = tally->index.room;
	return 0;
}

/* NULL in *ret_source: there are too many. */
static int find_source(struct replay_tally *tally, const struct replay_event *event,
		       struct replay_source **ret_source)
{
	const struct source_key key = {.address = event->source};
	size_t number;
	int r = source_index_find(&tally->index, &key, REPLAY_SOURCES_MAX, &number);

	*ret_source = NULL;
	if (r == -ENOSPC)
		return 0;
	if (r == 0 && number >= tally->room)
		r = grow(tally);
	if (r < 0)
		return r;
	if (number == tally->n_sources) {
		tally->sources[tally->n_sources++] = (struct replay_source){
			.address = event->source,
			.first_ns = event->time_ns,
			.first_drop_rule = -1,
		};
	}
	*ret_source = &tally->sources[number];
	return 0;
}

bool replay_source_lost(const struct replay_source *source)
{
	return source->counts.dropped.packets || source->counts.would_drop.packets;
}

static void add_to_source(struct replay_source *source, const struct replay_event *event)
{
	bool has_lost = replay_source_lost(source);

	counts_add(&source->counts, event);
	source->last_ns = event->time_ns;
	if (!event->is_dropped && !event->is_monitored)
		return;
	source->last_drop_ns = event->time_ns;
	if (has_lost)
		return;
	source->first_drop_ns = event->time_ns;
	source->first_drop_rule = event->rule;
	source->first_drop_reason = event->reason;
}

int replay_tally_add(struct replay_tally *tally, const struct replay_event *event)
{
	struct replay_source *source = NULL;
	int r = event->has_source ? find_source(tally, event, &source) : 0;

	if (r < 0)
		return r;
	if (!tally->total.passed.packets && !tally->total.dropped.packets)
		tally->first_ns = event->time_ns;
	tally->last_ns = event->time_ns;
	counts_add(&tally->total, event);
	count_add(&tally->outcomes[event->reason + (event->is_monitored ? GUARD_REASON_COUNT : 0)],
		  event->size);
	if (event->rule >= 0)
		counts_add(&tally->rules[event->rule], event);
	add_to_point(tally, event);
	if (source)
		add_to_source(source, event);
	else if (event->has_source)
		tally->untracked++;
	return 0;
}

static int descending(uint64_t x, uint64_t y)
{
	return x > y ? -1 : x < y;
}

static int compare(const void *a, const void *b)
{
	const struct replay_source *x = a, *y = b;
	uint64_t x_packets = x->counts.passed.packets, y_packets = y->counts.passed.packets;
	int r = descending(x->counts.dropped.packets, y->counts.dropped.packets);

	r = r ?: descending(x->counts.would_drop.packets, y->counts.would_drop.packets);
	r = r ?: descending(x_packets, y_packets);
	return r ?: memcmp(&x->address, &y->address, sizeof(x->address));
}

void replay_tally_sort(struct replay_tally *tally)
{
	if (tally->n_sources)
		qsort(tally->sources, tally->n_sources, sizeof(*tally->sources), compare);
	/* Numbers have moved: nothing is added from here on. */
	source_index_release(&tally->index);
}

void replay_tally_release(struct replay_tally *tally)
{
	free(tally->sources);
	source_index_release(&tally->index);
	*tally = (struct replay_tally){};
}
