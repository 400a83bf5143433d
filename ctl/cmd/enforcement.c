/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "enforcement.h"

#include <string.h>

#include "applier.h"
#include "base/cleanup.h"
#include "guard/blocks.h"
#include "guard/read.h"
#include "guard/resets.h"

void enforcement_rewind(struct enforcement *e)
{
	entry_free(&e->entry);
	changes_free(&e->changes);
	changes_free(&e->interface_changes);
	free(take_ptr(e->slots));
	record_free(&e->after);
	record_free(&e->before);
	guard_close(&e->guard);
	memset(e->interfaces.attached, 0, sizeof(e->interfaces.attached));
	e->is_fresh = e->is_settled = e->is_resizing = e->is_in_force = false;
	e->is_changed = e->is_emptied = false;
}

void enforcement_release(struct enforcement *e)
{
	enforcement_rewind(e);
	loaded_free(&e->loaded);
	copies_release(&e->copies);
}

int enforcement_load(struct enforcement *e, const char *path, const char *dev)
{
	int code = load_policy_copied(path, &e->copies, &e->loaded);

	return code ?: interfaces_choose(&e->interfaces, dev, e->loaded.policy);
}

static int choose_kept(struct enforcement *e, const struct entry *entry, const char *dev)
{
	int code = EXIT_DONE;

	if (dev || !entry->n_interfaces)
		return interfaces_choose(&e->interfaces, dev, e->loaded.policy);
	for (size_t i = 0; code == EXIT_DONE && i < entry->n_interfaces; i++)
		code = interfaces_add(&e->interfaces, entry->interfaces[i]);
	return code;
}

int enforcement_load_kept(struct enforcement *e, uint64_t number, const char *dev)
{
	_cleanup_(history_release) struct history history = {};
	const struct entry *entry;
	struct why why = {};

	e->source = number;
	if (history_read(e->state, &history, &why) < 0 ||
	    history_open_copies(e->state, number, &e->copies, &why) < 0)
		return fail_why(&why);
	entry = history_find(&history, number);
	if (!entry)
		return fail("policy %llu of the history cannot be read",
			    (unsigned long long)number);
	return load_policy_copied(entry->path, &e->copies, &e->loaded)
		       ?: choose_kept(e, entry, dev);
}

/* The guard as it is; none is fine. */
static int open_guard(struct enforcement *e)
{
	struct why why = {};
	int r = guard_open(e->dir, !e->is_reading, &e->guard, &why);

	if (r == -ENOENT)
		return EXIT_DONE;
	if (r < 0)
		return fail_why(&why);
	r = record_read(e->guard, &e->before, &why);
	return r < 0 && r != -ENOENT ? fail_why(&why) : EXIT_DONE;
}

/* Who is who in the new policy, and what that changes. */
static int compare(struct enforcement *e)
{
	static const struct identity none;
	struct identity identity = {};
	int r;

	e->slots = malloc(sizeof(*e->slots));
	if (!e->slots)
		return fail("not enough memory");
	r = identity_assign(e->before ? &e->before->identity : &none, e->loaded.policy,
			    e->loaded.image, &identity, e->slots);
	if (r == 0)
		r = record_new(e->loaded.policy, &identity, &e->after);
	if (r == 0)
		r = changes_find(e->before, e->after, &e->changes);
	if (r == 0)
		r = interfaces_find_changes(&e->interfaces, e->guard, &e->interface_changes);
	return r < 0 ? fail("cannot compare with the policy in force: %s", strerror(-r))
		     : EXIT_DONE;
}

int enforcement_plan(struct enforcement *e)
{
	return open_guard(e) ?: compare(e);
}

bool enforcement_is_same_policy(const struct enforcement *e)
{
	return e->before && e->before->hash == e->after->hash && e->changes.n == 0;
}

static bool is_in_history(const struct enforcement *e)
{
	_cleanup_(history_release) struct history history = {};

	return history_read(e->state, &history, NULL) == 0 &&
	       history_find(&history, e->before->number);
}

static int make_entry(struct enforcement *e)
{
	struct entry *entry = e->entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->interfaces = calloc(e->interfaces.n + 1, sizeof(*entry->interfaces));
	if (!entry->interfaces)
		return -ENOMEM;
	for (; entry->n_interfaces < e->interfaces.n; entry->n_interfaces++) {
		char *name = strdup(e->interfaces.names[entry->n_interfaces]);

		if (!name)
			return -ENOMEM;
		entry->interfaces[entry->n_interfaces] = name;
	}
	entry->applied_ns = e->after->applied_ns;
	entry->hash = e->after->hash;
	entry->rolled_back = e->is_rollback && e->before ? e->before->number : 0;
	entry->is_unconfirmed = e->is_trial;
	entry->name = strdup(e->after->name);
	entry->path = strdup(e->after->path);
	entry->by = applier_name();
	entry->from = applier_address();
	entry->how = strdup(e->how);
	return entry->name && entry->path && entry->by && entry->how ? 0 : -ENOMEM;
}

/* As after a reboot: nothing is in force, and what was last comes again. Its number, or 0. */
static uint64_t number_of_last(const struct enforcement *e, const struct entry *entry)
{
	_cleanup_(history_release) struct history history = {};
	const struct entry *last;

	if (e->before || e->is_trial || history_read(e->state, &history, NULL) < 0)
		return 0;
	last = history_find(&history, history.last);
	return last && !last->is_unconfirmed && entry_is_same(last, entry) &&
			       !strcmp(last->path, entry->path)
		       ? last->number
		       : 0;
}

