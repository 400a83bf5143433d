/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a policy goes that is on probation and not confirmed: the old one comes back, or the guard goes. */
#pragma once

#include "enforcement.h"

struct way_back {
	uint64_t number; /* on probation */
	uint64_t to;	 /* comes back; 0: none was in force */
	char how[64];
	struct enforcement old;
};

/* `dir` and `state` of the guard. What has to come back is read now. An exit code. */
int way_back_load(struct way_back *way, const char *dir, const char *state);

/*
 * Takes it, under the lock. An exit code; if it fails, it can be tried again. *ret_is_back with a failure: the old
 * rules are in force, and something behind them failed.
 */
int way_back_take(struct way_back *way, bool *ret_is_back);

void way_back_release(struct way_back *way);
