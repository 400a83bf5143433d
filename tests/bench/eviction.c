// SPDX-License-Identifier: GPL-2.0-or-later
#include "eviction.h"

#include <err.h>
#include <math.h>
#include <stdio.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "guard/source_table.h"
#include "measure.h"
#include "policies.h"

#define NS_PER_S 1000000000ull
#define FIRST 0xf0000000u
#define REAL 10000
/* A small table is turned over soon, and a minute of its life takes seconds under a clock that is set. */
#define CAPACITY 65536
#define PACKETS_A_SECOND 1000000
#define SECONDS 60
#define STEP_NS 20000000 /* of the clock */
#define REAL_EVERY 64

struct survivors {
	unsigned lost; /* have no entry, or not the one that they had */
	unsigned over; /* passed more than their limit lets through */
};

static struct survivors count_survivors(const struct subject *subject, uint64_t start,
					unsigned seconds)
{
	const uint64_t most = POLICY_STRICT_BURST + POLICY_STRICT_RATE * seconds + 1;
	struct survivors survivors = {};
	struct source_table *table;
	struct why why = {};

	if (source_table_map(subject->guard, false, &table, &why) < 0)
		errx(1, "%s", why.text);
	for (uint32_t i = 0; i < REAL; i++) {
		struct guard_address address = subject_source(FIRST + i, false);
		const struct guard_source *source = source_table_find(table, &address);

		if (!source || source->first_seen != start << GUARD_TIME_SHIFT)
			survivors.lost++;
		if (source)
			survivors.over += (source->passed >> GUARD_TALLY_BYTES_BITS) +
						  source->passed_wide.packets >
					  most;
	}
	source_table_unmap(&table);
	return survivors;
}

/* The real sources were there before the flood. */
static void introduce(struct subject *subject, uint64_t start)
{
	const struct stream_options options = {.kind = STREAM_MIXED,
					       .first = FIRST,
					       .sources = REAL,
					       .known_every = 1,
					       .port = POLICY_PORT_STRICT};
	struct stream *stream = stream_new(&options, subject_timed_fd(subject));

	subject_fill(subject, FIRST, REAL, false);
	stream_run(stream, REAL);
	stream_free(&stream);
}

static double flood(struct subject *subject, unsigned repeats, unsigned seconds)
{
	const struct stream_options options = {
		.kind = STREAM_MIXED,
		.first = FIRST,
		.sources = REAL,
		.repeats = repeats,
		.known_every = REAL_EVERY,
		.port = POLICY_PORT_STRICT,
	};
	const unsigned steps = seconds * (NS_PER_S / STEP_NS);
	struct stream *stream = stream_new(&options, subject_timed_fd(subject));
	double ns = 0;

	for (unsigned i = 0; i < steps; i++) {
		subject_set_time(subject, subject_time(subject) + STEP_NS);
		ns += stream_run(stream, PACKETS_A_SECOND / (NS_PER_S / STEP_NS));
	}
	stream_free(&stream);
	return ns / steps;
}

static void add(struct bench *bench, const char *what, unsigned repeats, double ns, unsigned count)
{
	struct result result = {
		.ns = ns, .floor = NAN, .low = NAN, .high = NAN, .ratio = count, .target = 0};

	snprintf(result.name, sizeof(result.name), "forged flood, %u a source: %s", repeats, what);
	results_add(&bench->results, &result);
}

static void measure(struct bench *bench, const struct policy_files *files, unsigned repeats)
{
	const unsigned seconds = bench->is_quick ? SECONDS / 2 : SECONDS;
	struct subject *subject = subject_new(files->policy, CAPACITY);
	const uint64_t start = subject_time(subject);
	struct survivors survivors;
	double ns;

	introduce(subject, start);
	ns = flood(subject, repeats, seconds);
	survivors = count_survivors(subject, start, seconds);
	add(bench, "of 10,000 real sources lost", repeats, ns, survivors.lost);
	add(bench, "real sources over their limit", repeats, ns, survivors.over);
	subject_free(&subject);
}

void eviction_measure(struct bench *bench)
{
	const struct policy_size size = {.rules = POLICY_RULES_MIN, .capacity = CAPACITY};
	struct policy_files files;

	if (!bench_wants(bench, "real sources"))
		return;
	policy_files_make(&size, &files);
	/* Two packets a source are the worst for a least-recently-used table. */
	for (unsigned repeats = 1; repeats <= 3; repeats++)
		if (repeats == 2 || !bench->is_quick)
			measure(bench, &files, repeats);
	policy_files_remove(&files);
}
