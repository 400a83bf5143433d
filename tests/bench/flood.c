// SPDX-License-Identifier: GPL-2.0-or-later
#include "flood.h"

#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "measure.h"
#include "policies.h"

#define PACKETS_A_SECOND 5000000
#define STEP_NS 10000000 /* of the clock */
#define STEPS 7		 /* a round: as long as an admission window, or some would have none */
#define PACKETS_A_STEP (PACKETS_A_SECOND / 1000 * (STEP_NS / 1000000))
#define PACKETS_FLOOR 100000
#define ROUNDS_LEAST 5
#define TARGET 4.0
#define TARGET_LARGE 8.0

/* What is flooded. */
struct flooded {
	const char *name;
	double target;
	struct subject *(*open)(struct bench *bench); /* NULL: the plain limiter */
};

/* Of each round. */
struct flood_rounds {
	double ns[ROUNDS_MAX];
	double missing[ROUNDS_MAX]; /* the plain counter, that does not find the source either */
	double finding[ROUNDS_MAX]; /* the plain counter in quiet times */
};

static struct stream *open_forged(unsigned repeats, int program)
{
	const struct stream_options options = {
		.kind = STREAM_FORGED, .repeats = repeats, .port = POLICY_PORT_LIMITED};

	return stream_new(&options, program);
}

/* The plain counter where it finds what it looks for, as in the rows of known sources. */
static struct stream *open_known(const struct bench *bench)
{
	const struct stream_options options = {
		.kind = STREAM_KNOWN, .first = BENCH_FREE, .sources = BENCH_KNOWN};

	return stream_new(&options, bench->floors->counter);
}

/* A round is long enough to be a good half as many. */
static unsigned flood_rounds(const struct bench *bench)
{
	return bench->rounds / 2 > ROUNDS_LEAST ? bench->rounds / 2 : ROUNDS_LEAST;
}

/* The time of the subject goes on as it would in such a flood; a floor, NULL, has none. */
static double run_round(struct subject *subject, struct stream *stream)
{
	double ns = 0;

	for (int i = 0; i < STEPS; i++) {
		if (subject)
			subject_set_time(subject, subject_time(subject) + STEP_NS);
		ns += stream_run(stream, PACKETS_A_STEP);
	}
	return ns / STEPS;
}

static void run_rounds(const struct bench *bench, struct subject *subject, int program,
		       unsigned repeats, struct flood_rounds *ret_rounds)
{
	_cleanup_(stream_free) struct stream *candidate = open_forged(repeats, program);
	_cleanup_(stream_free) struct stream *missing =
		open_forged(repeats, bench->floors->counter);
	_cleanup_(stream_free) struct stream *finding = open_known(bench);

	run_round(subject, candidate);
	for (unsigned i = 0; i < flood_rounds(bench); i++) {
		ret_rounds->missing[i] = stream_run(missing, PACKETS_FLOOR);
		ret_rounds->finding[i] = stream_run(finding, PACKETS_FLOOR);
		ret_rounds->ns[i] = run_round(subject, candidate);
	}
}

static void run_limiter(const struct bench *bench, unsigned repeats,
			struct flood_rounds *ret_rounds)
{
	struct floors *limiter = floors_new(BENCH_CAPACITY);

	floors_fill(limiter, BENCH_OTHERS, BENCH_CAPACITY);
	run_rounds(bench, NULL, limiter->limiter, repeats, ret_rounds);
	floors_free(&limiter);
}

/*
 * The matching floor misses too, which in a table of a million entries is a cache miss or two; the other
 * hits, since whoever is flooded compares with quiet times.
 */
static void measure_flood(struct bench *bench, const struct flooded *flooded, unsigned repeats)
{
	struct result result = {.target = flooded->target};
	struct flood_rounds rounds;
	struct subject *subject;

	snprintf(result.name, sizeof(result.name), "%s, %u packet%s a source", flooded->name,
		 repeats, repeats > 1 ? "s" : "");
	if (!bench_wants(bench, result.name))
		return;
	if (flooded->open) {
		subject = flooded->open(bench);
		run_rounds(bench, subject, subject_timed_fd(subject), repeats, &rounds);
	} else {
		run_limiter(bench, repeats, &rounds);
	}
	result_set_rounds(&result, rounds.ns, rounds.missing, flood_rounds(bench));
	results_add(&bench->results, &result);
	snprintf(result.name, sizeof(result.name), "%s, %u; beside a counter that finds",
		 flooded->name, repeats);
	result_set_rounds(&result, rounds.ns, rounds.finding, flood_rounds(bench));
	results_add(&bench->results, &result);
}

void flood_measure(struct bench *bench)
{
	static const struct flooded small = {"forged flood", TARGET, bench_small};
	static const struct flooded large = {"forged flood, 1M prefixes", TARGET_LARGE,
					     bench_large};
	static const struct flooded limiter = {"(a plain LRU limiter) forged flood", NAN, NULL};

	for (unsigned repeats = 1; repeats <= 3; repeats++)
		measure_flood(bench, &small, repeats);
	for (unsigned repeats = 1; repeats <= 3; repeats++)
		measure_flood(bench, &large, repeats);
	measure_flood(bench, &limiter, 1);
}
