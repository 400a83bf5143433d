/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bpf/abi.h"
#include "policy/policy.h"

/*
 * A rule's limits in the packet program's units, in the order in which they are judged: narrowest
 * first. id and slot are left 0. Writes rule->n_limits of them.
 */
void limits_compile(const struct rule *rule, struct guard_limit *ret_limits);
