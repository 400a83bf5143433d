/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/attach.h"
#include "interfaces.h"
#include "render/report.h"

struct finding *findings_add(struct findings *findings, const char *interface, const char *what,
			     enum finding_state state, const char *found, ...)
{
	size_t last = findings->n < FINDINGS_MAX ? findings->n++ : FINDINGS_MAX - 1;
	struct finding *finding = &findings->items[last];
	va_list arguments;

	*finding = (struct finding){.what = what, .state = state};
	snprintf(finding->interface, sizeof(finding->interface), "%s", interface ?: "");
	va_start(arguments, found);
	vsnprintf(finding->found, sizeof(finding->found), found, arguments);
	va_end(arguments);
	return finding;
}

void finding_advise(struct finding *finding, const char *advice, ...)
{
	va_list arguments;

	va_start(arguments, advice);
	vsnprintf(finding->advice, sizeof(finding->advice), advice, arguments);
	va_end(arguments);
}

/* Where the guard is attached; false: nowhere. */
static bool look_at_attached(struct findings *findings, const struct guard *guard)
{
	struct attach_table table;
	char name[IF_NAMESIZE];
	bool is_any = false;

	if (!guard || attach_table_read(guard, &table, NULL) < 0)
		return false;
	for (unsigned row = 0; row < GUARD_INTERFACES_MAX; row++) {
		if (!table.rows[row].ifindex)
			continue;
		doctor_interface(findings, guard, attach_table_name(&table.rows[row], name));
		is_any = true;
	}
	return is_any;
}

/* Where it could be. */
static void look_at_all(struct findings *findings, const struct guard *guard)
{
	struct if_nameindex *list = if_nameindex();

	for (struct if_nameindex *i = list; i && i->if_index; i++)
		if (strcmp(i->if_name, "lo") != 0)
			doctor_interface(findings, guard, i->if_name);
	if (list)
		if_freenameindex(list);
}

/* `named`: these, unless there are none. */
static void look(struct findings *findings, const struct arguments *args,
		 const struct interfaces *named)
{
	_cleanup_(guard_close) struct guard *guard = NULL;

	doctor_host(findings, args->dir);
	if (guard_open(args->dir, false, &guard, NULL) < 0)
		guard = NULL;
	for (size_t i = 0; i < named->n; i++)
		doctor_interface(findings, guard, named->names[i]);
	if (!named->n && !look_at_attached(findings, guard))
		look_at_all(findings, guard);
}

static void report_findings(struct report *report, const struct findings *findings)
{
	static const struct report_column columns[] = {
		{"interface", "WHERE", REPORT_STRING}, {"what", "WHAT", REPORT_STRING},
		{"state", "STATE", REPORT_STRING},     {"found", "FOUND", REPORT_STRING},
		{"advice", NULL, REPORT_STRING},
	};
	static const char *const states[] = {"good", "note", "bad"};
	static const enum report_colour colours[] = {REPORT_GOOD, REPORT_WARN, REPORT_BAD};

	report_table(report, "findings", NULL, columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (*f->interface)
			report_cell_string(report, f->interface);
		else
			report_cell_none(report);
		report_cell_string(report, f->what);
		report_cell_string(report, states[f->state]);
		report_colour(report, colours[f->state]);
		report_cell_string(report, f->found);
		report_cell_string(report, *f->advice ? f->advice : NULL);
	}
}

static void report_advice(struct report *report, const struct findings *findings)
{
	bool is_first = true;

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		if (!*f->advice)
			continue;
		if (is_first)
			report_line(report, "what can be done");
		is_first = false;
		report_line(report, "  %s%s%s: %s", f->interface, *f->interface ? " " : "", f->what,
			    f->advice);
	}
}

static bool is_any_bad(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].state == FINDING_BAD)
			return true;
	return false;
}

static int run(const struct arguments *args)
{
	_cleanup_free_ struct findings *findings = calloc(1, sizeof(*findings));
	_cleanup_free_ struct interfaces *named = calloc(1, sizeof(*named));
	const char *dev = args_value(args, 'd');
	struct report *report;
	int code;

	if (!findings || !named)
		return fail("not enough memory");
	code = dev ? interfaces_choose(named, dev, NULL) : EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	look(findings, args, named);
	report = output_begin(args);
	report_findings(report, findings);
	report_advice(report, findings);
	code = output_end(&report);
	return code == EXIT_DONE && is_any_bad(findings) ? EXIT_FAILED : code;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "Say what this host can and cannot do for xdpguard",
	.help = "Looks at the kernel, its settings, and the interfaces that are guarded, or\n"
		"all when none is. Changes nothing: it loads the packet program over tables\n"
		"of its own, and lets go of both. Exit status 1: something keeps xdpguard\n"
		"from working.",
	.examples = "  xdpguard doctor\n  xdpguard doctor --dev eth0 --json",
	.options =
		(const struct command_option[]){
			{'d', "dev", "IF[,IF…]", "look at these interfaces alone"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			{CAP_NET_ADMIN, .what_for = "to load the packet program"},
			CAPABILITY_TO_LOOK_UP(),
			{},
		},
	.run = run,
};
