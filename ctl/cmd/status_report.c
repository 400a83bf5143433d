/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status_report.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "guard/blocks.h"
#include "probation.h"

static void report_policy(struct report *report, const struct record *record)
{
	char hash[17];

	if (!record) {
		report_string(report, "policy", "policy", NULL);
		report_string(report, "path", NULL, NULL);
		report_string(report, "hash", NULL, NULL);
		report_value(report, "applied", NULL, REPORT_TIME, 0);
		report_string(report, "settings", NULL, NULL);
		report_value(report, "rules", NULL, REPORT_NUMBER, 0);
		report_value(report, "number", NULL, REPORT_NUMBER, 0);
		return;
	}
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)record->hash);
	report_string(report, "policy", "policy", record->name);
	report_string(report, "path", "from", record->path);
	report_string(report, "hash", "hash", hash);
	report_value(report, "applied", "applied", REPORT_TIME, record->applied_ns);
	report_string(report, "settings", "settings", record->settings);
	report_value(report, "rules", "rules", REPORT_NUMBER, record->identity.n_rules);
	report_value(report, "number", "in the history", REPORT_NUMBER, record->number);
}

static void report_probation(struct report *report, const struct record *record, const char *state)
{
	struct pending pending;

	probation_report(report, state,
			 record && probation_is_on(state, record->number, &pending) ? &pending
										    : NULL);
}

static void report_interface(struct report *report, const struct interface_state *state)
{
	report_cell_string(report, state->name);
	report_cell_string(report, state->state);
	report_colour(report, state->is_attached ? REPORT_GOOD : REPORT_BAD);
	report_cell_string(report, state->mode[0] ? state->mode : NULL);
	report_cell_string(report, state->chain[0] ? state->chain : NULL);
	report_cell_string(report, state->others[0] ? state->others : NULL);
}

static void report_interfaces(struct report *report, const struct status *status)
{
	static const struct report_column columns[] = {
		{"name", "INTERFACE", REPORT_STRING}, {"state", "STATE", REPORT_STRING},
		{"mode", "MODE", REPORT_STRING},      {"chain", "CHAIN", REPORT_STRING},
		{"others", "BESIDE", REPORT_STRING},
	};

	report_table(report, "interfaces", "interfaces", columns, ARRAY_SIZE(columns),
		     "attached nowhere");
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (status->table.rows[row].ifindex)
			report_interface(report, &status->interfaces[row]);
}

static struct guard_count sum(const struct guard_count *outcomes, unsigned first, unsigned end)
{
	struct guard_count total = {};

	for (unsigned i = first; i < end; i++) {
		total.packets += outcomes[i].packets;
		total.bytes += outcomes[i].bytes;
	}
	return total;
}

/* What became of packets, whatever the reason. */
struct verdicts {
	struct guard_count passed, dropped, would_drop; /* would_drop is also in passed */
};

static struct verdicts verdicts_of(const struct guard_count *outcomes)
{
	struct verdicts v = {
		.passed = sum(outcomes, 0, GUARD_FIRST_DROP),
		.dropped = sum(outcomes, GUARD_FIRST_DROP, GUARD_REASON_COUNT),
		.would_drop = sum(outcomes, GUARD_REASON_COUNT, 2 * GUARD_REASON_COUNT),
	};

	v.passed.packets += v.would_drop.packets;
	v.passed.bytes += v.would_drop.bytes;
	return v;
}

/* By interface, also of those that the guard has left. */
static void report_traffic(struct report *report, const struct status *status)
{
	static const struct report_column columns[] = {
		{"interface", "INTERFACE", REPORT_STRING},
		{"passed", "PASSED", REPORT_COUNT},
		{"passed_bytes", "BYTES", REPORT_BYTES},
		{"dropped", "DROPPED", REPORT_COUNT},
		{"dropped_bytes", "BYTES", REPORT_BYTES},
		{"would_drop", "WOULD DROP", REPORT_COUNT},
	};

	report_table(report, "traffic", "traffic", columns, ARRAY_SIZE(columns), NULL);
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++) {
		struct verdicts v = verdicts_of(status->outcomes[row]);

		if (!status->table.rows[row].name[0])
			continue;
		report_cell_string(report, status->table.rows[row].name);
		report_cell(report, v.passed.packets);
		report_cell(report, v.passed.bytes);
		report_cell(report, v.dropped.packets);
		report_cell(report, v.dropped.bytes);
		report_cell(report, v.would_drop.packets);
	}
}

static void report_verdict(struct report *report, const char *name, struct guard_count count)
{
	report_cell_string(report, name);
	report_cell(report, count.packets);
	report_cell(report, count.bytes);
}

