/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `status` shows: the guard as a whole, read at one moment. */
#pragma once

#include "guard/read.h"
#include "interface_state.h"
#include "render/report.h"
#include "view.h"

struct status {
	const struct view *view;
	struct attach_table table;
	struct interface_state interfaces[GUARD_INTERFACES_MAX]; /* of rows that are attached */
	struct guard_count outcomes[GUARD_INTERFACES_MAX][GUARD_OUTCOMES];
	struct admission admission;
	uint64_t n_sources;
	size_t n_blocks;			   /* also ended ones that are remembered */
	size_t n_blocks_by_hand, n_blocks_by_rule; /* that drop now */
};

/* How interfaces are looked at: interface_state_read, or by somebody else. */
typedef void (*interface_reader)(const struct guard *guard, const struct guard_interface *interface,
				 struct interface_state *ret_state);

/* Refers to the view for as long as it is used. What fails leaves it half-filled. */
int status_read(const struct view *view, interface_reader read_interface, struct status *status,
		struct why *why);

/* `state`: where the guard keeps what is on disk. */
void status_report(struct report *report, const struct status *status, const char *state);
