/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_block.h"

#include "base/cleanup.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"

#define REASON "from xdpguard top"

static int open_guard(const char *dir, int *ret_lock, struct guard **ret_guard, struct why *why)
{
	int lock = lock_try(why);

	if (lock < 0)
		return lock;
	*ret_lock = lock;
	return guard_open(dir, true, ret_guard, why);
}

int top_block(const char *dir, const struct prefix *prefix, uint64_t duration_ns, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	struct guard_block block;
	size_t done = 0;
	int r = open_guard(dir, &lock, &guard, why);

	if (r == 0)
		r = blocks_sweep(guard, why);
	if (r < 0)
		return r;
	block = block_by_hand(clock_now_read().units, duration_ns, REASON);
	return blocks_add(guard, prefix, 1, &block, &done, why);
}

int top_unblock(const char *dir, const struct prefix *prefix, uint64_t *ret_until, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	size_t removed = 0;
	int r = open_guard(dir, &lock, &guard, why);

	if (r == 0)
		r = blocks_remove(guard, prefix, 1, &removed, why);
	if (r == 0)
		*ret_until = blocks_until(guard, prefix, clock_now_read().units);
	return r;
}
