/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet program: the only file that knows its skeleton. */
#pragma once

#include "guard.h"

struct bpf_object;
struct xdpguard_bpf;

struct program_options {
	uint32_t interface;	     /* row of maps interfaces and outcomes */
	bool has_test_clock;	     /* time is what control.test_* say */
	bool is_alone;		     /* loaded here, by itself; else left for libxdp to load */
	bool has_frags;		     /* frames may lie in several buffers (xdp.frags) */
	uint32_t admission_capacity; /* sources are admitted as for a table of so many; 0: as is */
};

/*
 * Makes every map of the guard, sized by guard->capacity; no program is loaded. Maps that the guard has
 * already stay.
 */
int program_create_maps(struct guard *guard, struct why *why);

/* A program instance over the guard's maps. Close it with program_close. */
int program_open(const struct guard *guard, const struct program_options *options,
		 struct xdpguard_bpf **ret_program, struct why *why);
void program_close(struct xdpguard_bpf **program);

/* The object, for libxdp; the descriptor of a loaded program, or negative. */
struct bpf_object *program_object(const struct xdpguard_bpf *program);
int program_fd(const struct xdpguard_bpf *program);

/* What libbpf and libxdp say goes nowhere, or with `is_verbose` to standard error. */
void program_set_verbose(bool is_verbose);
