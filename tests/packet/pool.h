/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a guard with its loaded programs from one test to the next: its tables are made as new, but the
 * verifier has not to follow a program again, which takes longer than most tests.
 */
#pragma once

#include "guard/guard.h"
#include "guard/program.h"

#define POOL_PROGRAMS 2

/* A guard with its program on one interface, or on as many as there are not NULL. */
struct loaded {
	struct guard *guard;
	struct xdpguard_bpf *programs[POOL_PROGRAMS];
};

void loaded_close(struct loaded *loaded);

/* What is kept, if the first of so many programs was loaded with these options; else false. */
bool pool_take(const struct program_options *options, unsigned n_programs,
	       struct loaded *ret_loaded);

/* Keeps it, in the place of what was kept before. */
void pool_give(const struct program_options *options, unsigned n_programs,
	       const struct loaded *loaded);
