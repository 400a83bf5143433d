/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bit vectors that a packet's fields lead to. Pure: the tool explains matches by it, too. */
#pragma once

#include "parse.h"

static __always_inline const __u64 *vector(const struct guard_policy *policy, __u32 number)
{
	return policy->vectors[number & (GUARD_VECTORS_MAX - 1)];
}

static __always_inline __u32 shape_vector(const struct guard_policy *policy, __u32 shape)
{
	return shape < GUARD_SHAPES ? policy->shape[shape] : 0;
}

static __always_inline __u32 port_vector(const __u16 *ports, __u32 port)
{
	return port < GUARD_PORTS ? ports[port] : 0;
}
