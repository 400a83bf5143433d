/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure bit arithmetic. */
#pragma once

#include "parse.h"

/*
 * The number of the lowest bit set: BPF has no such instruction, and clang 14 crashes on
 * __builtin_ctzll. Multiplying that bit by a de Bruijn sequence leaves its number in the top six bits
 * (Leiserson, Prokop & Randall, 1998).
 */
static __always_inline __u32 lowest_bit(__u64 word)
{
	static const __u8 numbers[64] = {
		0,  1,	2,  53, 3,  7,	54, 27, 4,  38, 41, 8,	34, 55, 48, 28,
		62, 5,	39, 46, 44, 42, 22, 9,	24, 35, 59, 56, 49, 18, 29, 11,
		63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
		51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
	};

	return numbers[(word & -word) * 0x022fdd63cc95386d >> 58];
}

/* The `bits` highest bits of 64 set; any `bits` below 0 counts as none and any above 64 as all. */
static __always_inline __u64 upper_bits(int bits)
{
	return bits >= 64 ? ~0ull : bits <= 0 ? 0 : ~(~0ull >> bits);
}

__slow_path_global int mask_prefix(struct guard_address *address, __u32 bits)
{
	if (!address)
		return 0;
	address->words[0] &= cpu_to_be64(upper_bits(bits));
	address->words[1] &= cpu_to_be64(upper_bits((int)bits - 64));
	return 0;
}

static __always_inline void mask_address(struct guard_address *address,
					 const struct guard_address *mask)
{
	address->words[0] &= mask->words[0];
	address->words[1] &= mask->words[1];
}