static int add_entry(struct enforcement *e, struct why *why)
{
	int r = make_entry(e);

	if (r < 0)
		return r;
	e->after->number = number_of_last(e, e->entry);
	if (e->after->number) {
		entry_free(&e->entry);
		return 0;
	}
	r = history_begin(e->state, e->entry, &e->copies, e->before ? e->before->number : 0, why);
	if (r == 0)
		e->after->number = e->entry->number;
	return r;
}

int enforcement_keep(struct enforcement *e, struct why *why)
{
	bool is_same = enforcement_is_same_policy(e) && !e->interface_changes.n;
	int r;

	e->is_settled = is_same && is_in_history(e);
	if (e->is_settled) {
		e->after->number = e->before->number;
		return 0;
	}
	r = add_entry(e, why);
	if (r < 0) {
		entry_free(&e->entry);
		e->is_settled = is_same;
	}
	return r;
}

static bool wants_resize(const struct enforcement *e)
{
	return e->guard && !e->is_fresh && e->loaded.sizing.capacity != e->guard->capacity;
}

/* A source is known by its masked address: what was counted of a host is not its network's. */
static bool is_other_aggregate(const struct enforcement *e)
{
	return e->before && !e->is_settled &&
	       (e->before->aggregate_ipv4 != e->after->aggregate_ipv4 ||
		e->before->aggregate_ipv6 != e->after->aggregate_ipv6);
}

static int empty_sources(struct enforcement *e, struct why *why)
{
	static const bool is_reset[RESETS_KINDS] = {[RESETS_SOURCES] = true};
	int r = resets_note(e->guard, is_reset, why);

	r = r ?: reset_sources(e->guard, why);
	e->is_emptied = r == 0;
	return r;
}

static void commit(struct enforcement *e)
{
	e->is_in_force = true;
	if (e->is_settled)
		return;
	push_commit(e->guard);
	e->is_changed = true;
}

/* What this run has done is undone; what worked before goes on. */
static void undo(struct enforcement *e)
{
	e->is_in_force = false;
	if (!e->guard)
		return;
	if (e->is_resizing && e->resize.old_sources >= 0)
		resize_abort(e->guard, &e->resize);
	interfaces_undo(&e->interfaces, e->guard);
	if (e->is_fresh)
		guard_destroy(e->dir, NULL);
}

static int prepare(struct enforcement *e, struct why *why)
{
	int r;

	if (!e->guard) {
		r = guard_create(e->dir, e->loaded.sizing.capacity, &e->guard, why);
		if (r < 0)
			return r;
		e->is_fresh = true;
	}
	return e->is_settled ? 0 : push_prepare(e->guard, e->loaded.image, e->slots, e->after, why);
}

static int attach(struct enforcement *e, struct why *why)
{
	int r = 0;

	if (wants_resize(e)) {
		r = resize_begin(e->guard, e->loaded.sizing.capacity, &e->resize, why);
		e->is_resizing = r == 0;
	}
	return r < 0 ? r
		     : interfaces_attach(&e->interfaces, e->guard, &e->loaded.policy->chain,
					 &e->is_changed, why);
}

/* With the tables that are there, and wherever it can be. */
static void attach_most(struct enforcement *e)
{
	if (e->is_resizing)
		resize_abort(e->guard, &e->resize);
	e->is_resizing = false;
	interfaces_attach_most(&e->interfaces, e->guard, &e->loaded.policy->chain, &e->is_changed);
}

/* All steps, whatever becomes of the first. */
static int tidy_up(struct enforcement *e, struct why *why)
{
	int r = interfaces_remove_others(&e->interfaces, e->guard, &e->is_changed, why);
	int resized = 0;

	if (e->is_resizing)
		resized = resize_finish(e->guard, &e->resize, r < 0 ? NULL : why);
	if (resized < 0 && e->resize.old_sources >= 0)
		attach_most(e);
	r = r ?: resized;
	if (is_other_aggregate(e))
		r = r ?: empty_sources(e, why);
	return r ?: blocks_sweep(e->guard, why);
}

/*
 * A fresh guard gets its policy before its first packet. One at work attaches first: if that fails, the
 * old policy has not gone.
 */
static int exchange(struct enforcement *e, struct why *why)
{
	int r = prepare(e, why), tidied;

	if (r < 0)
		return r;
	if (e->is_fresh || e->is_rules_first)
		commit(e);
	r = attach(e, why);
	if (r < 0 && !e->is_rules_first)
		return r;
	if (r < 0)
		attach_most(e);
	if (!e->is_in_force)
		commit(e);
	tidied = tidy_up(e, r < 0 ? NULL : why);
	return r ?: tidied;
}

/* What is in force stays in the history, also when something failed behind the commit. */
static void finish_entry(const struct enforcement *e)
{
	struct why why = {};

	if (!e->entry)
		return;
	if (!e->is_in_force)
		history_abort(e->state);
	else if (history_finish(e->state, e->entry->number, e->kept, &why) < 0)
		warn("in force, but not all is well with the history: %s", why.text);
}

int enforcement_carry_out(struct enforcement *e)
{
	struct why why = {};
	int r = exchange(e, &why);

	if (r < 0 && (e->is_fresh || !e->is_in_force))
		undo(e);
	finish_entry(e);
	if (r == 0)
		return EXIT_DONE;
	return e->is_in_force ? fail("the policy is in force, but not all that goes with it: %s",
				     why.text[0] ? why.text : strerror(-r))
			      : fail_why(&why);
}
