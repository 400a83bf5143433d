/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "totals.h"

#include <string.h>

#include "guard/attach_table.h"

int totals_read(const struct guard *guard, struct guard_count ret_totals[GUARD_OUTCOMES],
		struct why *why)
{
	struct guard_count totals[GUARD_OUTCOMES] = {};
	struct attach_table table;
	int r = attach_table_read(guard, &table, why);

	for (unsigned row = 0; r == 0 && row < GUARD_INTERFACES_MAX; row++) {
		struct guard_count outcomes[GUARD_OUTCOMES];

		if (!table.rows[row].name[0])
			continue; /* no interface ever had it */
		r = read_outcomes(guard, row, outcomes, why);
		if (r < 0)
			return r;
		for (unsigned i = 0; i < GUARD_OUTCOMES; i++) {
			totals[i].packets += outcomes[i].packets;
			totals[i].bytes += outcomes[i].bytes;
		}
	}
	if (r == 0)
		memcpy(ret_totals, totals, sizeof(totals));
	return r;
}
