/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet program's time (abi.h) against the wall clock. */
#pragma once

#include <stdint.h>

struct clock_now {
	uint64_t units;	  /* of the packet program */
	uint64_t wall_ns; /* since 1970 */
};

struct clock_now clock_now_read(void);

/* The other way round. What is too far away for the units, 2 years, is taken as that far. */
uint64_t clock_from_wall(const struct clock_now *now, uint64_t wall_ns);

/* ns since 1970 of a time in the packet program's units. */
uint64_t clock_to_wall(const struct clock_now *now, uint64_t units);
