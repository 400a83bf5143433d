// SPDX-License-Identifier: GPL-2.0-or-later
#include "processors.h"

#include <err.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "measure.h"
#include "policies.h"

#define PACKETS 500000
#define FIRST 0xf3000000u
#define SOURCES 500 /* of each processor */
#define TARGET_SAME 2.5
#define TARGET_MORE 1.9

struct half {
	struct stream *stream;
	pthread_barrier_t *start;
	unsigned processor;
	double ns;
};

void processor_stay(unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		err(1, "cannot stay on processor %u", processor);
}

static void *run_half(void *data)
{
	struct half *half = data;

	processor_stay(half->processor);
	pthread_barrier_wait(half->start);
	half->ns = stream_run(half->stream, PACKETS);
	return NULL;
}

/* Both at once; ns that a packet costs on each. */
static void run_both(struct stream *streams[2], double ret_ns[2])
{
	struct half halves[2];
	pthread_barrier_t start;
	pthread_t threads[2];

	pthread_barrier_init(&start, NULL, 2);
	for (unsigned i = 0; i < 2; i++) {
		halves[i] = (struct half){streams[i], &start, i, 0};
		if (pthread_create(&threads[i], NULL, run_half, &halves[i]) != 0)
			errx(1, "cannot start a thread");
	}
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		ret_ns[i] = halves[i].ns;
	}
	pthread_barrier_destroy(&start);
}

static void measure_same(struct bench *bench, const char *name, unsigned port, int program,
			 double target)
{
	const struct stream_options options = {.kind = STREAM_SAME, .port = port};
	struct result result = {.target = target};
	double ns[ROUNDS_MAX], alone[ROUNDS_MAX], both[2];
	struct stream *streams[2];

	if (!bench_wants(bench, name))
		return;
	streams[0] = stream_new(&options, program);
	streams[1] = stream_twin(streams[0], 0);
	for (unsigned i = 0; i < bench->rounds; i++) {
		alone[i] = stream_run(streams[0], PACKETS);
		run_both(streams, both);
		ns[i] = (both[0] + both[1]) / 2;
	}
	snprintf(result.name, sizeof(result.name), "%s", name);
	result_set_rounds(&result, ns, alone, bench->rounds);
	results_add(&bench->results, &result);
	for (int i = 1; i >= 0; i--)
		stream_free(&streams[i]);
}

/* In packets: what one does in the time that a packet takes, against both. */
static void measure_more(struct bench *bench)
{
	static const char name[] = "two CPUs, different sources: packets";
	const struct stream_options options = {
		.kind = STREAM_KNOWN,
		.first = FIRST,
		.sources = SOURCES,
		.port = POLICY_PORT_LIMITED,
	};
	struct result result = {.target = TARGET_MORE, .is_least = true};
	double each[ROUNDS_MAX], doubled[ROUNDS_MAX], both[2];
	struct stream *streams[2];

	if (!bench_wants(bench, name))
		return;
	subject_fill(bench_small(bench), FIRST, 2 * SOURCES, false);
	streams[0] = stream_new(&options, subject_fd(bench_small(bench)));
	streams[1] = stream_twin(streams[0], SOURCES);
	for (unsigned i = 0; i < bench->rounds; i++) {
		each[i] = stream_run(streams[0], PACKETS);
		run_both(streams, both);
		doubled[i] = 1 / (1 / both[0] + 1 / both[1]);
	}
	snprintf(result.name, sizeof(result.name), "%s", name);
	result_set_rounds(&result, each, doubled, bench->rounds);
	results_add(&bench->results, &result);
	for (int i = 1; i >= 0; i--)
		stream_free(&streams[i]);
}

void processors_measure(struct bench *bench)
{
	int subject = subject_fd(bench_small(bench));

	measure_same(bench, "one source on two CPUs, over its limit: drop", POLICY_PORT_STRICT,
		     subject, TARGET_SAME);
	measure_same(bench, "one source on two CPUs, within its limits: pass", POLICY_PORT_LIMITED,
		     subject, TARGET_SAME);
	measure_same(bench, "(the plain counter) one source on two CPUs", POLICY_PORT_FREE,
		     bench->floors->counter, NAN);
	measure_more(bench);
}
