/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guard on the interfaces that suggest looks at: what it drops is not there to be seen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "guard/attach_table.h"
#include "guard/read.h"
#include "guard/record.h"
#include "suggest.h"

#define ENFORCED "mode enforce," /* how policy_describe_settings begins */

int suggest_guarded(struct suggest *suggest, const char *dir, struct why *why)
{
	_cleanup_free_ struct attach_table *table = malloc(sizeof(*table));
	_cleanup_(guard_close) struct guard *guard = NULL;
	int r = guard_open(dir, false, &guard, why);

	if (r < 0)
		return r;
	if (!table)
		return why_set(why, -ENOMEM, "not enough memory");
	r = attach_table_read(guard, table, why);
	if (r < 0)
		return r;
	for (size_t i = 0; i < GUARD_INTERFACES_MAX; i++)
		if (if_indextoname(table->rows[i].ifindex,
				   suggest->interfaces[suggest->n_interfaces]))
			suggest->n_interfaces++;
	return suggest->n_interfaces
		       ? 0
		       : why_set(why, -ENOENT, "the guard in %s is attached nowhere", dir);
}

/* Whether the row is of an interface that is looked at. */
static bool is_looked_at(const struct suggest *suggest, const struct guard_interface *row)
{
	for (size_t i = 0; row->ifindex && i < suggest->n_interfaces; i++)
		if (if_nametoindex(suggest->interfaces[i]) == row->ifindex)
			return true;
	return false;
}

/* Opens the guard when it is on one of the interfaces. */
static bool open_guard(const struct suggest *suggest, const char *dir, struct attach_table *table,
		       struct guard **ret_guard)
{
	_cleanup_(guard_close) struct guard *guard = NULL;

	if (guard_open(dir, false, &guard, NULL) < 0 || attach_table_read(guard, table, NULL) < 0)
		return false;
	for (size_t i = 0; i < GUARD_INTERFACES_MAX; i++) {
		if (!is_looked_at(suggest, &table->rows[i]))
			continue;
		*ret_guard = take_ptr(guard);
		return true;
	}
	return false;
}

uint64_t suggest_guard_dropped(const struct suggest *suggest, const char *dir)
{
	_cleanup_free_ struct attach_table *table = malloc(sizeof(*table));
	_cleanup_(guard_close) struct guard *guard = NULL;
	struct guard_count outcomes[GUARD_OUTCOMES];
	uint64_t dropped = 0;

	if (!table || !open_guard(suggest, dir, table, &guard))
		return 0;
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++) {
		if (!is_looked_at(suggest, &table->rows[row]) ||
		    read_outcomes(guard, row, outcomes, NULL) < 0)
			continue;
		for (unsigned i = GUARD_FIRST_DROP; i < GUARD_REASON_COUNT; i++)
			dropped += outcomes[i].packets;
	}
	return dropped;
}

bool suggest_is_enforced(const struct suggest *suggest, const char *dir)
{
	_cleanup_free_ struct attach_table *table = malloc(sizeof(*table));
	_cleanup_(record_free) struct record *record = NULL;
	_cleanup_(guard_close) struct guard *guard = NULL;

	/* The words that describe it: the policy's own tables only CAP_SYS_ADMIN finds. */
	return table && open_guard(suggest, dir, table, &guard) &&
	       record_read(guard, &record, NULL) == 0 &&
	       strncmp(record->settings, ENFORCED, strlen(ENFORCED)) == 0;
}
