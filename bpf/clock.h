/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time in units of abi.h. Reading the precise clock costs more than the rest of the program, jiffies
 * cost nothing but tick only every 1 to 10 ms. So a packet is judged by jiffies, which never run ahead,
 * and only where that refuses by less than a jiffy does clock_sharpen read the precise clock.
 *
 * What that costs: a budget that was full when a burst began was charged from the jiffy's start, so the
 * burst may be longer by what the rate earns in one jiffy. The rate itself is not affected.
 */
#pragma once

#include "maps.h"

struct clock {
	__u64 now;
	bool is_precise;
};

static __always_inline struct clock clock_read(const struct guard_control *control)
{
	struct clock clock = {};

	if (cfg_test_clock)
		clock.now = control->test_coarse << GUARD_TIME_SHIFT;
	else
		clock.now = cfg_jiffy_zero + bpf_jiffies64() * cfg_jiffy;
	return clock;
}

static __always_inline __u64 clock_precise(const struct guard_control *control)
{
	if (cfg_test_clock)
		return control->test_precise << GUARD_TIME_SHIFT;
	return bpf_ktime_get_ns() << GUARD_TIME_SHIFT;
}

/* False: it cannot be read any sharper. */
static __always_inline bool clock_sharpen(struct clock *clock, const struct guard_control *control)
{
	if (clock->is_precise)
		return false;
	clock->now = clock_precise(control);
	clock->is_precise = true;
	return true;
}

static __always_inline bool clock_is_past(const struct clock *clock, __u64 time)
{
	return time != GUARD_FOREVER && (__s64)(time - clock->now) <= 0;
}
