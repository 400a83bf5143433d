// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policies.h"

static const uint32_t firsts[] = BENCH_FIRSTS;

static void fill(struct subject *subject)
{
	struct source_table *table = subject_table(subject);

	for (uint32_t i = 0; i < BENCH_KNOWN; i++) {
		for (size_t n = 0; n < ARRAY_SIZE(firsts); n++) {
			subject_enter(subject, table, firsts[n] + i, 1, false);
			subject_enter(subject, table, firsts[n] + i, 1, true);
		}
		subject_enter(subject, table, BENCH_OTHERS + i * BENCH_BETWEEN, BENCH_BETWEEN,
			      false);
	}
	source_table_unmap(&table);
}

void bench_fill_floors(struct floors *floors)
{
	for (uint32_t i = 0; i < BENCH_KNOWN; i++) {
		for (size_t n = 0; n < ARRAY_SIZE(firsts); n++)
			floors_fill(floors, firsts[n] + i, 1);
		floors_fill(floors, BENCH_OTHERS + i * BENCH_BETWEEN, BENCH_BETWEEN);
	}
	/* The kernel may have pushed one out before the table was full. */
	for (size_t n = 0; n < ARRAY_SIZE(firsts); n++)
		floors_complete(floors, firsts[n], BENCH_KNOWN);
}

static struct subject *start(unsigned rules, uint32_t prefixes)
{
	const struct policy_size size = {
		.rules = rules, .prefixes = prefixes, .capacity = BENCH_CAPACITY};
	struct policy_files files;
	struct subject *subject;

	policy_files_make(&size, &files);
	subject = subject_new(files.policy, BENCH_CAPACITY);
	policy_files_remove(&files);
	fill(subject);
	return subject;
}

struct subject *bench_small(struct bench *bench)
{
	if (!bench->small)
		bench->small = start(POLICY_RULES_MIN, 0);
	return bench->small;
}

struct subject *bench_large(struct bench *bench)
{
	if (!bench->large)
		bench->large = start(GUARD_RULES_MAX, 1000000);
	return bench->large;
}

bool bench_wants(const struct bench *bench, const char *name)
{
	return !bench->only || strstr(name, bench->only);
}

void bench_measure(struct bench *bench, const struct row *row)
{
	struct result result = {.target = row->target, .is_least = row->is_least};
	double ns[ROUNDS_MAX], floors[ROUNDS_MAX];

	/* What the first packets find cold is no part of it. */
	stream_run(row->floor, row->packets / 4);
	stream_run(row->subject, row->packets / 4);
	for (unsigned i = 0; i < bench->rounds; i++) {
		floors[i] = stream_run(row->floor, row->packets);
		ns[i] = stream_run(row->subject, row->packets);
	}
	snprintf(result.name, sizeof(result.name), "%s", row->name);
	result_set_rounds(&result, ns, floors, bench->rounds);
	results_add(&bench->results, &result);
}
