/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real packet program over tables of its own, run on one frame at a time by a clock that the caller
 * sets: nothing is pinned, no interface is touched, no counter that anybody else reads moves.
 */
#pragma once

#include "compile/image.h"
#include "in_force.h"

struct trial;

/* What became of a frame. */
struct trial_verdict {
	bool is_dropped;
	bool is_monitored; /* `reason` would have dropped it, and monitor mode passed it */
	enum guard_reason reason;
	int32_t slot; /* of the rule that decided; -1: none did */
};

/*
 * `capacity` sources are tracked, and admission is that of a table of `admission_capacity`. From here on
 * until trial_free the thread stays on the CPU where it is: new sources are admitted by CPU.
 */
int trial_new(uint32_t capacity, uint32_t admission_capacity, struct trial **ret_trial,
	      struct why *why);

/* Accepts NULL; sets *trial to NULL. */
void trial_free(struct trial **trial);

/* The tables, to look into. */
const struct guard *trial_guard(const struct trial *trial);

/* Judges by this policy from here on. The image gets the identities that *ret_identity has. */
int trial_apply(struct trial *trial, const struct policy *policy, struct image *image,
		struct identity *ret_identity, struct why *why);

/* Judges by the policy in force, by its very tables, which are only read. */
int trial_adopt(struct trial *trial, const struct in_force *in_force, struct why *why);

/* -EINVAL: the kernel runs no frame of this size. */
int trial_run(struct trial *trial, const void *frame, size_t size, uint64_t now_ns,
	      struct trial_verdict *ret_verdict);
