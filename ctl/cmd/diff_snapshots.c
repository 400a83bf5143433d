/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "diff.h"
#include "snapshot_report.h"
#include "snapshot_write.h"
#include "values.h"

#define TOP_DEFAULT 20
#define NOW "now"

struct comparing {
	struct snapshot *before, *after;
	struct snapshot_changes changes;
};

static void comparing_release(struct comparing *comparing)
{
	snapshot_changes_release(&comparing->changes);
	snapshot_free(&comparing->before);
	snapshot_free(&comparing->after);
}

/* What is counted now is written, and read back: there is one reader of guards, and one of snapshots. */
static int take_now(const struct arguments *args, struct snapshot **ret_snapshot, struct why *why)
{
	_cleanup_free_ char *text = NULL;
	size_t size, n_sources;
	FILE *out = open_memstream(&text, &size);
	int r = out ? snapshot_write(args->dir, args->state, out, &n_sources, why) : -ENOMEM;

	if (out && fclose(out) != 0 && r == 0)
		r = why_set(why, -ENOMEM, "not enough memory");
	return r < 0 ? r : snapshot_parse(NOW, text, size, ret_snapshot, why);
}

static int read_both(const struct arguments *args, struct comparing *comparing, struct why *why)
{
	int r = snapshot_read(args->operands[0], &comparing->before, why);

	if (r < 0)
		return r;
	return args->n_operands > 1 ? snapshot_read(args->operands[1], &comparing->after, why)
				    : take_now(args, &comparing->after, why);
}

static int compare(const struct arguments *args, struct comparing *comparing, struct why *why)
{
	const char *before = args->operands[0];
	const char *after = args->n_operands > 1 ? args->operands[1] : NOW;
	int r = read_both(args, comparing, why);

	if (r < 0)
		return r;
	r = snapshot_compare(comparing->before, comparing->after, &comparing->changes);
	if (r == -EINVAL)
		return why_set(why, r, "%s was taken after %s: the older one comes first", before,
			       after);
	return r < 0 ? why_set(why, r, "not enough memory") : 0;
}

int diff_snapshots(const struct arguments *args)
{
	_cleanup_(comparing_release) struct comparing comparing = {};
	size_t top = args_has(args, 'J') || args_has(args, 'C') ? SIZE_MAX : TOP_DEFAULT;
	struct report *report;
	struct why why = {};

	if (args_has(args, 'n') && value_count("top", args_value(args, 'n'), &top) != EXIT_DONE)
		return DIFF_TROUBLE;
	if (compare(args, &comparing, &why) < 0) {
		fail_why(&why);
		return DIFF_TROUBLE;
	}
	report = output_begin(args);
	if (report)
		snapshot_report(report, &comparing.changes, top);
	if (output_end(&report) != EXIT_DONE)
		return DIFF_TROUBLE;
	return comparing.changes.is_same ? DIFF_SAME : DIFF_DIFFERENT;
}
