/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sits on an interface's XDP hook, read from the kernel each time: nothing here is remembered. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guard.h"

#define HOOK_PROGRAMS_MAX 10 /* libxdp's dispatcher holds no more */

enum hook_mode {
	HOOK_NATIVE,
	HOOK_GENERIC,
	HOOK_OFFLOAD,
};

/* How programs share the hook. */
enum hook_chain {
	HOOK_DISPATCHER, /* libxdp's: several, by priority */
	HOOK_ALONE,	 /* one, and no other can join */
	HOOK_HOLLOW,	 /* libxdp's, whose programs went with their pins: it passes everything */
	HOOK_HIDDEN, /* libxdp's, whose programs are pinned in a BPF filesystem not seen from here */
};

struct hook_program {
	uint32_t id;
	char name[64];
	unsigned priority; /* under a dispatcher */
	unsigned
		chain_on; /* bit n: XDP action n hands on to the next program; under a dispatcher */
	bool is_ours;
	bool is_current; /* ours, and it counts in the guard's table of sources */
};

struct hook {
	enum hook_mode mode;
	enum hook_chain chain;
	uint32_t dispatcher;				 /* its id; 0: there is none */
	struct hook_program programs[HOOK_PROGRAMS_MAX]; /* in the order they run */
	unsigned n_programs;
	int ours; /* index of the guard's program, the last of several; -1: it is not there */
	unsigned n_ours; /* 2: a tool that was to put one in the other's place was killed */
};

/* Programs that use the guard's control map are the guard's. -ENODEV: no such interface. */
int hook_read(const struct guard *guard, uint32_t ifindex, struct hook *ret_hook, struct why *why);

/*
 * Why libxdp can put no dispatcher here: the errno that the kernel answers to freplace programs, or 0
 * when it accepts them.
 */
int hook_freplace_error(void);
