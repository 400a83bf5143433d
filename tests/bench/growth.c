// SPDX-License-Identifier: GPL-2.0-or-later
#include "growth.h"

#include <err.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "measure.h"
#include "policies.h"

#define PACKETS 50000
#define FIRST 0xf0000000u
#define SOURCES 1000
#define PREFIXES_MAX (1u << 20)
#define SOURCES_MAX (1u << 20)

static double measure_stream(const struct bench *bench, const struct stream_options *options,
			     int program)
{
	_cleanup_(stream_free) struct stream *stream = stream_new(options, program);
	double ns[ROUNDS_MAX];

	stream_run(stream, PACKETS);
	for (unsigned i = 0; i < bench->rounds; i++)
		ns[i] = stream_run(stream, PACKETS);
	return median(ns, bench->rounds);
}

static void measure_known(const struct bench *bench, FILE *file, const char *what, unsigned n,
			  const char *series, uint32_t sources, int program)
{
	const struct stream_options options = {
		.kind = STREAM_KNOWN,
		.first = FIRST,
		.sources = sources,
		.port = POLICY_PORT_LIMITED,
	};

	fprintf(file, "%s,%u,%s,%.1f\n", what, n, series, measure_stream(bench, &options, program));
}

/* Time stands still: after the first window none is admitted, so that each packet asks everything anew. */
static void measure_forged(const struct bench *bench, FILE *file, const char *what, unsigned n,
			   const struct subject *subject)
{
	const struct stream_options options = {
		.kind = STREAM_FORGED, .repeats = 1, .port = POLICY_PORT_LIMITED};

	fprintf(file, "%s,%u,forged source,%.1f\n", what, n,
		measure_stream(bench, &options, subject_timed_fd(subject)));
}

static void measure_policy(struct bench *bench, FILE *file, const char *what, unsigned n,
			   const struct policy_size *size)
{
	struct subject *subject = bench_small(bench);
	struct policy_files files;

	policy_files_make(size, &files);
	subject_apply(subject, files.policy);
	policy_files_remove(&files);
	measure_known(bench, file, what, n, "known source", SOURCES, subject_fd(subject));
	measure_known(bench, file, what, n, "plain counter", SOURCES, bench->floors->counter);
	measure_forged(bench, file, what, n, subject);
	fflush(file);
}

static void measure_sources(struct bench *bench, FILE *file)
{
	for (uint32_t n = 1; n <= SOURCES_MAX; n *= 2) {
		floors_fill(bench->floors, FIRST, n);
		subject_fill(bench_small(bench), FIRST, n, false);
		measure_known(bench, file, "sources", n, "known source", n,
			      subject_fd(bench_small(bench)));
		measure_known(bench, file, "sources", n, "plain counter", n,
			      bench->floors->counter);
		fflush(file);
	}
}

void growth_measure(struct bench *bench, const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "w");
	struct policy_size size = {.capacity = BENCH_CAPACITY};

	if (!file)
		err(1, "%s", path);
	measure_sources(bench, file);
	for (size.rules = 4; size.rules <= GUARD_RULES_MAX; size.rules *= 2)
		measure_policy(bench, file, "rules", size.rules, &size);
	size.rules = POLICY_RULES_MIN + 1;
	for (size.prefixes = 1; size.prefixes <= PREFIXES_MAX; size.prefixes *= 2)
		measure_policy(bench, file, "prefixes", size.prefixes, &size);
}
