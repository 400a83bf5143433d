/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resize.h"

#include <limits.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "pin.h"
#include "program.h"
#include "read.h"
#include "source_table.h"

#define BATCH 4096 /* entries a system call */

/* The guard with the tables that it had. */
static struct guard resize_old(const struct resize *resize, const struct guard *guard)
{
	struct guard old = *guard;

	old.tags = resize->old_tags;
	old.sources = resize->old_sources;
	old.buckets = resize->old_buckets;
	old.capacity = resize->old_capacity;
	return old;
}

/* Room for a batch of buckets. */
struct batch {
	struct guard_bucket_key keys[BATCH];
	struct guard_bucket values[BATCH];
};

static int copy_buckets(int from, int to)
{
	_cleanup_free_ struct batch *batch = malloc(sizeof(*batch));
	__u32 position, *at = NULL, n;
	bool is_last = false;
	int r;

	if (!batch)
		return -ENOMEM;
	while (!is_last) {
		n = BATCH;
		r = bpf_map_lookup_batch(from, at, &position, batch->keys, batch->values, &n, NULL);
		is_last = r < 0 && errno == ENOENT;
		if (r < 0 && !is_last)
			return -errno;
		if (n && bpf_map_update_batch(to, batch->keys, batch->values, &n, NULL) < 0)
			return -errno;
		at = &position;
	}
	return 0;
}

/* Everything but what was counted: resize_finish adds all of that. */
static int copy_source(const struct guard_source *source, bool is_established, void *data)
{
	struct guard_source copy = *source;

	copy.passed = copy.dropped = copy.would_drop = 0;
	copy.passed_wide = copy.dropped_wide = (struct guard_count){};
	source_table_enter(data, &copy, is_established);
	return 0;
}

static int copy_sources(const struct resize *resize, const struct guard *guard, uint64_t *ret_n,
			struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *from = NULL, *to = NULL;
	struct guard old = resize_old(resize, guard);
	int r = source_table_map(&old, false, &from, why);

	if (r == 0)
		r = source_table_map(guard, true, &to, why);
	if (r == 0)
		r = source_table_each(from, copy_source, to);
	if (r == 0)
		*ret_n = source_table_count(to);
	return r;
}

int resize_begin(struct guard *guard, uint32_t capacity, struct resize *ret_resize, struct why *why)
{
	struct resize resize = {guard->tags, guard->sources, guard->buckets, guard->capacity, 0};
	int r;

	guard->tags = guard->sources = guard->buckets = -1;
	guard->capacity = capacity;
	r = program_create_maps(guard, why);
	if (r == 0)
		r = copy_sources(&resize, guard, &resize.n_sources, why);
	if (r == 0)
		r = copy_buckets(resize.old_buckets, guard->buckets);
	if (r < 0) {
		resize_abort(guard, &resize);
		return guard_explain(why, r, "cannot make another table of sources");
	}
	*ret_resize = resize;
	return 0;
}

void resize_abort(struct guard *guard, struct resize *resize)
{
	closep(&guard->tags);
	closep(&guard->sources);
	closep(&guard->buckets);
	guard->tags = resize->old_tags;
	guard->sources = resize->old_sources;
	guard->buckets = resize->old_buckets;
	guard->capacity = resize->old_capacity;
}

static void fresh_path(char path[PATH_MAX], const struct guard *guard, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s_new", guard->dir, name);
}

static int pin_fresh(const struct guard *guard, int map, const char *name)
{
	char path[PATH_MAX];

	fresh_path(path, guard, name);
	unlink(path);
	return pin_make(map, path);
}

/* The new table under the old one's name, in one step. */
static int rename_fresh(const struct guard *guard, const char *name)
{
	char path[PATH_MAX], fresh[PATH_MAX];

	fresh_path(fresh, guard, name);
	snprintf(path, sizeof(path), "%s/%s", guard->dir, name);
	return rename(fresh, path) < 0 ? -errno : 0;
}

/* Killed between the names: resize_open makes up for it. */
static int pin_all(const struct guard *guard)
{
	int r = pin_fresh(guard, guard->tags, "tags");

	if (r == 0)
		r = pin_fresh(guard, guard->sources, "sources");
	if (r == 0)
		r = pin_fresh(guard, guard->buckets, "buckets");
	if (r == 0)
		r = rename_fresh(guard, "tags");
	if (r == 0)
		r = rename_fresh(guard, "sources");
	if (r == 0)
		r = rename_fresh(guard, "buckets");
	return r;
}

int resize_open(const char *dir, const char *name, bool is_writer, int *ret_map)
{
	const struct guard guard = {.dir = (char *)dir};
	char path[PATH_MAX], fresh[PATH_MAX];
	int r;

	fresh_path(fresh, &guard, name);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!is_writer) {
		r = pin_open(fresh, false, ret_map);
		return r == -ENOENT ? pin_open(path, false, ret_map)
				    : r; /* it got its name meanwhile */
	}
	r = rename_fresh(&guard, name);
	return r < 0 ? r : pin_open(path, true, ret_map);
}

static void count_add(struct guard_count *to, const struct guard_count *counted)
{
	__atomic_fetch_add(&to->packets, counted->packets, __ATOMIC_RELAXED);
	__atomic_fetch_add(&to->bytes, counted->bytes, __ATOMIC_RELAXED);
}

/* While packets count there, too. */
static int merge_one(const struct source_counts *counted, void *data)
{
	const struct guard_source fresh = {
		.address = counted->address,
		.first_seen = counted->first_seen,
		.last_seen = counted->last_seen,
	};
	struct guard_source *source = source_table_enter(data, &fresh, false);

	if (!source)
		return 0;
	count_add(&source->passed_wide, &counted->passed);
	count_add(&source->dropped_wide, &counted->dropped);
	__atomic_fetch_add(&source->would_drop, counted->would_drop, __ATOMIC_RELAXED);
	return 0;
}

static int merge_counts(const struct guard *guard, const struct resize *resize, struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	struct guard old = resize_old(resize, guard);
	int r = source_table_map(guard, true, &table, why);

	if (r < 0)
		return r;
	/* Packets that entered the old programs have left them when this returns. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	return read_sources(&old, merge_one, table, why);
}

int resize_finish(struct guard *guard, struct resize *resize, struct why *why)
{
	int r = pin_all(guard);

	if (r < 0)
		return guard_explain(why, r, "cannot pin the new table of sources");
	r = merge_counts(guard, resize, why);
	closep(&resize->old_tags);
	closep(&resize->old_sources);
	closep(&resize->old_buckets);
	resize->old_tags = resize->old_sources = resize->old_buckets = -1;
	return r;
}
