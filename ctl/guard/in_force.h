/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy in force, as the packet program has it. */
#pragma once

#include "guard.h"
#include "record.h"

struct in_force {
	uint32_t slot;	    /* of maps policies and ranges */
	int policy, ranges; /* the maps in it: they stay as they are, whatever apply does */
	struct guard_policy *compiled; /* what is in `policy` */
	struct record *record;
};

/* The map in a slot of an outer one: a descriptor. -ENOENT: the slot is empty. */
int in_force_slot(int outer, uint32_t slot);

/* -ENOENT: no policy is in force. Release it with in_force_release. */
int in_force_read(const struct guard *guard, struct in_force *ret_in_force, struct why *why);

/* Accepts one that is all zero but for its descriptors, -1. */
void in_force_release(struct in_force *in_force);
