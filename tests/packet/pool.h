/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a guard with its loaded program from one test to the next: its tables are made as new, but the
 * verifier has not to follow the program again, which takes longer than most tests.
 */
#pragma once

#include "guard/guard.h"
#include "guard/program.h"

/* A kept pair whose program was loaded with these options, or false. Both are the caller's. */
bool pool_take(const struct program_options *options, struct guard **ret_guard,
	       struct xdpguard_bpf **ret_program);

/* Keeps both, in the place of those kept before. */
void pool_give(const struct program_options *options, struct guard *guard,
	       struct xdpguard_bpf *program);
