/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"
#include "guard/record.h"
#include "render/report.h"
#include "save.h"
#include "ssh_session.h"
#include "store/saved_blocks.h"

/* What is read, and against what it is held. */
struct restore {
	struct clock_now now;
	struct record *record;	     /* NULL: no policy is in force */
	struct block_entry *present; /* by prefix */
	size_t n_present;
	struct guard_address session;
	bool has_session;

	struct saved_block *saved; /* all of the file */
	size_t n_saved, n_saved_allocated;
	struct block_entry *entries; /* of them, those to restore */
	size_t n;
	size_t n_ended, n_kept, n_of_session;
};

static void restore_release(struct restore *restore)
{
	record_free(&restore->record);
	free(restore->present);
	free(restore->saved);
	free(restore->entries);
}

static int compare(const void *a, const void *b)
{
	const struct block_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

/* 1 + slot of the rule of this name; 0: there is none (any more). */
static uint16_t find_slot(const struct record *record, const char *name)
{
	for (size_t i = 0; record && i < record->identity.n_rules; i++)
		if (!strcmp(record->identity.rules[i].name, name))
			return (uint16_t)(record->identity.rules[i].slot + 1);
	return 0;
}

static uint64_t units_of(const struct restore *restore, uint64_t ns)
{
	return ns == SAVED_FOREVER ? GUARD_FOREVER : clock_from_wall(&restore->now, ns);
}

/*
 * No block lasts longer than it was meant to: a clock that was set back since, or that nobody has set yet since
 * the machine started, would add the difference.
 */
static uint64_t end_of(const struct restore *restore, const struct saved_block *saved, uint64_t ns)
{
	uint64_t longest_ns = restore->now.wall_ns + (ns - saved->since_ns);

	return units_of(restore, ns == SAVED_FOREVER || ns < longest_ns ? ns : longest_ns);
}

static struct block_entry entry_of(const struct restore *restore, const struct saved_block *saved)
{
	struct block_entry entry = {
		.prefix = saved->prefix,
		.block =
			{
				.since = units_of(restore, saved->since_ns),
				.until = end_of(restore, saved, saved->until_ns),
				.forget = end_of(restore, saved, saved->forget_ns),
				.level = saved->relapses,
				.slot = find_slot(restore->record, saved->rule),
				.flags = (saved->is_by_hand ? GUARD_BLOCK_BY_HAND : 0) |
					 (saved->is_monitor ? GUARD_BLOCK_MONITOR : 0),
			},
	};

	snprintf(entry.block.reason, sizeof(entry.block.reason), "%.*s",
		 (int)sizeof(entry.block.reason) - 1, saved->reason);
	return entry;
}

static int keep(const struct saved_block *block, void *data)
{
	struct restore *restore = data;

	if (restore->n_saved == restore->n_saved_allocated) {
		size_t n = restore->n_saved_allocated ? 2 * restore->n_saved_allocated : 1024;
		void *saved = reallocarray(restore->saved, n, sizeof(*restore->saved));

		if (!saved)
			return -ENOMEM;
		restore->saved = saved;
		restore->n_saved_allocated = n;
	}
	restore->saved[restore->n_saved++] = *block;
	return 0;
}

static void choose(struct restore *restore, const struct saved_block *saved)
{
	struct block_entry entry = entry_of(restore, saved);
	bool is_over = saved->until_ns != SAVED_FOREVER && saved->until_ns <= restore->now.wall_ns;

	if (is_over && saved->forget_ns <= restore->now.wall_ns)
		restore->n_ended++;
	else if (bsearch(&entry, restore->present, restore->n_present, sizeof(entry), compare))
		restore->n_kept++;
	else if (restore->has_session && prefix_contains(&entry.prefix, &restore->session))
		restore->n_of_session++;
	else
		restore->entries[restore->n++] = entry;
}

static int look_around(struct restore *restore, const struct guard *guard, struct why *why)
{
	int r = record_read(guard, &restore->record, why);

	if (r < 0 && r != -ENOENT)
		return r;
	r = blocks_sweep(guard, why);
	if (r == 0)
		r = blocks_read(guard, &restore->present, &restore->n_present, why);
	if (r < 0)
		return r;
	if (restore->n_present)
		qsort(restore->present, restore->n_present, sizeof(*restore->present), compare);
	restore->now = clock_now_read();
	restore->has_session = ssh_session_source(&restore->session);
	restore->entries = calloc(restore->n_saved + 1, sizeof(*restore->entries));
	return restore->entries ? 0 : why_set(why, -ENOMEM, "not enough memory");
}

static int put_back(const struct restore *restore, const struct guard *guard)
{
	struct why why = {};
	size_t done = 0;

	if (!restore->n || blocks_write(guard, restore->entries, restore->n, &done, &why) == 0)
		return EXIT_DONE;
	return fail("%s; %zu of %zu are restored", why.text, done, restore->n);
}

/* Standard input may keep it waiting, so no lock is held meanwhile. */
static int read_saved(const struct arguments *args, const char *path, struct restore *restore)
{
	struct why why = {};
	int r = saved_blocks_read(path, keep, restore, &why);

	if (r == -ENOENT && !args->n_operands)
		return EXIT_DONE; /* nothing was saved yet */
	if (r == -EBADMSG)
		return fail_usage("%s", why.text);
	return r < 0 ? fail_why(&why) : EXIT_DONE;
}

static int restore_all(const struct arguments *args, struct restore *restore)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = -1;
	struct why why = {};

	lock = lock_take(&why);
	if (lock < 0 || guard_open(args->dir, true, &guard, &why) < 0 ||
	    look_around(restore, guard, &why) < 0)
		return fail_why(&why);
	for (size_t i = 0; i < restore->n_saved; i++)
		choose(restore, &restore->saved[i]);
	return put_back(restore, guard);
}

static int run(const struct arguments *args)
{
	_cleanup_(restore_release) struct restore restore = {};
	char path[PATH_MAX];
	struct report *report;
	int code = saved_blocks_path(args, false, path)
			   ?: read_saved(args, path, &restore) ?: restore_all(args, &restore);

	if (code != EXIT_DONE)
		return code;
	if (restore.n_of_session)
		warn("%zu blocks cover the address of your SSH session, and were left out",
		     restore.n_of_session);
	report = output_begin(args);
	report_line(report, "%zu blocks restored", restore.n);
	if (restore.n_ended || restore.n_kept)
		report_line(report, "%zu have ended meanwhile; of %zu there is a newer one",
			    restore.n_ended, restore.n_kept);
	return output_end(&report);
}

const struct command command_restore = {
	.name = "restore",
	.operands = "[FILE|-]",
	.max_operands = 1,
	.summary = "Block again what xdpguard save has written",
	.help = "For what is left of the time by the wall clock. What is blocked now stays as\n"
		"it is. Without FILE, what was saved without one; it is no error when nothing\n"
		"was. What covers your own SSH session is left out.",
	.examples = "  xdpguard restore\n"
		    "  xdpguard restore blocks.jsonl",
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_READ(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
