/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the benchmark, and how its rows are measured. */
#pragma once

#include "floors.h"
#include "policies.h"
#include "results.h"
#include "stream.h"
#include "subject.h"

#define BENCH_CAPACITY (1u << 20)
#define BENCH_OTHERS 0x10000000u /* sources that fill the tables, and are never heard of again */

/* Sources that are measured: so many from each of BENCH_FIRSTS on, IPv4 and IPv6. */
#define BENCH_KNOWN 1000
#define BENCH_FREE 0xf0000000u
#define BENCH_BLOCKED 0xf1000000u
#define BENCH_FIRSTS \
	{ \
		BENCH_FREE, BENCH_BLOCKED, POLICY_DENIED \
	}
/* Others between one of each and the next, so that all fit: nobody's neighbours in memory are his peers. */
#define BENCH_BETWEEN (BENCH_CAPACITY / BENCH_KNOWN - 8)

struct bench {
	struct results results;
	struct floors *floors; /* its table is full */
	struct subject *small; /* see bench_small; NULL: not needed so far */
	struct subject *large;
	const char *only; /* rows whose name has this in it; NULL: all */
	unsigned rounds;
	bool is_quick;
};

/* A row to be measured: `subject` beside `floor`, by turns. */
struct row {
	const char *name;
	double target;
	bool is_least;
	struct stream *subject;
	struct stream *floor;
	uint32_t packets; /* a round */
};

/* Under the shortest policy, or under 1,024 rules and 1,000,000 prefixes; the table of sources is full. */
struct subject *bench_small(struct bench *bench);
struct subject *bench_large(struct bench *bench);

/* Fills the floor's table as the others are. */
void bench_fill_floors(struct floors *floors);

bool bench_wants(const struct bench *bench, const char *name);
void bench_measure(struct bench *bench, const struct row *row);
