/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot_changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define NS_PER_S 1e9

/* Which of snapshot.resets a list goes by. */
static const unsigned char resets_of[SNAPSHOT_LISTS] = {
	[SNAPSHOT_SOURCES] = 0, [SNAPSHOT_RULES] = 1,	   [SNAPSHOT_VERDICTS] = 2,
	[SNAPSHOT_REASONS] = 2, [SNAPSHOT_INTERFACES] = 2,
};

/* One comparison of a list. */
struct comparison {
	enum snapshot_list list;
	bool is_other_guard;
	const struct snapshot_row **before; /* by name */
	size_t n_before;
	bool *is_met; /* by the place in the snapshot of `first` */
	const struct snapshot_row *first;
	struct row_changes *changes;
};

/* These are always there: what has counted nothing is left out. */
static bool is_fixed(enum snapshot_list list)
{
	return list == SNAPSHOT_VERDICTS || list == SNAPSHOT_REASONS || list == SNAPSHOT_INTERFACES;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct snapshot_row *const *)a)->name,
		      (*(const struct snapshot_row *const *)b)->name);
}

static const struct snapshot_row *find(const struct comparison *c, const struct snapshot_row *row)
{
	const struct snapshot_row **found =
		c->n_before ? bsearch(&row, c->before, c->n_before, sizeof(row), by_name) : NULL;

	return found ? *found : NULL;
}

static bool is_less(const struct snapshot_row *after, const struct snapshot_row *before)
{
	for (unsigned i = 0; i < SNAPSHOT_COUNTS; i++)
		if (after->counts[i] < before->counts[i])
			return true;
	return false;
}

static bool is_zero(const uint64_t counts[SNAPSHOT_COUNTS])
{
	for (unsigned i = 0; i < SNAPSHOT_COUNTS; i++)
		if (counts[i])
			return false;
	return true;
}

static void append(struct comparison *c, const struct row_change *change)
{
	c->changes->items[c->changes->n++] = *change;
	c->changes->n_of[change->kind]++;
}

/* Everything in a list of totals is zeroed at once, so one that shows it is enough. */
static bool is_zeroed(const struct comparison *c, const struct snapshot_rows *after)
{
	size_t n_found = 0;

	for (size_t i = 0; i < after->n; i++) {
		const struct snapshot_row *before = find(c, &after->items[i]);

		if (before && is_less(&after->items[i], before))
			return true;
		n_found += before != NULL;
	}
	return n_found < c->n_before;
}

static bool has_begun_anew(const struct comparison *c, const struct snapshot_row *before,
			   const struct snapshot_row *after)
{
	return c->is_other_guard || c->changes->is_reset || before->entered != after->entered ||
	       is_less(after, before);
}

static void compare_row(struct comparison *c, const struct snapshot_row *after)
{
	static const struct snapshot_row none;
	const struct snapshot_row *found = find(c, after);
	const struct snapshot_row *before = found ?: &none;
	struct row_change change = {.row = after};

	if (found)
		c->is_met[found - c->first] = true;
	if (!found && !is_fixed(c->list))
		change.kind = CHANGE_CAME;
	else if (found ? has_begun_anew(c, before, after) : c->changes->is_reset)
		change.kind = CHANGE_ANEW;
	else
		change.kind = CHANGE_COUNTED;
	for (unsigned i = 0; i < SNAPSHOT_COUNTS; i++)
		change.counts[i] =
			after->counts[i] - (change.kind == CHANGE_COUNTED ? before->counts[i] : 0);
	if (change.kind == CHANGE_COUNTED && is_zero(change.counts))
		return;
	if (change.kind == CHANGE_ANEW && is_zero(before->counts) && is_zero(after->counts) &&
	    before->entered == after->entered)
		return;
	append(c, &change);
}

static void note_gone(struct comparison *c, const struct snapshot_rows *before)
{
	for (size_t i = 0; i < before->n; i++)
		if (!c->is_met[i] && !(is_fixed(c->list) && is_zero(before->items[i].counts)))
			append(c, &(struct row_change){
					  .kind = is_fixed(c->list) ? CHANGE_ANEW : CHANGE_WENT,
					  .row = &before->items[i],
				  });
}

