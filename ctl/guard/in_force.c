/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "in_force.h"

#include <bpf/bpf.h>

#include "base/cleanup.h"

#define TRIES 5 /* applies that may come between */

int in_force_slot(int outer, uint32_t slot)
{
	__u32 id;
	int fd;

	if (bpf_map_lookup_elem(outer, &slot, &id) < 0)
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

void in_force_release(struct in_force *in_force)
{
	closep(&in_force->policy);
	closep(&in_force->ranges);
	free(in_force->compiled);
	record_free(&in_force->record);
	*in_force = (struct in_force){.policy = -1, .ranges = -1};
}

static uint32_t active_slot(const struct guard *guard)
{
	return __atomic_load_n(&guard->memory->active, __ATOMIC_ACQUIRE) & 1;
}

static int read_slot(const struct guard *guard, struct in_force *in_force)
{
	__u32 zero = 0;

	in_force->policy = in_force_slot(guard->policies, in_force->slot);
	if (in_force->policy < 0)
		return in_force->policy;
	in_force->ranges = in_force_slot(guard->ranges, in_force->slot);
	if (in_force->ranges < 0)
		return in_force->ranges;
	in_force->compiled = malloc(sizeof(*in_force->compiled));
	if (!in_force->compiled)
		return -ENOMEM;
	return bpf_map_lookup_elem(in_force->policy, &zero, in_force->compiled) < 0 ? -errno : 0;
}

/* -EAGAIN: another policy came into force meanwhile. */
static int read_once(const struct guard *guard, struct in_force *in_force, struct why *why)
{
	int r;

	in_force->slot = active_slot(guard);
	r = record_read(guard, &in_force->record, why);
	if (r < 0)
		return r;
	r = read_slot(guard, in_force);
	if (active_slot(guard) != in_force->slot)
		return -EAGAIN;
	return r < 0 ? guard_explain(why, r, "cannot read the policy in force") : 0;
}

int in_force_read(const struct guard *guard, struct in_force *ret_in_force, struct why *why)
{
	struct in_force in_force = {.policy = -1, .ranges = -1};
	int r = -EAGAIN;

	for (unsigned i = 0; r == -EAGAIN && i < TRIES; i++) {
		in_force_release(&in_force);
		r = read_once(guard, &in_force, why);
	}
	if (r == -EAGAIN)
		why_set(why, r, "policies are exchanged faster than they can be read; try again");
	if (r == 0)
		*ret_in_force = in_force;
	else
		in_force_release(&in_force);
	return r;
}
