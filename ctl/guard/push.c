/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "push.h"

#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "in_force.h"

static uint32_t active_slot(const struct guard *guard)
{
	return __atomic_load_n(&guard->memory->active, __ATOMIC_ACQUIRE) & 1;
}

/*
 * Packets may still be under way that read `active` before the last commit. Pointing the idle slot at the
 * policy in force gives them a whole policy whatever they read, and the kernel returns from that update
 * only when every packet that saw the slot's old content is done. Then the slot's ranges are free.
 */
static int retire_idle_slot(const struct guard *guard, uint32_t idle, uint32_t *ret_generation)
{
	_cleanup_close_ int fd = in_force_slot(guard->policies, !idle);
	struct guard_policy *policy;
	__u32 zero = 0;

	if (fd == -ENOENT) {
		*ret_generation = 0;
		return 0;
	}
	if (fd < 0)
		return fd;
	policy = malloc(sizeof(*policy));
	if (!policy)
		return -ENOMEM;
	if (bpf_map_lookup_elem(fd, &zero, policy) < 0) {
		free(policy);
		return -errno;
	}
	*ret_generation = policy->generation;
	free(policy);
	return bpf_map_update_elem(guard->policies, &idle, &fd, BPF_ANY) < 0 ? -errno : 0;
}

static int make_ranges(const struct image *image, int *ret_fd)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	size_t size = image->n_cells * sizeof(*image->cells);
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ranges", sizeof(__u32),
						sizeof(*image->cells), image->n_cells, &options);
	void *memory;

	if (fd < 0)
		return -errno;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	memcpy(memory, image->cells, size);
	munmap(memory, size);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_policy(const struct image *image, int *ret_fd)
{
	_cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "policy", sizeof(__u32),
						sizeof(*image->policy), 1, NULL);
	__u32 zero = 0;

	if (fd < 0 || bpf_map_update_elem(fd, &zero, image->policy, BPF_ANY) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int zero_rule_counts(const struct guard *guard, const struct fresh_slots *fresh)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct guard_rule_count *zeros = NULL;

	if (cpus < 0)
		return cpus;
	zeros = calloc(cpus, sizeof(*zeros));
	if (!zeros)
		return -ENOMEM;
	for (size_t i = 0; i < fresh->n_rules; i++)
		if (bpf_map_update_elem(guard->rule_counts, &fresh->rules[i], zeros, BPF_ANY) < 0)
			return -errno;
	return 0;
}

static int zero_fresh_slots(const struct guard *guard, const struct fresh_slots *fresh)
{
	const struct guard_shared zero = {};

	for (size_t i = 0; i < fresh->n_limits; i++)
		if (bpf_map_update_elem(guard->shared, &fresh->limits[i], &zero, BPF_ANY) < 0)
			return -errno;
	return zero_rule_counts(guard, fresh);
}

static int fill_slot(const struct guard *guard, const struct image *image, uint32_t slot)
{
	_cleanup_close_ int policy = -1;
	_cleanup_close_ int ranges = -1;
	int r;

	r = make_ranges(image, &ranges);
	if (r < 0)
		return r;
	r = make_policy(image, &policy);
	if (r < 0)
		return r;
	if (bpf_map_update_elem(guard->ranges, &slot, &ranges, BPF_ANY) < 0 ||
	    bpf_map_update_elem(guard->policies, &slot, &policy, BPF_ANY) < 0)
		return -errno;
	return 0;
}

int push_prepare(const struct guard *guard, struct image *image, const struct fresh_slots *fresh,
		 const struct record *record, struct why *why)
{
	uint32_t idle = !active_slot(guard), generation = 0;
	int r;

	r = retire_idle_slot(guard, idle, &generation);
	if (r < 0)
		return guard_explain(why, r, "cannot read the policy in force");
	image->policy->generation = generation + 1;
	image->policy->ranges = idle;
	r = zero_fresh_slots(guard, fresh);
	if (r < 0)
		return guard_explain(why, r, "cannot reset counters of new rules");
	r = fill_slot(guard, image, idle);
	if (r < 0)
		return guard_explain(why, r, "cannot write the policy's tables");
	return record ? record_write(guard, idle, record, why) : 0;
}

void push_commit(const struct guard *guard)
{
	__atomic_store_n(&guard->memory->active, !active_slot(guard), __ATOMIC_RELEASE);
}
