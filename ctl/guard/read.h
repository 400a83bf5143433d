/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the packet program counted. */
#pragma once

#include "guard.h"

struct source_counts {
	struct guard_address address; /* masked to the aggregate */
	struct guard_count passed;
	struct guard_count dropped;
	uint64_t would_drop; /* packets; also in passed */
	uint64_t first_seen; /* time units, as last_seen */
	uint64_t last_seen;
	uint16_t drop_slot;  /* 1 + slot of the rule that last dropped; 0: none did */
	uint8_t drop_reason; /* enum guard_reason of that; 0: nothing was dropped */
};

/* Calls `each` for every source in the table, in no order; it ends the walk by returning below 0. */
int read_sources(const struct guard *guard,
		 int (*each)(const struct source_counts *source, void *data), void *data,
		 struct why *why);

/* One of them. -ENOENT: it is not in the table. */
int read_source(const struct guard *guard, const struct guard_address *address,
		struct source_counts *ret_source);
int read_source_count(const struct guard *guard, uint64_t *ret_count, struct why *why);

/* Forgets every source: counts, and the limits' budgets that they hold. */
int reset_sources(const struct guard *guard, struct why *why);

/* Every outcome of one row of map interfaces, summed over CPUs. */
int read_outcomes(const struct guard *guard, unsigned row,
		  struct guard_count ret_outcomes[GUARD_OUTCOMES], struct why *why);
int reset_outcomes(const struct guard *guard, struct why *why);

int read_rule(const struct guard *guard, uint32_t slot, struct guard_rule_count *ret_count,
	      struct why *why);
int reset_rules(const struct guard *guard, struct why *why);

/* What admission does, on all CPUs together. */
struct admission {
	uint64_t admitted;   /* sources, since the tables were made */
	uint64_t held;	     /* packets of sources that were not, likewise */
	uint64_t failed;     /* packets of sources that found no place, likewise */
	uint64_t last_held;  /* when, in the packet program's units; 0: never */
	uint64_t per_second; /* sources admitted, by the last tenth of a second */
};

/* `now` in the packet program's units. */
int read_admission(const struct guard *guard, uint64_t now, struct admission *ret_admission,
		   struct why *why);

/* Whether it holds sources back: it did within the last second. */
bool admission_is_holding(const struct admission *admission, uint64_t now);

/* Summed over CPUs, but for `window` and `taken`. */
int read_event_counts(const struct guard *guard, struct guard_event_counts *ret_counts,
		      struct why *why);

const char *reason_name(enum guard_reason reason); /* "over-rate" */
const char *reason_meaning(enum guard_reason reason);
