// SPDX-License-Identifier: GPL-2.0-or-later
#include "told.h"

#include <err.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "guard/clock.h"
#include "guard/events.h"
#include "measure.h"
#include "policies.h"
#include "processors.h"

#define PACKETS 500000 /* a round */
#define WAIT_MS 100

struct reader {
	struct events *events;
	bool is_ending;
};

static int forget(const struct guard_event *event, void *data)
{
	return 0;
}

/* On the other processor, as fast as there is something to read. */
static void *read_events(void *data)
{
	struct reader *reader = data;

	processor_stay(1);
	while (!__atomic_load_n(&reader->is_ending, __ATOMIC_RELAXED)) {
		struct pollfd readable = {.fd = events_fd(reader->events), .events = POLLIN};

		if (poll(&readable, 1, WAIT_MS) > 0 && events_read(reader->events) < 0)
			errx(1, "cannot read events");
	}
	return NULL;
}

/* By turns: the plain counter, nobody listens, a reader. Its lease outlasts the round. */
static void run_rounds(const struct bench *bench, struct events *events, struct stream *dropped,
		       struct stream *counter, double *ret_told, double *ret_untold,
		       double *ret_floors)
{
	for (unsigned i = 0; i < bench->rounds; i++) {
		ret_floors[i] = stream_run(counter, PACKETS);
		events_stop(events);
		ret_untold[i] = stream_run(dropped, PACKETS);
		events_renew(events, clock_now_read().units);
		ret_told[i] = stream_run(dropped, PACKETS);
	}
	events_stop(events);
}

static void check_told(const struct events *events)
{
	struct guard_event_counts counts;
	struct why why = {};

	if (events_count(events, &counts, &why) < 0)
		errx(1, "%s", why.text);
	if (!counts.sent[GUARD_EVENT_DROP] || !counts.suppressed[GUARD_EVENT_DROP])
		errx(1, "no event was told, or none suppressed");
}

static void add(struct bench *bench, const char *name, const double *ns, const double *floors)
{
	struct result result = {.target = NAN};

	snprintf(result.name, sizeof(result.name), "%s", name);
	result_set_rounds(&result, ns, floors, bench->rounds);
	results_add(&bench->results, &result);
}

void told_measure(struct bench *bench)
{
	static const char name[] = "denied source: drop, with a reader of events";
	const struct stream_options options = {
		.kind = STREAM_KNOWN, .first = POLICY_DENIED, .sources = BENCH_KNOWN};
	double told[ROUNDS_MAX], untold[ROUNDS_MAX], floors[ROUNDS_MAX];
	_cleanup_(stream_free) struct stream *dropped = NULL;
	_cleanup_(stream_free) struct stream *counter = NULL;
	_cleanup_(events_close) struct events *events = NULL;
	struct reader reader = {};
	struct why why = {};
	pthread_t thread;

	if (!bench_wants(bench, name))
		return;
	dropped = stream_new(&options, subject_fd(bench_small(bench)));
	counter = stream_new(&options, bench->floors->counter);
	if (events_open(bench_small(bench)->guard, forget, NULL, &events, &why) < 0)
		errx(1, "%s", why.text);
	reader.events = events;
	if (pthread_create(&thread, NULL, read_events, &reader) != 0)
		errx(1, "cannot start a thread");
	run_rounds(bench, events, dropped, counter, told, untold, floors);
	check_told(events);
	__atomic_store_n(&reader.is_ending, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	add(bench, name, told, floors);
	add(bench, "denied source: drop, with a reader; beside without one", told, untold);
}
