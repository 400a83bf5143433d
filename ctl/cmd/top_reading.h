/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that `top` shows but the sources, at one moment: cheap, however full the tables are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "guard/read.h"

struct top_rule {
	char *name;
	uint32_t slot;
	struct guard_rule_count count;
};

struct top_reading {
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint64_t guard;	  /* tells one guard from another in the same place */
	char *policy;	  /* NULL: none is in force */
	char *settings;
	char *interfaces; /* "eth0 native, eth1 NOT ATTACHED" */
	bool is_attached; /* to all of them, and to one at least */
	struct guard_count outcomes[GUARD_OUTCOMES];
	struct top_rule *rules;
	size_t n_rules;
	uint32_t capacity;
	uint64_t blocks_full;
	struct admission admission;
};

/* -ENOENT: there is no guard. */
int top_reading_read(const char *dir, struct top_reading *ret_reading, struct why *why);
void top_reading_release(struct top_reading *reading);
