/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of the frames of a capture, added up: in all, by rule, by source, and over time. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "source_index.h"

#define REPLAY_POINTS 240 /* of time, at most */
#define REPLAY_SOURCES_MAX \
	(1u << 21) /* sources told apart; what comes from others is only in the totals */

struct replay_count {
	uint64_t packets, bytes;
};

/* `would_drop` was passed: it is in `passed`, too. */
struct replay_counts {
	struct replay_count passed, dropped, would_drop;
};

/* A judged frame. */
struct replay_event {
	uint64_t time_ns; /* since 1970; never before that of the one before */
	size_t size;
	bool has_source;
	struct guard_address source; /* masked to the aggregate */
	bool is_dropped, is_monitored;
	unsigned reason;
	int rule; /* index; -1: none decided */
};

struct replay_source {
	struct guard_address address;
	struct replay_counts counts;
	uint64_t first_ns, last_ns;
	/* The next four only where replay_source_lost. */
	uint64_t first_drop_ns, last_drop_ns;
	int first_drop_rule; /* what dropped it first; -1: no rule */
	unsigned first_drop_reason;
};

struct replay_tally {
	uint64_t first_ns, last_ns;
	struct replay_counts total;
	struct replay_count outcomes[GUARD_OUTCOMES];
	struct replay_counts rules[GUARD_RULES_MAX];

	struct source_index index;     /* of the sources, until they are sorted */
	struct replay_source *sources; /* in no order */
	size_t n_sources;
	size_t room;
	uint64_t untracked; /* packets of sources beyond REPLAY_SOURCES_MAX */

	uint64_t point_ns; /* how long a point of time is; it doubles when they run out */
	struct replay_counts points[REPLAY_POINTS];
	size_t n_points;
};

/* -ENOMEM. */
int replay_tally_add(struct replay_tally *tally, const struct replay_event *event);

/* Something of it was dropped, or would be. */
bool replay_source_lost(const struct replay_source *source);

/* Those that lost most come first: by dropped, then would_drop, then packets. */
void replay_tally_sort(struct replay_tally *tally);

void replay_tally_release(struct replay_tally *tally);
