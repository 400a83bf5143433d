/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and their history, from one reading to the next. Pure: asks neither clock nor kernel. */
#pragma once

#include "top_reading.h"

#define TOP_HISTORY 256

enum top_series {
	TOP_PASSED,  /* packets; with those that monitor mode would drop */
	TOP_DROPPED, /* packets */
	TOP_TRAFFIC, /* bits, passed and dropped */
	TOP_SERIES,
};

/* What grew: in all, and a second since the reading before. */
struct top_figure {
	uint64_t total, rate;
};

struct top_model {
	struct top_reading reading; /* the last one; without one its time is 0 */
	bool has_rates;
	char trouble[sizeof(struct why)]; /* why there is no reading now; empty: there is */

	struct top_figure series[TOP_SERIES];
	struct top_figure would_drop;		       /* packets */
	struct top_figure reasons[GUARD_REASON_COUNT]; /* dropped, and would be */
	struct top_figure *rules;		       /* likewise, in the order of the reading */
	size_t *worst_rules; /* indices of rules, those that drop most first */
	struct top_figure admitted, held;

	uint64_t history[TOP_SERIES][TOP_HISTORY]; /* rates, the newest first */
	size_t n_history;
};

/* Takes the reading over. -ENOMEM. */
int top_model_take(struct top_model *model, struct top_reading *reading);
/* There is no reading: the guard is gone, for instance. */
void top_model_lose(struct top_model *model, const char *why);
void top_model_release(struct top_model *model);
