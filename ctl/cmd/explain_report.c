/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "explain.h"

/* A text of any length; the report has a copy. */
static void report_words(struct report *report, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void report_words(struct report *report, const char *label, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0)
		text = NULL;
	report_string(report, NULL, label, text ?: "?");
}

static void report_verdict(struct report *report, const struct explain *explain)
{
	const struct trial_verdict *v = &explain->verdict;

	report_string(report, "verdict", NULL, v->is_dropped ? "drop" : "pass");
	report_value(report, "would_drop", NULL, REPORT_BOOL, v->is_monitored);
	report_string(report, NULL, "verdict",
		      v->is_dropped	? "DROP"
		      : v->is_monitored ? "pass; without monitor mode it would be dropped"
					: "pass");
	report_colour(report, v->is_dropped	? REPORT_BAD
			      : v->is_monitored ? REPORT_WARN
						: REPORT_GOOD);
	report_string(report, "reason", NULL, reason_name(v->reason));
	report_string(report, "meaning", NULL, reason_meaning(v->reason));
	report_words(report, "reason", "%s: %s", reason_name(v->reason), reason_meaning(v->reason));
}

static void report_rule(struct report *report, const struct explain *explain)
{
	const struct record *record = explain->subject.view.record;
	int rule = subject_rule(&explain->subject, explain->verdict.slot);

	if (rule < 0) {
		report_string(report, "rule", NULL, NULL);
		report_string(report, "words", NULL, NULL);
		return;
	}
	report_string(report, "rule", NULL, record->identity.rules[rule].name);
	report_string(report, "words", NULL, record->rules[rule]);
	report_words(report, "rule", "%s (%d of %zu): %s", record->identity.rules[rule].name,
		     rule + 1, record->identity.n_rules, record->rules[rule]);
}

static void report_packet(struct report *report, const struct explain *explain)
{
	report_string(report, "packet", NULL, explain->packet_text);
	report_value(report, "size", NULL, REPORT_NUMBER, explain->frame.size);
	report_words(report, "packet", "%s, %zu bytes", explain->packet_text, explain->frame.size);
}

static void report_policy(struct report *report, const struct explain *explain)
{
	const struct record *record = explain->subject.view.record;
	const char *interface = args_value(explain->args, 'i');
	bool is_at_work = explain->subject.view.guard;
	char hash[17];

	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)record->hash);
	report_string(report, "policy", NULL, record->name);
	report_string(report, "hash", NULL, hash);
	report_value(report, "in_force", NULL, REPORT_BOOL, is_at_work);
	report_string(report, "interface", NULL, interface);
	report_value(report, "time", NULL, REPORT_TIME, explain->copy.now.wall_ns);
	report_words(report, "policy", "%s (%s), %s", record->name, hash,
		     is_at_work ? "in force" : "not in force: with nothing counted yet");
}

static void report_known(struct report *report, const struct explain *explain, const char *address)
{
	const struct source_counts *before = &explain->before;
	char passed[UNITS_TEXT_SIZE], dropped[UNITS_TEXT_SIZE];

	if (explain->copy.has_source)
		report_words(report, "source", "%s: in the table, %s packets passed, %s dropped",
			     address, units_count(before->passed.packets, passed),
			     units_count(before->dropped.packets, dropped));
	else
		report_words(report, "source", "%s: new, and %s", address,
			     explain->is_admitted ? "gets a place in the table"
						  : "held back by admission: it shares one budget "
						    "a limit with others");
}

static void report_source(struct report *report, const struct explain *explain)
{
	const struct trial_copy *copy = &explain->copy;
	struct prefix prefix = view_source_prefix(&explain->subject.view, &copy->address);
	char address[ADDRESS_TEXT_SIZE];

	report_object(report, "source", NULL);
	report_string(report, "address", NULL, prefix_format(&prefix, address));
	report_value(report, "known", NULL, REPORT_BOOL, copy->has_source);
	report_value(report, "admitted", NULL, REPORT_BOOL, explain->is_admitted);
	report_value(report, "passed", NULL, REPORT_NUMBER, explain->before.passed.packets);
	report_value(report, "dropped", NULL, REPORT_NUMBER, explain->before.dropped.packets);
	report_object_end(report);
	report_known(report, explain, address);
}

/* What the answer rests on, and that looking has changed nothing. */
static void report_state(struct report *report, const struct explain *explain)
{
	const struct trial_copy *copy = &explain->copy;
	char time[UNITS_TEXT_SIZE];

	if (!explain->subject.view.guard || explain->head.kind != HEAD_IP)
		return;
	report_words(report, "state",
		     "as of %s, copied from the guard: %s and budgets, %zu block%s, admission",
		     units_timestamp(copy->now.wall_ns, time),
		     copy->has_source ? "the source's entry" : "no entry of the source",
		     copy->n_blocks, copy->n_blocks == 1 ? "" : "s");
}

static void report_block(struct report *report, const struct explain *explain,
			 const struct block_entry *entry, const char *when)
{
	const struct guard_block *block = &entry->block;
	const struct view *view = &explain->subject.view;
	bool is_by_hand = block->flags & GUARD_BLOCK_BY_HAND;
	char text[ADDRESS_TEXT_SIZE], time[VIEW_TIME_SIZE];

	report_cell_string(report, prefix_format(&entry->prefix, text));
	report_cell_string(report, when);
	report_cell_string(report, view_end_stamp(view, block->until, time));
	report_cell_string(report, view_end_words(view, block->until, time));
	report_cell_string(report, is_by_hand ? "hand" : "rule");
	report_cell_string(report, view_rule_name(view, block->slot));
	report_cell(report, (block->flags & GUARD_BLOCK_MONITOR) != 0);
}

