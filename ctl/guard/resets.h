/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When counters were zeroed last: a counter that has grown since does not show it. */
#pragma once

#include "guard.h"

enum resets_kind {
	RESETS_SOURCES,
	RESETS_RULES,
	RESETS_REASONS,
	RESETS_KINDS,
};

/* By CLOCK_MONOTONIC, ns. 0: never. */
struct resets {
	uint64_t times[RESETS_KINDS];
};

int resets_read(const struct guard *guard, struct resets *ret_resets, struct why *why);

/* These are zeroed now. Whoever does it holds the lock, and notes it before. */
int resets_note(const struct guard *guard, const bool is_reset[RESETS_KINDS], struct why *why);
