/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "render/report.h"
#include "save.h"
#include "store/directory.h"
#include "store/saved_blocks.h"
#include "view.h"

int saved_blocks_path(const struct arguments *args, bool is_made, char path[PATH_MAX])
{
	_cleanup_close_ int state = -1;
	struct why why = {};

	if (args->n_operands) {
		snprintf(path, PATH_MAX, "%s", args->operands[0]);
		return EXIT_DONE;
	}
	if (is_made && directory_open(args->state, true, &state, &why) < 0)
		return fail_why(&why);
	snprintf(path, PATH_MAX, "%s/blocks", args->state);
	return EXIT_DONE;
}

static uint64_t time_of(const struct view *view, uint64_t units)
{
	return units == GUARD_FOREVER ? SAVED_FOREVER : clock_to_wall(&view->now, units);
}

static int save_one(const struct view *view, const struct block_entry *entry,
		    struct saved_blocks *saved)
{
	const struct guard_block *block = &entry->block;
	struct saved_block to_save = {
		.prefix = entry->prefix,
		.since_ns = time_of(view, block->since),
		.until_ns = time_of(view, block->until),
		.forget_ns = time_of(view, block->forget),
		.relapses = block->level,
		.is_by_hand = block->flags & GUARD_BLOCK_BY_HAND,
		.is_monitor = block->flags & GUARD_BLOCK_MONITOR,
	};

	snprintf(to_save.rule, sizeof(to_save.rule), "%s", view_rule_name(view, block->slot) ?: "");
	snprintf(to_save.reason, sizeof(to_save.reason), "%s", block->reason);
	return saved_blocks_add(saved, &to_save);
}

/* Those that have ended and are to be forgotten are left out. */
static bool is_worth_it(const struct view *view, const struct guard_block *block)
{
	return block_is_active(block, view->now.units) ||
	       block_is_remembered(block, view->now.units);
}

static int save_all(const struct view *view, struct saved_blocks *saved, size_t *ret_n,
		    struct why *why)
{
	_cleanup_free_ struct block_entry *entries = NULL;
	size_t n_entries, n = 0;
	int r = blocks_read(view->guard, &entries, &n_entries, why);

	for (size_t i = 0; r == 0 && i < n_entries; i++) {
		if (!is_worth_it(view, &entries[i].block))
			continue;
		n++;
		r = save_one(view, &entries[i], saved);
		if (r < 0)
			why_set(why, r, "cannot write: %s", strerror(-r));
	}
	*ret_n = n;
	return r;
}

static int run(const struct arguments *args)
{
	_cleanup_(saved_blocks_abort) struct saved_blocks *saved = NULL;
	_cleanup_(view_close) struct view view = {};
	char path[PATH_MAX];
	struct why why = {};
	struct report *report;
	size_t n = 0;
	int code = saved_blocks_path(args, true, path);

	if (code != EXIT_DONE)
		return code;
	if (view_open(args->dir, &view, &why) < 0 || saved_blocks_begin(path, &saved, &why) < 0 ||
	    save_all(&view, saved, &n, &why) < 0 || saved_blocks_end(&saved, &why) < 0)
		return fail_why(&why);
	if (!strcmp(path, "-"))
		return EXIT_DONE;
	report = output_begin(args);
	report_line(report, "%zu blocks saved in %s", n, path);
	return output_end(&report);
}

const struct command command_save = {
	.name = "save",
	.operands = "[FILE|-]",
	.max_operands = 1,
	.summary = "Write the blocks to a file that outlives a reboot",
	.help = "For xdpguard restore: those of rules and those by hand, until when by the\n"
		"wall clock, relapses and notes. Without FILE, to where restore looks for it.\n"
		"The systemd unit saves when it stops and restores when it starts.",
	.examples = "  xdpguard save\n"
		    "  xdpguard save blocks.jsonl",
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_WRITE(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
