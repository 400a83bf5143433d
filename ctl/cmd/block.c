/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "capabilities.h"
#include "command.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"
#include "prefix_operands.h"
#include "render/progress.h"
#include "render/report.h"
#include "ssh_session.h"
#include "values.h"

#define CHUNK 32768 /* prefixes between two looks of the progress bar */

/* What is set, from --for and --reason. */
static int parse_block(const struct arguments *args, struct guard_block *ret_block)
{
	const char *reason = args_value(args, 'r') ?: "";
	uint64_t ns = 0;

	if (strlen(reason) >= GUARD_BLOCK_REASON_SIZE)
		return fail_usage("--reason \"%s\": at most %d bytes", reason,
				  GUARD_BLOCK_REASON_SIZE - 1);
	if (args_has(args, 't') && value_duration("for", args_value(args, 't'), &ns) != EXIT_DONE)
		return EXIT_USAGE;
	*ret_block = block_by_hand(clock_now_read().units, ns, reason);
	return EXIT_DONE;
}

static int check_session(const struct prefixes *prefixes)
{
	char words[SSH_SESSION_WORDS_SIZE];
	struct guard_address source;

	if (!ssh_session_source(&source))
		return EXIT_DONE;
	for (size_t i = 0; i < prefixes->n_items; i++)
		if (prefix_contains(&prefixes->items[i], &source))
			return fail_usage("%s; --force blocks it all the same",
					  ssh_session_words(&prefixes->items[i], &source, words));
	return EXIT_DONE;
}

static int add_blocks(const struct guard *guard, const struct prefixes *prefixes,
		      const struct guard_block *block, size_t *done, struct why *why)
{
	_cleanup_(progress_end) struct progress *progress = progress_begin("blocking");
	int r = 0;

	while (r == 0 && *done < prefixes->n_items) {
		size_t left = prefixes->n_items - *done, n = 0;

		r = blocks_add(guard, prefixes->items + *done, left < CHUNK ? left : CHUNK, block,
			       &n, why);
		*done += n;
		progress_update(progress, *done, prefixes->n_items);
	}
	return r;
}

static int block_all(const struct arguments *args, const struct prefixes *prefixes,
		     const struct guard_block *block)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	struct why why = {};
	size_t done = 0;

	lock = lock_take(&why);
	if (lock < 0 || guard_open(args->dir, true, &guard, &why) < 0 ||
	    blocks_sweep(guard, &why) < 0)
		return fail_why(&why);
	if (add_blocks(guard, prefixes, block, &done, &why) == 0)
		return EXIT_DONE;
	if (done)
		return fail("%s; %zu of %zu are blocked", why.text, done, prefixes->n_items);
	return fail_why(&why);
}

static int print_result(const struct arguments *args, const struct prefixes *prefixes,
			const struct guard_block *block)
{
	char duration[QUANTITY_TEXT_SIZE], text[ADDRESS_TEXT_SIZE];
	struct report *report = output_begin(args);

	if (block->until == GUARD_FOREVER)
		report_line(report, "blocked %s until unblocked",
			    prefix_operands_words(prefixes, text));
	else
		report_line(report, "blocked %s for %s", prefix_operands_words(prefixes, text),
			    duration_format((block->until - block->since) >> GUARD_TIME_SHIFT,
					    duration));
	return output_end(&report);
}

static int run(const struct arguments *args)
{
	_cleanup_(prefixes_release) struct prefixes prefixes = {};
	struct guard_block block;
	int code = EXIT_DONE;

	if (!args->n_operands && !args_has(args, 'f'))
		return fail_usage("block: name an address or a prefix, or a list with --from FILE");
	code = prefix_operands_read(args, &prefixes) ?: parse_block(args, &block);
	if (code == EXIT_DONE && !args_has(args, 'F'))
		code = check_session(&prefixes);
	if (code == EXIT_DONE)
		code = block_all(args, &prefixes, &block);
	return code ?: print_result(args, &prefixes, &block);
}

const struct command command_block = {
	.name = "block",
	.operands = "[PREFIX…]",
	.max_operands = SIZE_MAX,
	.summary = "Block addresses and prefixes by hand",
	.help = "Their packets are dropped before any rule but those with action: pass is\n"
		"asked, until they are unblocked, or for the time that --for says. An older\n"
		"block of the same prefix is replaced. A list holds a prefix a line; '#'\n"
		"begins a comment.",
	.examples = "  xdpguard block 192.0.2.7 --for 10m --reason \"ticket 4711\"\n"
		    "  xdpguard block --from abuse.txt\n"
		    "  generate-list | xdpguard block --from - --for 1d",
	.options =
		(const struct command_option[]){
			{'t', "for", "TIME", "so long: 90s, 10m, 7d (until unblocked)"},
			{'r', "reason", "TEXT",
			 "a note that xdpguard blocks shows, up to 39 bytes"},
			{'f', "from", "FILE|-", "also what this list holds; -: standard input"},
			{'F', "force", NULL, "even what covers your own SSH session"},
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
