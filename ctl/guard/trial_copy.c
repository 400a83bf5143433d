/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial_copy.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "bpf/budget.h"
#include "source_table.h"

/* 1: copied, with the value left in `value`; 0: there is none. */
static int copy_entry(int from, int to, const void *key, void *value)
{
	if (bpf_map_lookup_elem(from, key, value) < 0)
		return errno == ENOENT ? 0 : -errno;
	return bpf_map_update_elem(to, key, value, BPF_ANY) < 0 ? -errno : 1;
}

static void copy_control(const struct guard *to, const struct guard *from)
{
	to->memory->block_generation = from->memory->block_generation;
	to->memory->sketch_age = from->memory->sketch_age;
	memcpy(to->memory->block_bits, from->memory->block_bits, sizeof(to->memory->block_bits));
}

/* Whether a new source would be admitted depends on all of it. */
static int copy_admission(const struct guard *to, const struct guard *from)
{
	int cpus = libbpf_num_possible_cpus(), r;
	_cleanup_free_ void *counts = NULL, *sketch = malloc(GUARD_SKETCH_SLOTS);
	__u32 zero = 0;

	if (cpus < 0)
		return cpus;
	counts = calloc(cpus, sizeof(struct guard_admission));
	if (!counts || !sketch)
		return -ENOMEM;
	r = copy_entry(from->admission, to->admission, &zero, counts);
	return r < 0 ? r : copy_entry(from->sketch, to->sketch, &zero, sketch);
}

static int copy_source(const struct guard *to, const struct guard *from, struct trial_copy *copy)
{
	struct guard_source source;
	int r = source_table_read(from, &copy->address, &source);

	copy->has_source = r == 0;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return source_table_write(to, &source);
}

/* Only of the lengths at which the program looks for the family: ::/0 is no block of IPv4. */
static int copy_blocks(const struct guard *to, const struct guard *from,
		       const struct guard_address *address, bool is_ipv6, struct trial_copy *copy)
{
	const __u64 *lengths = to->memory->block_bits[is_ipv6];

	for (unsigned bits = 0; bits <= 128; bits++) {
		struct guard_block_key key = {.address = *address, .bits = bits};
		struct guard_block block;
		int r;

		if (!(lengths[bits / 64] >> bits % 64 & 1))
			continue;
		mask_prefix(&key.address, bits);
		r = copy_entry(from->blocks, to->blocks, &key, &block);
		if (r < 0)
			return r;
		if (r > 0)
			copy->blocks[copy->n_blocks++] = (struct block_entry){
				.prefix = {key.address, (unsigned char)bits},
				.block = block,
			};
	}
	return 0;
}

/* What a limit keeps outside of the source's entry. */
static int copy_limit(const struct guard *to, const struct guard *from,
		      const struct guard_policy *policy, const struct guard_limit *limit,
		      const struct guard_address *address, bool is_ipv6)
{
	struct guard_bucket_key key =
		budget_key(limit, address, budget_bits(policy, limit, is_ipv6));
	struct guard_bucket bucket;
	struct guard_shared shared;
	int r = copy_entry(from->shared, to->shared, &limit->slot, &shared);

	return r < 0 ? r : copy_entry(from->buckets, to->buckets, &key, &bucket);
}

static int copy_limits(const struct guard *to, const struct guard *from,
		       const struct guard_policy *policy, const struct guard_address *address,
		       bool is_ipv6)
{
	for (uint32_t i = 0; i < policy->rules && i < GUARD_RULES_MAX; i++) {
		const struct guard_rule *rule = &policy->rule[i];

		for (unsigned n = 0; n < rule->limits; n++) {
			int r = copy_limit(to, from, policy, &policy->limit[rule->first_limit + n],
					   address, is_ipv6);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

struct guard_address trial_source(const struct guard_policy *policy,
				  const struct guard_address *from, bool is_ipv6)
{
	struct guard_address source = *from;

	mask_address(&source, &policy->source_mask[is_ipv6]);
	return source;
}

int trial_copy(struct trial *trial, const struct guard *guard, const struct guard_policy *policy,
	       const struct guard_address *from, bool is_ipv6, struct trial_copy *ret_copy,
	       struct why *why)
{
	const struct guard *to = trial_guard(trial);
	int r;

	*ret_copy = (struct trial_copy){.now = clock_now_read(),
					.address = trial_source(policy, from, is_ipv6)};
	copy_control(to, guard);
	r = copy_admission(to, guard);
	if (r >= 0)
		r = copy_source(to, guard, ret_copy);
	if (r >= 0)
		r = copy_blocks(to, guard, from, is_ipv6, ret_copy);
	if (r >= 0)
		r = copy_limits(to, guard, policy, from, is_ipv6);
	return r < 0 ? guard_explain(why, r, "cannot copy what the guard knows of the source") : 0;
}
