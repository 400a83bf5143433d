/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sizing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/quantity.h"

#define CAPACITY_AUTO_MIN (64u << 10)
#define CAPACITY_AUTO_MAX (1u << 20)
#define CAPACITY_MAX (16u << 20) /* of sources.capacity */
#define MEMORY_SHARE 64		 /* auto: one part in so many */

#define NS_PER_S 1000000000ull
#define FLOOD_PER_S 100000 /* new sources a second that a limit should bear */

/* What the kernel adds to each entry of a hash table, and to each of its buckets. */
#define ENTRY_BYTES 64
#define BUCKET_BYTES 16

static uint64_t buckets_bytes(uint32_t capacity)
{
	uint64_t buckets = 1;

	while (buckets < capacity)
		buckets *= 2;
	return buckets * BUCKET_BYTES;
}

/* The kernel rounds key and value up to 8 bytes; all of ours are multiples of it. */
static uint64_t hash_bytes(uint32_t capacity, size_t key, size_t value)
{
	return capacity * (ENTRY_BYTES + key + value) + buckets_bytes(capacity);
}

static uint64_t sources_bytes(uint32_t capacity)
{
	return GUARD_TAGS(capacity) * sizeof(struct guard_set) +
	       GUARD_ENTRIES(capacity) * sizeof(struct guard_source) +
	       hash_bytes(capacity, sizeof(struct guard_bucket_key), sizeof(struct guard_bucket));
}

static uint64_t other_bytes(unsigned cpus)
{
	uint64_t per_cpu = GUARD_RULE_SLOTS * sizeof(struct guard_rule_count) +
			   GUARD_INTERFACES_MAX * GUARD_OUTCOMES * sizeof(struct guard_count) +
			   sizeof(struct guard_admission) + sizeof(struct guard_event_counts);

	/* A block costs its bucket; the entry comes with use. */
	return cpus * per_cpu + GUARD_LIMIT_SLOTS * sizeof(struct guard_shared) +
	       GUARD_SKETCH_SLOTS + buckets_bytes(GUARD_BLOCKS_MAX) + GUARD_EVENTS_SIZE +
	       GUARD_INTERFACES_MAX * sizeof(struct guard_interface) + sizeof(struct guard_control);
}

uint32_t sizing_auto_capacity(uint64_t memory_bytes)
{
	uint32_t capacity = CAPACITY_AUTO_MAX;

	while (capacity > CAPACITY_AUTO_MIN &&
	       sources_bytes(capacity) > memory_bytes / MEMORY_SHARE)
		capacity /= 2;
	return capacity;
}

/* Its state lives in the tables of sources, and can be lost with the entry. */
static bool can_be_lost(const struct limit *limit)
{
	return limit->packets && limit->per != PER_ALL;
}

static double slowest_limit_per_s(const struct policy *policy)
{
	double slowest = 0;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		for (size_t n = 0; n < rule->n_limits; n++) {
			const struct limit *limit = &rule->limits[n];
			double per_s;

			if (!can_be_lost(limit))
				continue;
			per_s = (double)limit->packets * NS_PER_S / limit->period_ns;
			if (slowest == 0 || per_s < slowest)
				slowest = per_s;
		}
	}
	return slowest;
}

void sizing_estimate(const struct policy *policy, const struct image *image, uint64_t memory_bytes,
		     unsigned cpus, struct sizing *ret_sizing)
{
	uint32_t capacity = policy->capacity ? policy->capacity
					     : sizing_auto_capacity(memory_bytes);
	double slowest = slowest_limit_per_s(policy);

	*ret_sizing = (struct sizing){
		.capacity = capacity,
		.sources_bytes = sources_bytes(capacity),
		.policy_bytes = 2 * (sizeof(struct guard_policy) +
				     image->n_cells * sizeof(struct guard_cell)),
		.other_bytes = other_bytes(cpus),
		.slowest_limit_per_s = slowest,
		.new_sources_per_s = capacity * slowest / 2,
	};
}

/* Two packets of a source must come before FLOOD_PER_S others have pushed it out. */
static uint64_t capacity_needed(const struct limit *limit)
{
	uint64_t packets = limit->packets * NS_PER_S;

	return (2 * FLOOD_PER_S * limit->period_ns + packets - 1) / packets;
}

static void warn_about(const struct limit *limit, uint32_t capacity,
		       struct diagnostics *diagnostics)
{
	const struct place *place = &limit->place;
	uint64_t needed = capacity_needed(limit);
	char rate[QUANTITY_TEXT_SIZE], remedy[80];

	if (capacity >= needed)
		return;
	if (needed <= CAPACITY_MAX)
		snprintf(remedy, sizeof(remedy), "sources.capacity: %" PRIu64 " would hold it",
			 needed);
	else
		snprintf(remedy, sizeof(remedy), "no capacity would hold it: raise the rate");
	diagnostics_add(diagnostics, false, place->file, place->line, place->column, place->length,
			NULL,
			"a limit of %s is too low for %" PRIu32
			" sources: %d new ones a second push a source out before its second "
			"packet is due; %s",
			rate_format(limit->packets, limit->period_ns, rate), capacity, FLOOD_PER_S,
			remedy);
}

void sizing_warn(const struct policy *policy, const struct sizing *sizing,
		 struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];

		for (size_t n = 0; n < rule->n_limits; n++) {
			if (can_be_lost(&rule->limits[n]))
				warn_about(&rule->limits[n], sizing->capacity, diagnostics);
		}
	}
}
