/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tool's own, like the record of a policy: a pinned map that the packet program does not know. It is made by the
 * first reset, and goes with the guard.
 */
#include "resets.h"

#include <limits.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "clock.h"
#include "pin.h"

static void pin_path(char path[PATH_MAX], const struct guard *guard)
{
	snprintf(path, PATH_MAX, "%s/resets", guard->dir);
}

static int explain(struct why *why, int r)
{
	return guard_explain(why, r, "cannot tell when counters were reset");
}

int resets_read(const struct guard *guard, struct resets *ret_resets, struct why *why)
{
	_cleanup_close_ int map = -1;
	struct resets resets = {};
	char path[PATH_MAX];
	__u32 zero = 0;
	int r;

	pin_path(path, guard);
	r = pin_open(path, false, &map);
	if (r < 0 && r != -ENOENT)
		return explain(why, r);
	if (map >= 0 && bpf_map_lookup_elem(map, &zero, &resets) < 0)
		return explain(why, -errno);
	*ret_resets = resets;
	return 0;
}

static int make(const char *path, int *ret_map)
{
	_cleanup_close_ int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "resets", sizeof(__u32),
						 sizeof(struct resets), 1, NULL);
	int r = map < 0 ? -errno : pin_make(map, path);

	if (r < 0)
		return r;
	*ret_map = take_fd(&map);
	return 0;
}

int resets_note(const struct guard *guard, const bool is_reset[RESETS_KINDS], struct why *why)
{
	_cleanup_close_ int map = -1;
	struct resets resets;
	char path[PATH_MAX];
	__u32 zero = 0;
	int r = resets_read(guard, &resets, why);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < RESETS_KINDS; i++)
		if (is_reset[i])
			resets.times[i] = clock_now_read().units >> GUARD_TIME_SHIFT;
	pin_path(path, guard);
	r = pin_open(path, true, &map);
	if (r == -ENOENT)
		r = make(path, &map);
	if (r == 0 && bpf_map_update_elem(map, &zero, &resets, BPF_ANY) < 0)
		r = -errno;
	return r < 0 ? explain(why, r) : 0;
}
