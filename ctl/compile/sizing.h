/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy costs: map memory, and how fast sources may come before limits lose their state. */
#pragma once

#include <stdint.h>

#include "base/diagnostic.h"
#include "compile/image.h"

struct sizing {
	uint32_t capacity;	    /* sources tracked at once */
	uint64_t sources_bytes;	    /* tables of sources and of per-prefix limits */
	uint64_t policy_bytes;	    /* both slots of the compiled policy and its ranges */
	uint64_t other_bytes;	    /* counters, sketch, control, at the given number of CPUs */
	double slowest_limit_per_s; /* packets/s, of packet limits per source or prefix; 0: none */
	double new_sources_per_s;   /* bearable: capacity * slowest / 2; 0: no such limit */
};

/*
 * The largest power of two, as the kernel's hash tables have them, between 64k and 1M whose tables
 * take no more than 1/64 of the memory.
 */
uint32_t sizing_auto_capacity(uint64_t memory_bytes);

/* memory_bytes and cpus are the host's: its RAM, and its possible CPUs. */
void sizing_estimate(const struct policy *policy, const struct image *image, uint64_t memory_bytes,
		     unsigned cpus, struct sizing *ret_sizing);

/*
 * A warning for each limit that is too low for the capacity: below 2 packets a turnover at 100k new
 * sources/s.
 */
void sizing_warn(const struct policy *policy, const struct sizing *sizing,
		 struct diagnostics *diagnostics);
