/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which maps a program in the kernel uses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_MAPS_MAX \
	64 /* the packet program has 16; of another's those beyond are passed over */

struct program_maps {
	uint32_t ids[PROGRAM_MAPS_MAX];
	size_t n;
	uint32_t type; /* enum bpf_prog_type of the program */
};

/* Of the program behind the descriptor. Negative errno. */
int program_maps_read(int program, struct program_maps *ret_maps);

bool program_maps_have(const struct program_maps *maps, uint32_t id);
