/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "interfaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "command.h"
#include "hook_words.h"
#include "render/report.h"

static bool is_wanted(const struct interfaces *interfaces, const char *name)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (!strcmp(interfaces->names[i], name))
			return true;
	return false;
}

int interfaces_add(struct interfaces *interfaces, const char *name)
{
	if (strlen(name) >= IF_NAMESIZE)
		return fail("no interface \"%s\": a name has at most %d characters", name,
			    IF_NAMESIZE - 1);
	if (is_wanted(interfaces, name))
		return EXIT_DONE;
	if (interfaces->n == GUARD_INTERFACES_MAX)
		return fail_usage("a guard holds %d interfaces", GUARD_INTERFACES_MAX);
	strcpy(interfaces->names[interfaces->n++], name);
	return EXIT_DONE;
}

/* A list with commas. */
static int add_list(struct interfaces *interfaces, const char *list)
{
	_cleanup_free_ char *names = strdup(list);
	char *rest = names, *name;
	int code = names ? EXIT_DONE : fail("not enough memory");

	while (code == EXIT_DONE && (name = strsep(&rest, ",")))
		if (*name)
			code = interfaces_add(interfaces, name);
	return code;
}

int interfaces_choose(struct interfaces *interfaces, const char *dev, const struct policy *policy)
{
	int code = EXIT_DONE;

	if (dev)
		code = add_list(interfaces, dev);
	else
		for (size_t i = 0; code == EXIT_DONE && i < policy->n_interfaces; i++)
			code = interfaces_add(interfaces, policy->interfaces[i]);
	if (code == EXIT_DONE && !interfaces->n && dev)
		return fail_usage("--dev \"%s\" names no interface: say --dev eth0, or --dev "
				  "eth0,eth1",
				  dev);
	if (code == EXIT_DONE && !interfaces->n)
		return fail_usage("no interface: name one in the policy (interfaces: [eth0]) or "
				  "with --dev eth0");
	return code;
}

int interfaces_check(const struct interfaces *interfaces)
{
	struct why why = {};
	uint32_t ifindex;

	for (size_t i = 0; i < interfaces->n; i++)
		if (attach_find(interfaces->names[i], &ifindex, &why) < 0)
			return fail_why(&why);
	return EXIT_DONE;
}

void interfaces_drop_missing(struct interfaces *interfaces)
{
	size_t n = 0;

	for (size_t i = 0; i < interfaces->n; i++)
		if (if_nametoindex(interfaces->names[i]))
			memmove(interfaces->names[n++], interfaces->names[i], IF_NAMESIZE);
	interfaces->n = n;
}

int interfaces_find_changes(const struct interfaces *interfaces, const struct guard *guard,
			    struct changes *changes)
{
	struct attach_table table = {};
	char name[IF_NAMESIZE];
	int r = 0;

	if (guard && attach_table_read(guard, &table, NULL) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < interfaces->n; i++)
		if (attach_table_find(&table, interfaces->names[i]) < 0)
			r = changes_add_interface(changes, CHANGE_ADDED, interfaces->names[i]);
	for (unsigned row = 0; r == 0 && row < GUARD_INTERFACES_MAX; row++)
		if (table.rows[row].ifindex &&
		    !is_wanted(interfaces, attach_table_name(&table.rows[row], name)))
			r = changes_add_interface(changes, CHANGE_REMOVED, name);
	return r;
}

int interfaces_attach(struct interfaces *interfaces, const struct guard *guard,
		      const struct chain *chain, bool *is_changed, struct why *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < interfaces->n; i++)
		r = attach_check(guard, interfaces->names[i], chain, why);
	for (size_t i = 0; r == 0 && i < interfaces->n; i++) {
		r = attach_interface(guard, interfaces->names[i], chain, &interfaces->attached[i],
				     why);
		*is_changed |= r == 0 && interfaces->attached[i].is_changed;
	}
	return r;
}

void interfaces_attach_most(struct interfaces *interfaces, const struct guard *guard,
			    const struct chain *chain, bool *is_changed)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (attach_interface(guard, interfaces->names[i], chain, &interfaces->attached[i],
				     NULL) == 0)
			*is_changed |= interfaces->attached[i].is_changed;
}

int interfaces_remove_others(const struct interfaces *interfaces, const struct guard *guard,
			     bool *is_changed, struct why *why)
{
	char name[IF_NAMESIZE];
	struct attach_table table;
	int r = attach_table_read(guard, &table, why);

	for (unsigned row = 0; r == 0 && row < GUARD_INTERFACES_MAX; row++) {
		if (!table.rows[row].ifindex ||
		    is_wanted(interfaces, attach_table_name(&table.rows[row], name)))
			continue;
		r = attach_remove(guard, row, why);
		*is_changed = true;
	}
	return r;
}

static void undo_one(const char *name, const struct attachment *attached, const struct guard *guard)
{
	struct attachment ignored;
	struct attach_table table;
	int row;

	if (attached->was_attached) {
		attach_interface(guard, name, &attached->before, &ignored, NULL);
		return;
	}
	if (attach_table_read(guard, &table, NULL) < 0)
		return;
	row = attach_table_find(&table, name);
	if (row >= 0)
		attach_remove(guard, row, NULL);
}

void interfaces_undo(const struct interfaces *interfaces, const struct guard *guard)
{
	for (size_t i = 0; i < interfaces->n; i++)
		if (interfaces->attached[i].is_changed)
			undo_one(interfaces->names[i], &interfaces->attached[i], guard);
}

static void report_one(struct report *report, const struct guard *guard, const char *name,
		       enum attach_mode attach)
{
	char chain[HOOK_WORDS_SIZE];
	struct hook hook;

	report_cell_string(report, name);
	if (hook_read(guard, if_nametoindex(name), &hook, NULL) < 0 || hook.ours < 0) {
		report_cell_none(report);
		report_cell_none(report);
		return;
	}
	report_cell_string(report, hook_mode_words(&hook));
	if (hook.mode == HOOK_GENERIC && attach == ATTACH_AUTO)
		report_colour(report, REPORT_WARN);
	report_cell_string(report, hook_chain_words(&hook, chain));
}

void interfaces_report(const struct interfaces *interfaces, const struct guard *guard,
		       enum attach_mode attach, struct report *report)
{
	static const struct report_column columns[] = {
		{"name", "INTERFACE", REPORT_STRING},
		{"mode", "MODE", REPORT_STRING},
		{"chain", "CHAIN", REPORT_STRING},
	};

	report_table(report, "interfaces", NULL, columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < interfaces->n; i++)
		report_one(report, guard, interfaces->names[i], attach);
	for (size_t i = 0; i < interfaces->n; i++)
		if (*interfaces->attached[i].less_than_asked.text)
			warn("%s", interfaces->attached[i].less_than_asked.text);
}
