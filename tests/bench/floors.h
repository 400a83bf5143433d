/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs of floor.bpf.c, loaded. Whatever fails ends the benchmark with a message. */
#pragma once

#include <stdint.h>

struct floor_bpf;

struct floors {
	struct floor_bpf *programs;
	int nothing;
	int counter;
	int limiter;
};

/* Its table has room for `capacity` sources. */
struct floors *floors_new(uint32_t capacity);
void floors_free(struct floors **floors);

/* Gives sources entries, by number. */
void floors_fill(struct floors *floors, uint32_t first, uint32_t sources);
/* Only those that are not there. */
void floors_complete(struct floors *floors, uint32_t first, uint32_t sources);