static int more_first(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

/* What went is last. */
static int worse_first(const void *a, const void *b)
{
	const struct row_change *x = a, *y = b;
	bool has_x_gone = x->kind == CHANGE_WENT, has_y_gone = y->kind == CHANGE_WENT;

	return has_x_gone - has_y_gone
		       ?: more_first(x->counts[SNAPSHOT_DROPPED], y->counts[SNAPSHOT_DROPPED])
		       ?: more_first(x->counts[SNAPSHOT_WOULD_DROP], y->counts[SNAPSHOT_WOULD_DROP])
		       ?: more_first(x->counts[SNAPSHOT_PACKETS], y->counts[SNAPSHOT_PACKETS])
		       ?: strcmp(x->row->name, y->row->name);
}

static void comparison_release(struct comparison *c)
{
	free(c->before);
	free(c->is_met);
}

static int compare_list(struct snapshot_changes *all, enum snapshot_list list)
{
	const struct snapshot_rows *before = &all->before->lists[list],
				   *after = &all->after->lists[list];
	unsigned resets = resets_of[list];
	_cleanup_(comparison_release) struct comparison c = {
		.list = list,
		.is_other_guard = all->is_other_guard,
		.is_met = calloc(before->n + 1, sizeof(bool)),
		.n_before = before->n,
		.first = before->items,
		.changes = &all->lists[list],
	};

	c.before = calloc(before->n + 1, sizeof(*c.before));
	c.changes->items = calloc(before->n + after->n + 1, sizeof(*c.changes->items));
	if (!c.before || !c.is_met || !c.changes->items)
		return -ENOMEM;
	for (size_t i = 0; i < before->n; i++)
		c.before[i] = &before->items[i];
	qsort(c.before, c.n_before, sizeof(*c.before), by_name);
	c.changes->is_reset = !all->is_other_guard &&
			      (all->before->resets[resets] != all->after->resets[resets] ||
			       (is_fixed(list) && is_zeroed(&c, after)));
	for (size_t i = 0; i < after->n; i++)
		compare_row(&c, &after->items[i]);
	note_gone(&c, before);
	if (list == SNAPSHOT_SOURCES)
		qsort(c.changes->items, c.changes->n, sizeof(*c.changes->items), worse_first);
	return 0;
}

static int by_prefix(const void *a, const void *b)
{
	const struct snapshot_block *x = a, *y = b;

	return strcmp(x->prefix, y->prefix);
}

/* Those of the one that the other has not. */
static void take_blocks(struct snapshot_changes *all, const struct snapshot_blocks *of,
			const struct snapshot_blocks *other, bool has_come)
{
	for (size_t i = 0; i < of->n; i++)
		if (!other->n || !bsearch(&of->items[i], other->items, other->n,
					  sizeof(*other->items), by_prefix))
			all->blocks[all->n_blocks++] =
				(struct block_change){has_come, &of->items[i]};
}

static int compare_blocks(struct snapshot_changes *all)
{
	const struct snapshot_blocks *before = &all->before->blocks, *after = &all->after->blocks;

	all->blocks = calloc(before->n + after->n + 1, sizeof(*all->blocks));
	if (!all->blocks)
		return -ENOMEM;
	take_blocks(all, after, before, true);
	take_blocks(all, before, after, false);
	return 0;
}

static bool is_any_reset(const struct snapshot_changes *all)
{
	for (unsigned i = 0; i < SNAPSHOT_LISTS; i++)
		if (all->lists[i].is_reset || all->lists[i].n)
			return true;
	return false;
}

/* By the guard's clock, which is not set; another guard's may have begun at another boot. */
static int measure(struct snapshot_changes *all)
{
	const struct snapshot *before = all->before, *after = all->after;
	uint64_t from = all->is_other_guard ? before->taken_ns : before->clock_ns;
	uint64_t to = all->is_other_guard ? after->taken_ns : after->clock_ns;

	if (to < from)
		return -EINVAL;
	all->elapsed_ns = to - from;
	return 0;
}

int snapshot_compare(const struct snapshot *before, const struct snapshot *after,
		     struct snapshot_changes *ret_changes)
{
	_cleanup_(snapshot_changes_release) struct snapshot_changes all = {
		.before = before,
		.after = after,
		.is_other_guard = strcmp(before->guard, after->guard) != 0,
		.is_other_policy = strcmp(before->policy, after->policy) != 0 ||
				   strcmp(before->hash, after->hash) != 0 ||
				   strcmp(before->applied, after->applied) != 0,
	};
	int r = measure(&all);

	for (unsigned i = 0; r == 0 && i < SNAPSHOT_LISTS; i++)
		r = compare_list(&all, i);
	if (r == 0)
		r = compare_blocks(&all);
	if (r < 0)
		return r;
	all.is_same = !all.is_other_guard && !all.is_other_policy && !all.n_blocks &&
		      !is_any_reset(&all);
	*ret_changes = all;
	all = (struct snapshot_changes){};
	return 0;
}

void snapshot_changes_release(struct snapshot_changes *changes)
{
	for (unsigned i = 0; i < SNAPSHOT_LISTS; i++)
		free(changes->lists[i].items);
	free(changes->blocks);
	*changes = (struct snapshot_changes){};
}

bool snapshot_rate(const struct snapshot_changes *changes, enum snapshot_list list,
		   const struct row_change *change, uint64_t count, uint64_t *ret_rate)
{
	double rate;

	if (changes->is_other_guard || !changes->elapsed_ns || changes->lists[list].is_reset ||
	    change->kind == CHANGE_ANEW || change->kind == CHANGE_WENT)
		return false;
	rate = (double)count * (NS_PER_S / (double)changes->elapsed_ns) + 0.5;
	*ret_rate = rate < 0x1p64 ? (uint64_t)rate : UINT64_MAX;
	return true;
}
