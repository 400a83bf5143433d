/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot_write.h"

#include <string.h>

#include "base/cleanup.h"
#include "blocks.h"
#include "guard/resets.h"
#include "rules.h"
#include "source_report.h"
#include "status_report.h"
#include "store/snapshot.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* What is read; rules and blocks are when they are reported. */
struct reading {
	struct view view;
	struct resets resets;
	struct status status;
	struct source_list sources;
	struct source_columns columns;
	char guard[SNAPSHOT_TEXT_SIZE];
};

static const struct source_query all = {.top = SIZE_MAX, .has_entries = true};

static void reading_release(struct reading *reading)
{
	source_list_release(&reading->sources);
	view_close(&reading->view);
}

/* No other guard has this name, in no other boot either. */
static int name_guard(struct reading *reading, struct why *why)
{
	_cleanup_fclose_ FILE *file = fopen(BOOT_ID, "re");
	char boot[40] = "";
	uint32_t number;
	int r;

	if (!file || !fgets(boot, sizeof(boot), file))
		return why_set(why, -EIO, BOOT_ID ": cannot be read");
	r = guard_number(reading->view.guard, &number);
	if (r < 0)
		return guard_explain(why, r, "cannot tell which guard this is");
	boot[strcspn(boot, "\n")] = '\0';
	snprintf(reading->guard, sizeof(reading->guard), "%s-%u", boot, number);
	return 0;
}

/* What was reset is asked for before what is counted: a reset in between shows in the counters. */
static int read_all(const char *dir, struct reading *reading, struct why *why)
{
	int r = view_open(dir, &reading->view, why);

	if (r == 0)
		r = name_guard(reading, why);
	if (r == 0)
		r = resets_read(reading->view.guard, &reading->resets, why);
	if (r == 0)
		r = status_read(&reading->view, interface_state_read, &reading->status, why);
	if (r == 0)
		r = source_list_read(&reading->view, &all, NULL, &reading->sources, why);
	return r;
}

static void report_resets(struct report *report, const struct resets *resets)
{
	report_object(report, "resets", NULL);
	report_value(report, "sources", NULL, REPORT_NUMBER, resets->times[RESETS_SOURCES]);
	report_value(report, "rules", NULL, REPORT_NUMBER, resets->times[RESETS_RULES]);
	report_value(report, "reasons", NULL, REPORT_NUMBER, resets->times[RESETS_REASONS]);
	report_object_end(report);
}

static int report_all(struct report *report, struct reading *reading, const char *state,
		      struct why *why)
{
	const struct view *view = &reading->view;
	int r;

	report_string(report, "xdpguard", NULL, "snapshot");
	report_value(report, "version", NULL, REPORT_NUMBER, SNAPSHOT_VERSION);
	report_value(report, "taken", NULL, REPORT_TIME, view->now.wall_ns);
	report_value(report, "clock", NULL, REPORT_NUMBER, view->now.units >> GUARD_TIME_SHIFT);
	report_string(report, "guard", NULL, reading->guard);
	report_resets(report, &reading->resets);
	report_object(report, "status", NULL);
	status_report(report, &reading->status, state);
	report_object_end(report);
	r = rules_report(report, view, why);
	if (r < 0)
		return r;
	source_report(report, view, &all, &reading->sources, NULL, &reading->columns);
	return blocks_report(report, view, NULL, why);
}

int snapshot_write(const char *dir, const char *state, FILE *out, size_t *ret_sources,
		   struct why *why)
{
	const struct report_options options = {.format = REPORT_JSON};
	_cleanup_(report_free) struct report *report = NULL;
	_cleanup_(reading_release) struct reading reading = {};
	int r = read_all(dir, &reading, why);

	if (r < 0)
		return r;
	report = report_begin(out, &options);
	r = report_all(report, &reading, state, why);
	if (r < 0)
		return r;
	r = report_end(&report);
	if (r < 0)
		return why_set(why, r, "cannot write the snapshot: %s", strerror(-r));
	*ret_sources = reading.sources.n;
	return 0;
}