static void report_verdicts(struct report *report, const struct guard_count *totals)
{
	static const struct report_column columns[] = {
		{"verdict", "VERDICT", REPORT_STRING},
		{"packets", "PACKETS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},
	};
	struct verdicts v = verdicts_of(totals);

	report_table(report, "verdicts", "totals", columns, ARRAY_SIZE(columns), NULL);
	report_verdict(report, "passed", v.passed);
	report_verdict(report, "dropped", v.dropped);
	report_verdict(report, "would_drop", v.would_drop);
}

static void report_reasons(struct report *report, const struct guard_count *totals)
{
	static const struct report_column columns[] = {
		{"reason", "REASON", REPORT_STRING},   {"packets", "PACKETS", REPORT_COUNT},
		{"bytes", "BYTES", REPORT_BYTES},      {"would_drop", "WOULD DROP", REPORT_COUNT},
		{"meaning", "MEANING", REPORT_STRING},
	};

	report_table(report, "reasons", "reasons", columns, ARRAY_SIZE(columns),
		     "no packet was seen yet");
	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++) {
		uint64_t would = totals[GUARD_REASON_COUNT + i].packets;

		if (!totals[i].packets && !would)
			continue;
		report_cell_string(report, reason_name(i));
		report_cell(report, totals[i].packets);
		report_cell(report, totals[i].bytes);
		report_cell(report, would);
		report_cell_string(report, reason_meaning(i));
	}
}

static void report_tables(struct report *report, const struct status *status)
{
	const struct admission *admission = &status->admission;
	const struct clock_now *now = &status->view->now;
	const struct guard *guard = status->view->guard;

	report_object(report, "table", "tables");
	report_value(report, "sources", "sources", REPORT_NUMBER, status->n_sources);
	report_value(report, "capacity", "room for", REPORT_NUMBER, guard->capacity);
	report_value(report, "blocks", "blocks", REPORT_NUMBER, status->n_blocks);
	report_value(report, "blocks_full", "blocks that found no room", REPORT_NUMBER,
		     guard->memory->blocks_full);
	report_object_end(report);
	report_object(report, "admission", "admission");
	report_string(report, "state", "state",
		      admission_is_holding(admission, now->units) ? "HOLDS BACK new sources"
								  : "admits every new source");
	report_value(report, "per_second", "new sources", REPORT_RATE, admission->per_second);
	report_value(report, "admitted", "sources admitted", REPORT_COUNT, admission->admitted);
	report_value(report, "held", "packets held outside", REPORT_COUNT, admission->held);
	report_value(report, "last_held", "last held back", REPORT_TIME,
		     admission->last_held ? clock_to_wall(now, admission->last_held) : 0);
	report_value(report, "failed", "packets whose source found no place", REPORT_COUNT,
		     admission->failed);
	report_object_end(report);
}

static int read_interfaces(struct status *status, interface_reader read_interface, struct why *why)
{
	int r = attach_table_read(status->view->guard, &status->table, why);

	for (unsigned row = 0; r == 0 && row < GUARD_INTERFACES_MAX; row++) {
		if (status->table.rows[row].ifindex)
			read_interface(status->view->guard, &status->table.rows[row],
				       &status->interfaces[row]);
		if (status->table.rows[row].name[0])
			r = read_outcomes(status->view->guard, row, status->outcomes[row], why);
	}
	return r;
}

static int read_blocks(struct status *status, struct why *why)
{
	_cleanup_free_ struct block_entry *blocks = NULL;
	int r = blocks_read(status->view->guard, &blocks, &status->n_blocks, why);

	for (size_t i = 0; r == 0 && i < status->n_blocks; i++) {
		const struct guard_block *block = &blocks[i].block;

		if (block->flags & GUARD_BLOCK_MONITOR ||
		    !block_is_active(block, status->view->now.units))
			continue;
		if (block->flags & GUARD_BLOCK_BY_HAND)
			status->n_blocks_by_hand++;
		else
			status->n_blocks_by_rule++;
	}
	return r;
}

int status_read(const struct view *view, interface_reader read_interface, struct status *status,
		struct why *why)
{
	int r;

	*status = (struct status){.view = view};
	r = read_interfaces(status, read_interface, why);
	if (r == 0)
		r = read_source_count(view->guard, &status->n_sources, why);
	if (r == 0)
		r = read_admission(view->guard, view->now.units, &status->admission, why);
	return r == 0 ? read_blocks(status, why) : r;
}

/* Of all interfaces, also of those that the guard has left. */
static void add_up(const struct status *status, struct guard_count ret_totals[GUARD_OUTCOMES])
{
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		for (unsigned i = 0; i < GUARD_OUTCOMES; i++) {
			ret_totals[i].packets += status->outcomes[row][i].packets;
			ret_totals[i].bytes += status->outcomes[row][i].bytes;
		}
}

void status_report(struct report *report, const struct status *status, const char *state)
{
	struct guard_count totals[GUARD_OUTCOMES] = {};

	add_up(status, totals);
	report_policy(report, status->view->record);
	report_probation(report, status->view->record, state);
	report_interfaces(report, status);
	report_verdicts(report, totals);
	report_reasons(report, totals);
	report_traffic(report, status);
	report_tables(report, status);
}
