/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxdp before 1.4 asks for an interface's main program by a descriptor that it copies and then forgets
 * (xdp-tools, issue 343): a program that looks every second would run out of them within the hour.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LEFT_OPEN_MAX 1024

struct left_open {
	bool was_program[LEFT_OPEN_MAX];
};

/*
 * Notes which descriptors are programs', before libxdp is called. Not all that are open: another thread may close one
 * meanwhile, and libxdp's take its number.
 */
void left_open_begin(struct left_open *ret);

/* Closes those that were none and are of the program with this id; but for `keep`, which libxdp closes itself. */
void left_open_end(const struct left_open *before, uint32_t program_id, int keep);
