/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/policy.h"
#include "vectors.h"

enum port_side {
	PORT_FROM,
	PORT_TO,
};

/* The vector of every port, and of GUARD_NO_PORT. -E2BIG as vectors_intern; -ENOMEM. */
int ports_compile(const struct policy *policy, enum port_side side, struct vectors *vectors,
		  __u16 ret_ports[GUARD_PORTS]);
