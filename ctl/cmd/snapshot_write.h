/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/why.h"

/*
 * All that the guard in `dir` counts, as JSON that store/snapshot.h reads back: what status, rules, sources and blocks
 * print, in one object. `state` is where the guard keeps what is on disk.
 */
int snapshot_write(const char *dir, const char *state, FILE *out, size_t *ret_sources,
		   struct why *why);
