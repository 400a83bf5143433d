/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiler: struct policy in, the bytes of the packet program's tables out. Pure: no system
 * call, no BPF, so that it is tested and fuzzed without root.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/diagnostic.h"
#include "bpf/abi.h"
#include "policy/policy.h"

/*
 * As compiled, rules and limits carry provisional identities: rule.slot is the rule's index,
 * limit.slot index * GUARD_LIMITS_PER_RULE + n, limit.id that + 1; generation and ranges are 0.
 * identity.h gives them those that outlive the policy.
 */
struct image {
	struct guard_policy *policy;
	struct guard_cell *cells; /* trees of ranges, all four */
	size_t n_cells;
	size_t n_ranges;  /* source ranges, both families */
	size_t n_classes; /* distinct vectors among them */
	size_t n_vectors;
};

/*
 * -E2BIG with a diagnostic: the policy is more than the compiled form holds (it says which limit).
 * -ENOMEM.
 */
int image_compile(const struct policy *policy, struct diagnostics *diagnostics,
		  struct image **ret_image);

/* Accepts NULL; sets *image to NULL. */
void image_free(struct image **image);
