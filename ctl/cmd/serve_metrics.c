/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve_metrics.h"

#include <string.h>

#include "base/cleanup.h"
#include "render/exposition.h"

#define LABELS(...) \
	((const struct exposition_label[]){__VA_ARGS__}), \
		ARRAY_SIZE(((const struct exposition_label[]){__VA_ARGS__}))

/* Each packet is of one verdict, so that sums come out right. */
#define VERDICT_HELP " Verdict would_drop: passed, but only because of monitor mode."

static void write_policy(struct exposition *e, const struct status *status)
{
	const struct record *record = status->view->record;
	char hash[17];

	if (!record)
		return;
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)record->hash);
	exposition_family(e, EXPOSITION_INFO, "xdpguard_policy", NULL, "The policy in force.");
	exposition_sample(e, LABELS({"policy", record->name}, {"hash", hash}), 1);
	exposition_family(e, EXPOSITION_GAUGE, "xdpguard_policy_applied_timestamp_seconds",
			  "seconds", "When the policy came into force.");
	exposition_seconds(e, NULL, 0, record->applied_ns);
}

/* An interface that is attached by its name of now, else by the one that it had. */
static const char *row_name(const struct status *status, unsigned row)
{
	return status->table.rows[row].ifindex ? status->interfaces[row].name
					       : status->table.rows[row].name;
}

/* A name may have been several interfaces', one after the other: they are one to who reads. */
static bool is_first_of_name(const struct status *status, unsigned row)
{
	for (unsigned i = 0; i < row; i++)
		if (!strcmp(row_name(status, i), row_name(status, row)))
			return false;
	return row_name(status, row)[0];
}

static struct guard_count of_name(const struct status *status, unsigned row, unsigned outcome)
{
	struct guard_count sum = {};

	for (unsigned i = row; i < GUARD_INTERFACES_MAX; i++) {
		if (strcmp(row_name(status, i), row_name(status, row)) != 0)
			continue;
		sum.packets += status->outcomes[i][outcome].packets;
		sum.bytes += status->outcomes[i][outcome].bytes;
	}
	return sum;
}

static void write_attached(struct exposition *e, const struct status *status)
{
	exposition_family(e, EXPOSITION_GAUGE, "xdpguard_interface_attached", NULL,
			  "1: the packet program is on the interface.");
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (status->table.rows[row].ifindex && !status->interfaces[row].is_unknown &&
		    is_first_of_name(status, row))
			exposition_sample(e, LABELS({"interface", row_name(status, row)}),
					  status->interfaces[row].is_attached);
}

static const char *verdict_of(unsigned outcome)
{
	if (outcome >= GUARD_REASON_COUNT)
		return "would_drop";
	return outcome >= GUARD_FIRST_DROP ? "dropped" : "passed";
}

static void write_outcomes(struct exposition *e, const struct status *status, unsigned row,
			   bool is_bytes)
{
	for (unsigned i = 0; i < 2 * GUARD_REASON_COUNT; i++) {
		struct guard_count count = of_name(status, row, i);

		/* Nothing would be dropped for a reason to pass. */
		if (i >= GUARD_REASON_COUNT && i < GUARD_REASON_COUNT + GUARD_FIRST_DROP)
			continue;
		exposition_sample(e,
				  LABELS({"interface", row_name(status, row)},
					 {"verdict", verdict_of(i)},
					 {"reason", reason_name(i % GUARD_REASON_COUNT)}),
				  is_bytes ? count.bytes : count.packets);
	}
}

static void write_traffic(struct exposition *e, const struct status *status)
{
	exposition_family(e, EXPOSITION_COUNTER, "xdpguard_packets", "packets",
			  "Packets by what became of them, and why." VERDICT_HELP);
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (is_first_of_name(status, row))
			write_outcomes(e, status, row, false);
	exposition_family(e, EXPOSITION_COUNTER, "xdpguard_bytes", "bytes",
			  "Bytes of those packets.");
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++)
		if (is_first_of_name(status, row))
			write_outcomes(e, status, row, true);
}

static void write_rule(struct exposition *e, const char *name, uint64_t passed, uint64_t dropped,
		       uint64_t would_drop)
{
	exposition_sample(e, LABELS({"rule", name}, {"verdict", "passed"}), passed - would_drop);
	exposition_sample(e, LABELS({"rule", name}, {"verdict", "dropped"}), dropped);
	exposition_sample(e, LABELS({"rule", name}, {"verdict", "would_drop"}), would_drop);
}

