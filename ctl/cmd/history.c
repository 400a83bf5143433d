/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/history.h"
#include "capabilities.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "command.h"
#include "policy/input.h"
#include "probation.h"
#include "render/report.h"
#include "values.h"

#define TEXT_MAX (16u << 20)

/* The number of the policy in force; 0: none is, or it is not known here. */
static uint64_t number_in_force(const struct arguments *args)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_(record_free) struct record *record = NULL;

	if (guard_open(args->dir, false, &guard, NULL) < 0 || record_read(guard, &record, NULL) < 0)
		return 0;
	return record->number;
}

/* "eth0, eth1" */
static void report_interfaces(struct report *report, const struct entry *entry)
{
	char text[1024] = "";
	size_t used = 0;

	for (size_t i = 0; i < entry->n_interfaces && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? "," : "",
					 entry->interfaces[i]);
	report_cell_string(report, text);
}

/* "alice from 192.0.2.7" */
static void report_applier(struct report *report, const struct entry *entry)
{
	char words[512];

	snprintf(words, sizeof(words), "%s%s%s", entry->by, entry->from ? " from " : "",
		 entry->from ?: "");
	report_cell_string(report, words);
	report_cell_string(report, entry->by);
	report_cell_string(report, entry->from);
}

/* NULL: it was replaced by another, as policies are. */
static const char *state_words(const struct history *history, const struct entry *entry,
			       bool is_in_force, bool is_on_probation)
{
	if (is_in_force)
		return is_on_probation ? "on probation" : "in force";
	if (entry->is_unconfirmed)
		return "not confirmed";
	return history_is_rolled_back(history, entry) ? "rolled back" : NULL;
}

static void report_entry(struct report *report, const struct history *history,
			 const struct entry *entry, uint64_t in_force, bool is_on_probation)
{
	bool is_in_force = entry->number == in_force;
	char hash[17];

	snprintf(hash, sizeof(hash), "%016" PRIx64, entry->hash);
	report_cell(report, entry->number);
	report_cell(report, entry->applied_ns);
	report_cell_string(report, entry->name);
	report_cell_string(report, entry->path);
	report_cell_string(report, hash);
	report_interfaces(report, entry);
	report_applier(report, entry);
	report_cell_string(report, entry->how);
	report_cell(report, is_in_force);
	report_cell_string(report, state_words(history, entry, is_in_force, is_on_probation));
	report_colour(report, !is_in_force	? REPORT_PLAIN
			      : is_on_probation ? REPORT_WARN
						: REPORT_GOOD);
}

static int print_all(const struct arguments *args)
{
	static const struct report_column columns[] = {
		{"number", "NUMBER", REPORT_NUMBER}, {"applied", "APPLIED", REPORT_TIME},
		{"name", "POLICY", REPORT_STRING},   {"path", NULL, REPORT_STRING},
		{"hash", "HASH", REPORT_STRING},     {"interfaces", "INTERFACES", REPORT_STRING},
		{NULL, "BY", REPORT_STRING},	     {"by", NULL, REPORT_STRING},
		{"from", NULL, REPORT_STRING},	     {"how", "HOW", REPORT_STRING},
		{"in_force", NULL, REPORT_BOOL},     {"state", "STATE", REPORT_STRING},
	};
	_cleanup_(history_release) struct history history = {};
	uint64_t in_force = number_in_force(args);
	struct pending pending;
	struct report *report;
	struct why why = {};
	bool is_on_probation;

	if (history_read(args->state, &history, &why) < 0)
		return fail_why(&why);
	is_on_probation = in_force && probation_is_on(args->state, in_force, &pending);
	report = output_begin(args);
	report_table(report, "policies", NULL, columns, ARRAY_SIZE(columns),
		     "no policy was applied yet");
	for (size_t i = history.n; i-- > 0;)
		report_entry(report, &history, history.entries[i], in_force, is_on_probation);
	if (history.n_unreadable)
		warn("%zu entries in %s/history cannot be read, and are left out",
		     history.n_unreadable, args->state);
	return output_end(&report);
}

static int print_text(const struct arguments *args, uint64_t number)
{
	_cleanup_(copies_release) struct copies copies = {};
	_cleanup_free_ char *text = NULL;
	struct report *report;
	struct why why = {};
	size_t size;
	int r;

	if (history_open_copies(args->state, number, &copies, &why) < 0)
		return fail_why(&why);
	r = input_read_all(copies.items[0].fd, TEXT_MAX, &text, &size);
	if (r < 0)
		return fail("policy %" PRIu64 " of the history cannot be read: %s", number,
			    strerror(-r));
	report = output_begin(args);
	report_string(report, "text", NULL, text);
	if (!args_has(args, 'J'))
		fwrite(text, 1, size, stdout);
	return output_end(&report);
}

static int run(const struct arguments *args)
{
	uint64_t number;

	if (!args->n_operands)
		return print_all(args);
	if (value_history_number(args->operands[0], &number) != EXIT_DONE)
		return EXIT_USAGE;
	if (args_has(args, 'C'))
		return fail_usage("history NUMBER: a policy's text is no table; leave out --csv");
	return print_text(args, number);
}

const struct command command_history = {
	.name = "history",
	.operands = "[NUMBER]",
	.max_operands = 1,
	.summary = "Show the policies that were in force, or the text of one",
	.help = "The newest comes first. The last 20 are kept, fewer when their lists are large,\n"
		"each with its lists as they were. With a number: that policy's text, as it\n"
		"was written.",
	.examples = "  xdpguard history\n"
		    "  xdpguard history 12 > edge.yaml",
	.has_data = true,
	.capabilities = capabilities_to_open,
	.run = run,
};
