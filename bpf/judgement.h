/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "clock.h"
#include "parse.h"

/* One packet, and all that it is judged by. */
struct judgement {
	const struct guard_policy *policy;
	struct guard_control *control;
	struct guard_source *source; /* NULL: not in the table */
	struct clock clock;
	bool is_watched; /* blocked already, by a rule that only monitors */
	struct packet p;
};