static void write_rules(struct exposition *e, const struct metrics *metrics)
{
	const struct record *record = metrics->status->view->record;
	size_t n = record ? record->identity.n_rules : 0;

	exposition_family(e, EXPOSITION_COUNTER, "xdpguard_rule_packets", "packets",
			  "Packets that a rule decided about." VERDICT_HELP);
	for (size_t i = 0; i < n; i++)
		write_rule(e, record->identity.rules[i].name, metrics->rules[i].passed.packets,
			   metrics->rules[i].dropped.packets, metrics->rules[i].would_drop.packets);
	exposition_family(e, EXPOSITION_COUNTER, "xdpguard_rule_bytes", "bytes",
			  "Bytes of those packets.");
	for (size_t i = 0; i < n; i++)
		write_rule(e, record->identity.rules[i].name, metrics->rules[i].passed.bytes,
			   metrics->rules[i].dropped.bytes, metrics->rules[i].would_drop.bytes);
}

static void write_sources(struct exposition *e, const struct metrics *metrics)
{
	const struct source_list *list = metrics->sources;
	char text[ADDRESS_TEXT_SIZE];

	exposition_family(e, EXPOSITION_COUNTER, "xdpguard_source_packets", "packets",
			  "Packets of the sources that lost most, and no others." VERDICT_HELP);
	for (size_t i = 0; i < list->n; i++) {
		const struct source_counts *counts = &list->rows[i].counts;
		struct prefix prefix = view_source_prefix(metrics->status->view, &counts->address);

		prefix_format(&prefix, text);
		exposition_sample(e, LABELS({"source", text}, {"verdict", "passed"}),
				  counts->passed.packets - counts->would_drop);
		exposition_sample(e, LABELS({"source", text}, {"verdict", "dropped"}),
				  counts->dropped.packets);
		exposition_sample(e, LABELS({"source", text}, {"verdict", "would_drop"}),
				  counts->would_drop);
	}
}

static void write_one(struct exposition *e, enum exposition_type type, const char *name,
		      const char *unit, const char *help, uint64_t value)
{
	exposition_family(e, type, name, unit, help);
	exposition_sample(e, NULL, 0, value);
}

static void write_tables(struct exposition *e, const struct status *status)
{
	write_one(e, EXPOSITION_GAUGE, "xdpguard_sources", NULL, "Sources in the table.",
		  status->n_sources);
	write_one(e, EXPOSITION_GAUGE, "xdpguard_sources_capacity", NULL,
		  "Sources that the table has room for.", status->view->guard->capacity);
	exposition_family(e, EXPOSITION_GAUGE, "xdpguard_blocks", NULL,
			  "Blocks that drop now, by who set them.");
	exposition_sample(e, LABELS({"by", "hand"}), status->n_blocks_by_hand);
	exposition_sample(e, LABELS({"by", "rule"}), status->n_blocks_by_rule);
	write_one(e, EXPOSITION_COUNTER, "xdpguard_blocks_refused", NULL,
		  "Blocks that found no room.", status->view->guard->memory->blocks_full);
	write_one(e, EXPOSITION_COUNTER, "xdpguard_admission_admitted_sources", "sources",
		  "New sources that were given a place in the table.", status->admission.admitted);
	write_one(e, EXPOSITION_COUNTER, "xdpguard_admission_held_packets", "packets",
		  "Packets of sources that had to prove themselves first.", status->admission.held);
	write_one(e, EXPOSITION_COUNTER, "xdpguard_admission_failed_packets", "packets",
		  "Packets of sources that found no place in the table.", status->admission.failed);
}

void metrics_write(FILE *out, bool is_openmetrics, const struct metrics *metrics)
{
	struct exposition e = {.out = out, .is_openmetrics = is_openmetrics};

	write_one(&e, EXPOSITION_GAUGE, "xdpguard_up", NULL, "1: there is a guard to be read.",
		  metrics->status != NULL);
	exposition_family(&e, EXPOSITION_INFO, "xdpguard_build", NULL, "The tool that reads.");
	exposition_sample(&e, LABELS({"version", XDPGUARD_VERSION}), 1);
	if (metrics->status) {
		write_policy(&e, metrics->status);
		write_attached(&e, metrics->status);
		write_traffic(&e, metrics->status);
		write_rules(&e, metrics);
		write_sources(&e, metrics);
		write_tables(&e, metrics->status);
	}
	exposition_end(&e);
}
