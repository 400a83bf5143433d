/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_changes.h"

#include "base/cleanup.h"
#include "render/report.h"

static const char *change_sign(enum change_kind kind)
{
	static const char *const signs[] = {"+", "-", "~"};

	return signs[kind];
}

static void report_changes_text(struct report *report, const struct changes *changes)
{
	static const enum report_colour colours[] = {REPORT_GOOD, REPORT_BAD, REPORT_WARN};

	for (size_t i = 0; i < changes->n; i++) {
		const struct change *c = &changes->items[i];

		if (c->kind == CHANGE_MODIFIED && c->before && c->after) {
			report_line(report, "- %s: %s", c->what, c->before);
			report_colour(report, REPORT_BAD);
			report_line(report, "+ %s: %s", c->what, c->after);
			report_colour(report, REPORT_GOOD);
			continue;
		}
		report_line(report, "%s %s%s%s", change_sign(c->kind), c->what,
			    c->before || c->after ? ": " : "", c->after ?: c->before ?: "");
		report_colour(report, colours[c->kind]);
	}
}

void report_changes(struct report *report, const struct changes *changes)
{
	static const struct report_column columns[] = {
		{"change", NULL, REPORT_STRING},
		{"what", NULL, REPORT_STRING},
		{"before", NULL, REPORT_STRING},
		{"after", NULL, REPORT_STRING},
	};
	static const char *const kinds[] = {"added", "removed", "modified"};

	report_changes_text(report, changes);
	report_table(report, "changes", NULL, columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < changes->n; i++) {
		report_cell_string(report, kinds[changes->items[i].kind]);
		report_cell_string(report, changes->items[i].what);
		report_cell_string(report, changes->items[i].before);
		report_cell_string(report, changes->items[i].after);
	}
}
