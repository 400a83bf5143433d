/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What suggest has seen, and the policy that follows from it. */
#pragma once

#include <net/if.h>
#include <stdio.h>

#include "base/why.h"
#include "frame/capture.h"
#include "suggest_tally.h"

struct suggest {
	const char *path; /* of the capture; NULL: from interfaces */
	char interfaces[GUARD_INTERFACES_MAX][IF_NAMESIZE];
	size_t n_interfaces;
	const char *filter; /* NULL: none */
	double margin;
	size_t mtu; /* of the capture; 0: each interface's own */

	uint64_t lost;	   /* frames that were not seen */
	uint64_t joined;   /* frames that were several packets */
	uint64_t segments; /* packets that these were */
	uint64_t strays;   /* frames whose time stamp was far in the future */
	uint64_t dropped;  /* packets that the guard on the interfaces dropped meanwhile */
	struct suggest_tally tally;
};

/* Adds a frame: to what is learnt of the ports, or else to what is measured. -ENOMEM. */
int suggest_look_at(struct suggest *suggest, const struct capture_frame *frame, size_t mtu,
		    bool is_measuring);

/* Looks at what comes in on the interfaces for so long. */
int suggest_look_live(struct suggest *suggest, uint64_t for_ns, struct why *why);

/* The interfaces of the guard in `dir`. -ENOENT: there is none, or it has none. */
int suggest_guarded(struct suggest *suggest, const char *dir, struct why *why);
/* How many packets it has dropped on the interfaces so far; 0 when there is no guard. */
uint64_t suggest_guard_dropped(const struct suggest *suggest, const char *dir);
/* Whether a guard is on one of the interfaces, with a policy that is not in monitor mode. */
bool suggest_is_enforced(const struct suggest *suggest, const char *dir);

/* Writes it as YAML, with comments that say where each number comes from. */
void suggest_write(FILE *out, const struct suggest *suggest);
