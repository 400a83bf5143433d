/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocol, fragment state and TCP flags, which are one field of a packet: its shape. */
#pragma once

#include "policy/policy.h"
#include "vectors.h"

/* True when only the shape of a packet can tell whether the rule matches. */
bool rule_asks_for_shape(const struct rule *rule);

/* The vector of every shape. -E2BIG as vectors_intern. */
int shapes_compile(const struct policy *policy, struct vectors *vectors,
		   __u16 ret_shapes[GUARD_SHAPES]);
