/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guard opened to be looked at, with what its numbers are called. */
#pragma once

#include <stddef.h>

#include "base/address.h"
#include "guard/clock.h"
#include "guard/guard.h"
#include "guard/record.h"
#include "render/units.h"

#define VIEW_TIME_SIZE UNITS_TEXT_SIZE

struct view {
	struct guard *guard;
	struct record *record; /* NULL: no policy is in force */
	struct clock_now now;
	const char *rule_names[GUARD_RULE_SLOTS]; /* NULL: no rule of the policy has the slot */
	uint64_t stamp;				  /* of the record */
};

int view_open(const char *dir, struct view *ret_view, struct why *why);
/* The time of now, and the names of the policy that is in force now. */
int view_refresh(struct view *view, struct why *why);
/* What a view is made of by hand: takes the record over. */
void view_take_record(struct view *view, struct record *record);
void view_close(struct view *view);

/* Name of the rule whose slot, plus 1, this is; NULL: none, or a rule that is gone. */
const char *view_rule_name(const struct view *view, uint16_t slot_plus_one);

/* A source as the prefix that it stands for: full length where nothing is aggregated. */
struct prefix view_source_prefix(const struct view *view, const struct guard_address *source);

/* "in 9m", and for programs RFC 3339: "forever" in both for GUARD_FOREVER. Return `text`. */
char *view_end_words(const struct view *view, uint64_t until, char text[VIEW_TIME_SIZE]);
char *view_end_stamp(const struct view *view, uint64_t until, char text[VIEW_TIME_SIZE]);
