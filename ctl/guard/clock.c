/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "bpf/abi.h"

/* Two times are compared by the sign of their difference, which has 63 bits: 833 days. */
#define FARTHEST_NS (2 * 365 * 86400 * INT64_C(1000000000))

static uint64_t read_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/*
 * How far this process's time namespace is ahead of the kernel, whose clock the packet program reads: where there
 * are none, it is not.
 */
static uint64_t read_offset_ns(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long seconds, ns;

	if (!file || fscanf(file, "monotonic %lld %lld", &seconds, &ns) != 2)
		return 0;
	return (uint64_t)seconds * 1000000000ull + (uint64_t)ns;
}

struct clock_now clock_now_read(void)
{
	return (struct clock_now){
		.units = (read_ns(CLOCK_MONOTONIC) - read_offset_ns()) << GUARD_TIME_SHIFT,
		.wall_ns = read_ns(CLOCK_REALTIME),
	};
}

uint64_t clock_from_wall(const struct clock_now *now, uint64_t wall_ns)
{
	int64_t ahead = (int64_t)(wall_ns - now->wall_ns);

	if (ahead > FARTHEST_NS)
		ahead = FARTHEST_NS;
	if (ahead < -FARTHEST_NS)
		ahead = -FARTHEST_NS;
	return now->units + (uint64_t)ahead * (1 << GUARD_TIME_SHIFT);
}

uint64_t clock_to_wall(const struct clock_now *now, uint64_t units)
{
	int64_t ahead = (int64_t)(units - now->units);

	return now->wall_ns + ahead / (1 << GUARD_TIME_SHIFT);
}