static bool was_there(const struct trial_copy *copy, const struct block_entry *entry)
{
	for (size_t i = 0; i < copy->n_blocks; i++)
		if (prefix_compare(&copy->blocks[i].prefix, &entry->prefix) == 0)
			return copy->blocks[i].block.until == entry->block.until;
	return false;
}

static int report_blocks(struct report *report, const struct explain *explain, struct why *why)
{
	static const struct report_column columns[] = {
		{"prefix", "PREFIX", REPORT_STRING}, {"when", "WHEN", REPORT_STRING},
		{"until", NULL, REPORT_STRING},	     {NULL, "ENDS", REPORT_STRING},
		{"by", "BY", REPORT_STRING},	     {"rule", "RULE", REPORT_STRING},
		{"monitor", "MONITOR", REPORT_BOOL},
	};
	const struct trial_copy *copy = &explain->copy;
	_cleanup_free_ struct block_entry *entries = NULL;
	size_t n = 0;
	int r = blocks_read(trial_guard(explain->subject.trial), &entries, &n, why);

	if (r < 0)
		return r;
	report_table(report, "blocks", "blocks", columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < copy->n_blocks; i++)
		report_block(report, explain, &copy->blocks[i],
			     block_is_active(&copy->blocks[i].block, copy->now.units)
				     ? "before the packet"
				     : "ended, remembered for relapses");
	for (size_t i = 0; i < n; i++)
		if (!was_there(copy, &entries[i]))
			report_block(report, explain, &entries[i], "set by this packet");
	return 0;
}

static const struct prefix *find_prefix(const struct set *set, const struct guard_address *address)
{
	for (size_t i = 0; i < set->n_prefixes; i++)
		if (prefix_contains(&set->prefixes[i], address))
			return &set->prefixes[i];
	return NULL;
}

static void report_sets_of(struct report *report, const struct policy *policy, const char *field,
			   const struct guard_address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < policy->n_sets; i++) {
		const struct set *set = &policy->sets[i];
		const struct prefix *prefix = set->name ? find_prefix(set, address) : NULL;

		if (!prefix)
			continue;
		report_cell_string(report, field);
		report_cell_string(report, set->name);
		report_cell_string(report, prefix_format(prefix, text));
	}
}

static void report_sets(struct report *report, const struct explain *explain)
{
	static const struct report_column columns[] = {
		{"field", "ADDRESS", REPORT_STRING},
		{"set", "IS IN SET", REPORT_STRING},
		{"prefix", "BY PREFIX", REPORT_STRING},
	};
	const struct policy *policy = explain->subject.loaded.policy;

	if (!policy)
		report_line(report, "The policy's file is gone or says something else by now, so "
				    "sets have no names here.");
	report_table(report, "sets", "sets", columns, ARRAY_SIZE(columns), NULL);
	if (!policy || explain->head.kind != HEAD_IP)
		return;
	report_sets_of(report, policy, "from", &explain->head.from);
	report_sets_of(report, policy, "to", &explain->head.to);
}

static const char *mismatch_words(enum mismatch mismatch)
{
	static const char *const words[] = {
		[MISMATCH_FROM] = "source address",
		[MISMATCH_SHAPE] = "protocol, fragment or flags",
		[MISMATCH_TO_PORT] = "destination port",
		[MISMATCH_FROM_PORT] = "source port",
		[MISMATCH_TO] = "destination address",
		[MISMATCH_FROM_OR_TO] = "source or destination address",
	};

	return words[mismatch];
}

/* How many rules the program looked past: all before the one that decided, all when none did. */
static int rules_passed_over(const struct explain *explain)
{
	switch (explain->verdict.reason) {
	case GUARD_PASS_DEFAULT:
	case GUARD_PASS_NEIGHBOUR:
	case GUARD_DROP_DEFAULT:
		return (int)explain->subject.compiled->rules;
	default:
		return subject_rule(&explain->subject, explain->verdict.slot);
	}
}

static void report_mismatches(struct report *report, const struct explain *explain)
{
	static const struct report_column columns[] = {
		{"number", "#", REPORT_NUMBER},
		{"name", "RULE THAT DID NOT MATCH", REPORT_STRING},
		{"because_of", "BECAUSE OF", REPORT_STRING},
	};
	const struct identity *identity = &explain->subject.view.record->identity;
	struct mismatch_packet packet = {
		.shape = explain->head.shape,
		.to_port = explain->head.to_port,
		.from_port = explain->head.from_port,
	};
	int n = rules_passed_over(explain);

	mismatch_read_range(trial_guard(explain->subject.trial), explain->subject.compiled,
			    &explain->copy.address, explain->copy.has_source, &packet);
	report_table(report, "not_matched", "rules before", columns, ARRAY_SIZE(columns), NULL);
	for (int i = 0; i < n; i++) {
		report_cell(report, (uint64_t)i + 1);
		report_cell_string(report, identity->rules[i].name);
		report_cell_string(report, mismatch_words(mismatch_find(explain->subject.compiled,
									&packet, (unsigned)i)));
	}
}

int explain_report(struct report *report, const struct explain *explain, struct why *why)
{
	int r;

	report_packet(report, explain);
	report_verdict(report, explain);
	report_rule(report, explain);
	report_policy(report, explain);
	if (explain->head.kind != HEAD_IP)
		return 0;
	report_source(report, explain);
	report_state(report, explain);
	r = explain_report_limits(report, explain, why);
	if (r == 0)
		r = report_blocks(report, explain, why);
	if (r < 0)
		return r;
	report_mismatches(report, explain);
	report_sets(report, explain);
	return 0;
}
