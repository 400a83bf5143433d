/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limits.h"

#include <stdint.h>

#define NS_PER_S 1000000000ull
#define BITS_PER_BYTE 8
#define BANDWIDTH_BURST_NS 100000000ull /* what may come at once: 100 ms of the bandwidth */

/* Times are compared by signed difference, so none may be longer. */
#define UNITS_MAX INT64_MAX

typedef unsigned __int128 wide;

static __u64 clamp_units(wide units)
{
	return units < UNITS_MAX ? (__u64)units : UNITS_MAX;
}

static __u64 units_of_ns(uint64_t ns)
{
	return clamp_units((wide)ns << GUARD_TIME_SHIFT);
}

static __u64 divide_to_nearest(wide dividend, uint64_t divisor)
{
	return clamp_units((dividend + divisor / 2) / divisor);
}

static void compile_rate(const struct limit *limit, struct guard_limit *ret_limit)
{
	if (limit->packets == 0)
		return;
	ret_limit->interval =
		divide_to_nearest((wide)limit->period_ns << GUARD_TIME_SHIFT, limit->packets);
	ret_limit->tolerance = clamp_units((wide)ret_limit->interval * (limit->burst - 1));
}

static void compile_bandwidth(const struct limit *limit, struct guard_limit *ret_limit)
{
	const wide second = (wide)NS_PER_S << (GUARD_TIME_SHIFT + GUARD_BYTE_COST_SHIFT);

	if (limit->bits_per_second == 0)
		return;
	ret_limit->byte_cost = divide_to_nearest(second * BITS_PER_BYTE, limit->bits_per_second);
	ret_limit->byte_burst = units_of_ns(BANDWIDTH_BURST_NS);
}

static __u8 per_of(enum limit_per per)
{
	switch (per) {
	case PER_SOURCE:
		return GUARD_PER_SOURCE;
	case PER_PREFIX:
		return GUARD_PER_PREFIX;
	case PER_ALL:
		break;
	}
	return GUARD_PER_ALL;
}

static struct guard_limit compile_limit(const struct limit *limit)
{
	struct guard_limit compiled = {
		.block_first = units_of_ns(limit->block_first_ns),
		.block_max = units_of_ns(limit->block_max_ns),
		.block_factor = limit->block_factor,
		.per = per_of(limit->per),
	};

	compile_rate(limit, &compiled);
	compile_bandwidth(limit, &compiled);
	if (limit->per == PER_PREFIX) {
		compiled.bits_ipv4 = ADDRESS_IPV4_BITS + limit->bits_ipv4;
		compiled.bits_ipv6 = limit->bits_ipv6;
	}
	return compiled;
}

static bool is_narrower(const struct guard_limit *left, const struct guard_limit *right)
{
	_Static_assert(GUARD_PER_SOURCE < GUARD_PER_PREFIX && GUARD_PER_PREFIX < GUARD_PER_ALL,
		       "enum guard_per goes from narrow to wide");

	if (left->per != right->per)
		return left->per < right->per;
	if (left->bits_ipv4 != right->bits_ipv4)
		return left->bits_ipv4 > right->bits_ipv4;
	return left->bits_ipv6 > right->bits_ipv6;
}

/* Insertion from behind: of equally narrow limits the one that the file names first stays first. */
void limits_compile(const struct rule *rule, struct guard_limit *ret_limits)
{
	for (size_t n = 0; n < rule->n_limits; n++) {
		struct guard_limit limit = compile_limit(&rule->limits[n]);
		size_t at = n;

		for (; at > 0 && is_narrower(&limit, &ret_limits[at - 1]); at--)
			ret_limits[at] = ret_limits[at - 1];
		ret_limits[at] = limit;
	}
}
