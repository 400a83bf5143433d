/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "guard/read.h"

/* Outcomes of all interfaces together, also of those that are detached: they keep what they counted. */
int totals_read(const struct guard *guard, struct guard_count ret_totals[GUARD_OUTCOMES],
		struct why *why);
