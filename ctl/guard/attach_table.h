/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Map interfaces: what the guard is attached to, and what it was attached to, for its counters. */
#pragma once

#include <net/if.h>

#include "guard.h"

struct attach_table {
	struct guard_interface rows[GUARD_INTERFACES_MAX];
};

int attach_table_read(const struct guard *guard, struct attach_table *ret_table, struct why *why);

int attach_table_read_row(const struct guard *guard, uint32_t row, struct guard_interface *ret_row);

/* The row of the interface, by number, else by a name whose number is gone; -1: none. */
int attach_table_find(const struct attach_table *table, const char *interface);

/* What the row's interface is called now; what it was called when it is gone. */
const char *attach_table_name(const struct guard_interface *row, char name[IF_NAMESIZE]);

/*
 * The interface's row, or the one that it had before, so that its counters go on, or one that none ever
 * had. -ENOSPC: all are taken.
 */
int attach_table_choose(const struct attach_table *table, const char *interface);

/* Notes the interface in the row. */
int attach_table_set(const struct guard *guard, uint32_t row, uint32_t ifindex,
		     const char *interface);

/* Nothing is attached there any more. The row keeps the name: what it counted was this interface's. */
int attach_table_clear(const struct guard *guard, uint32_t row,
		       const struct guard_interface *value);
