/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"
#include "prefix_operands.h"
#include "render/progress.h"
#include "render/report.h"

#define CHUNK 32768 /* prefixes between two looks of the progress bar */

static int read_all(const struct guard *guard, struct prefixes *prefixes, struct why *why)
{
	_cleanup_free_ struct block_entry *entries = NULL;
	size_t n = 0;
	int r = blocks_read(guard, &entries, &n, why);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = prefixes_add(prefixes, &entries[i].prefix);
	return r;
}

static int remove_blocks(const struct guard *guard, const struct prefixes *prefixes,
			 size_t *removed, struct why *why)
{
	_cleanup_(progress_end) struct progress *progress = progress_begin("unblocking");
	int r = 0;

	for (size_t at = 0; r == 0 && at < prefixes->n_items; at += CHUNK) {
		size_t left = prefixes->n_items - at, n = 0;

		progress_update(progress, at, prefixes->n_items);
		r = blocks_remove(guard, prefixes->items + at, left < CHUNK ? left : CHUNK, &n,
				  why);
		*removed += n;
	}
	return r;
}

static int print_result(const struct arguments *args, const struct prefixes *prefixes,
			size_t removed)
{
	struct report *report = output_begin(args);
	char text[ADDRESS_TEXT_SIZE];

	prefix_operands_words(prefixes, text);
	if (removed == prefixes->n_items)
		report_line(report, "unblocked %s", text);
	else if (prefixes->n_items == 1)
		report_line(report, "%s was not blocked", text);
	else
		report_line(report, "unblocked %zu of %s; the others were not blocked", removed,
			    text);
	return output_end(&report);
}

/* A block of a longer or shorter prefix is another block: what one thought lifted may still be there. */
static int check_covered(const struct guard *guard, const struct prefixes *prefixes)
{
	uint64_t now = clock_now_read().units;
	char text[ADDRESS_TEXT_SIZE];
	const char *prefix;

	for (size_t i = 0; i < prefixes->n_items; i++) {
		if (!blocks_until(guard, &prefixes->items[i], now))
			continue;
		prefix = prefix_format(&prefixes->items[i], text);
		return fail("%s is still blocked, as part of a prefix; see: xdpguard blocks "
			    "--match %s",
			    prefix, prefix);
	}
	return EXIT_DONE;
}

static int run(const struct arguments *args)
{
	_cleanup_(prefixes_release) struct prefixes prefixes = {};
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	struct why why = {};
	size_t removed = 0;
	int code;

	if (args_has(args, 'a') == (args->n_operands || args_has(args, 'f')))
		return fail_usage("unblock: name an address or a prefix, or a list with --from "
				  "FILE, or say --all");
	code = prefix_operands_read(args, &prefixes);
	if (code != EXIT_DONE)
		return code;
	lock = lock_take(&why);
	if (lock < 0 || guard_open(args->dir, true, &guard, &why) < 0 ||
	    (args_has(args, 'a') && read_all(guard, &prefixes, &why) < 0) ||
	    blocks_sweep(guard, &why) < 0 || remove_blocks(guard, &prefixes, &removed, &why) < 0)
		return fail_why(&why);
	lock_release(&lock);
	code = print_result(args, &prefixes, removed);
	return code || args_has(args, 'a') ? code : check_covered(guard, &prefixes);
}

const struct command command_unblock = {
	.name = "unblock",
	.operands = "[PREFIX…]",
	.max_operands = SIZE_MAX,
	.summary = "Lift blocks, those of rules too",
	.help = "A block is lifted as it was set: an address within a blocked prefix stays\n"
		"blocked, and that is an error. What was not blocked is none. Relapses are\n"
		"forgotten.",
	.examples = "  xdpguard unblock 192.0.2.7\n"
		    "  xdpguard unblock --from abuse.txt\n"
		    "  xdpguard unblock --all",
	.options =
		(const struct command_option[]){
			{'f', "from", "FILE|-", "also what this list holds; -: standard input"},
			{'a', "all", NULL, "every block"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_READ(.with = 'f'),
			{},
		},
	.run = run,
};
