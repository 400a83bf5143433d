/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "read.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "source_table.h"

static struct guard_count tally_read(uint64_t word, struct guard_count wide)
{
	wide.packets += word >> GUARD_TALLY_BYTES_BITS;
	wide.bytes += word & ((1ull << GUARD_TALLY_BYTES_BITS) - 1);
	return wide;
}

static struct source_counts source_counts(const struct guard_source *s)
{
	return (struct source_counts){
		.address = s->address,
		.passed = tally_read(s->passed, s->passed_wide),
		.dropped = tally_read(s->dropped, s->dropped_wide),
		.would_drop = s->would_drop,
		.first_seen = s->first_seen,
		.last_seen = s->last_seen,
		.drop_slot = s->drop_slot,
		.drop_reason = s->drop_reason,
	};
}

struct reader {
	int (*each)(const struct source_counts *source, void *data);
	void *data;
};

static int read_one(const struct guard_source *source, bool is_established, void *data)
{
	const struct reader *reader = data;
	struct source_counts counts = source_counts(source);

	return reader->each(&counts, reader->data);
}

int read_sources(const struct guard *guard,
		 int (*each)(const struct source_counts *source, void *data), void *data,
		 struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	struct reader reader = {each, data};
	int r = source_table_map(guard, false, &table, why);

	return r < 0 ? r : source_table_each(table, read_one, &reader);
}

int read_source_count(const struct guard *guard, uint64_t *ret_count, struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	int r = source_table_map(guard, false, &table, why);

	if (r < 0)
		return r;
	*ret_count = source_table_count(table);
	return 0;
}

int read_source(const struct guard *guard, const struct guard_address *address,
		struct source_counts *ret_source)
{
	struct guard_source source;
	int r = source_table_read(guard, address, &source);

	if (r == 0)
		*ret_source = source_counts(&source);
	return r;
}

int reset_sources(const struct guard *guard, struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	int r = source_table_map(guard, true, &table, why);

	if (r < 0)
		return r;
	source_table_clear(table);
	return 0;
}

/* A per-CPU value. Caller frees. Returns of how many CPUs, or an error, and no value then. */
static int read_per_cpu(int map, __u32 key, size_t size, void **ret_values)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_free_ void *values = NULL;

	if (cpus < 0)
		return cpus;
	values = calloc((size_t)cpus, size);
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map, &key, values) < 0)
		return -errno;
	*ret_values = take_ptr(values);
	return cpus;
}

/* Of n 64-bit counters, summed. */
static int read_summed(int map, __u32 key, uint64_t *ret_sums, size_t n)
{
	_cleanup_free_ void *values = NULL;
	int cpus = read_per_cpu(map, key, n * sizeof(*ret_sums), &values);

	if (!values)
		return cpus;
	memset(ret_sums, 0, n * sizeof(*ret_sums));
	for (size_t i = 0; i < cpus * n; i++)
		ret_sums[i % n] += ((uint64_t *)values)[i];
	return 0;
}

/* Zeroes every entry of a per-CPU array. */
static int reset_array(int map, __u32 entries, size_t size)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_free_ void *zeros = NULL;

	if (cpus < 0)
		return cpus;
	zeros = calloc(cpus, size);
	if (!zeros)
		return -ENOMEM;
	for (__u32 key = 0; key < entries; key++)
		if (bpf_map_update_elem(map, &key, zeros, BPF_ANY) < 0)
			return -errno;
	return 0;
}

int read_outcomes(const struct guard *guard, unsigned row,
		  struct guard_count ret_outcomes[GUARD_OUTCOMES], struct why *why)
{
	for (unsigned i = 0; i < GUARD_OUTCOMES; i++) {
		uint64_t sums[2];
		int r = read_summed(guard->outcomes, row * GUARD_OUTCOMES + i, sums, 2);

		if (r < 0)
			return guard_explain(why, r, "cannot read the counters of interfaces");
		ret_outcomes[i] = (struct guard_count){sums[0], sums[1]};
	}
	return 0;
}

int reset_outcomes(const struct guard *guard, struct why *why)
{
	int r = reset_array(guard->outcomes, GUARD_INTERFACES_MAX * GUARD_OUTCOMES,
			    sizeof(struct guard_count));

	return r < 0 ? guard_explain(why, r, "cannot reset the counters of interfaces") : 0;
}

int read_rule(const struct guard *guard, uint32_t slot, struct guard_rule_count *ret_count,
	      struct why *why)
{
	int r = read_summed(guard->rule_counts, slot, (uint64_t *)ret_count,
			    sizeof(*ret_count) / sizeof(uint64_t));

	return r < 0 ? guard_explain(why, r, "cannot read the counters of rules") : 0;
}

int reset_rules(const struct guard *guard, struct why *why)
{
	int r = reset_array(guard->rule_counts, GUARD_RULE_SLOTS, sizeof(struct guard_rule_count));

	return r < 0 ? guard_explain(why, r, "cannot reset the counters of rules") : 0;
}

/* Sources that a CPU admitted in the window before this one. */
static uint64_t admitted_lately(const struct guard_admission *cpu, uint64_t window)
{
	if (cpu->window == window)
		return cpu->admitted_before;
	return cpu->window + 1 == window ? cpu->admitted - cpu->admitted_then : 0;
}

int read_admission(const struct guard *guard, uint64_t now, struct admission *ret_admission,
		   struct why *why)
{
	const uint64_t window_ns = 1ull << (GUARD_ADMIT_WINDOW_SHIFT - GUARD_TIME_SHIFT);
	_cleanup_free_ void *values = NULL;
	int cpus = read_per_cpu(guard->admission, 0, sizeof(struct guard_admission), &values);
	struct admission sum = {};
	uint64_t lately = 0;

	if (!values)
		return guard_explain(why, cpus, "cannot read the state of admission");
	for (int i = 0; i < cpus; i++) {
		const struct guard_admission *cpu = &((struct guard_admission *)values)[i];

		sum.admitted += cpu->admitted;
		sum.held += cpu->held;
		sum.failed += cpu->failed;
		if (cpu->last_held > sum.last_held)
			sum.last_held = cpu->last_held;
		lately += admitted_lately(cpu, now >> GUARD_ADMIT_WINDOW_SHIFT);
	}
	sum.per_second = lately * 1000000000 / window_ns;
	*ret_admission = sum;
	return 0;
}

bool admission_is_holding(const struct admission *admission, uint64_t now)
{
	const uint64_t second = 1000000000ull << GUARD_TIME_SHIFT;

	return admission->last_held && admission->last_held + second > now;
}

int read_event_counts(const struct guard *guard, struct guard_event_counts *ret_counts,
		      struct why *why)
{
	int r = read_summed(guard->event_counts, 0, (uint64_t *)ret_counts,
			    sizeof(*ret_counts) / sizeof(uint64_t));

	return r < 0 ? guard_explain(why, r, "cannot read how many events there were") : 0;
}

const char *reason_name(enum guard_reason reason)
{
	static const char *const names[] = {
#define X(name, text, meaning) text,
		GUARD_REASONS(X)
#undef X
	};

	return reason < GUARD_REASON_COUNT ? names[reason] : "?";
}

const char *reason_meaning(enum guard_reason reason)
{
	static const char *const meanings[] = {
#define X(name, text, meaning) meaning,
		GUARD_REASONS(X)
#undef X
	};

	return reason < GUARD_REASON_COUNT ? meanings[reason] : "?";
}
