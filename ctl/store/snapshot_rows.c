/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* What the members are called. */
static const struct {
	const char *name;
	const char *counts[SNAPSHOT_COUNTS]; /* NULL: the list has none */
} members[SNAPSHOT_LISTS] = {
	[SNAPSHOT_VERDICTS] = {"verdict",
			       {[SNAPSHOT_PACKETS] = "packets", [SNAPSHOT_BYTES] = "bytes"}},
	[SNAPSHOT_REASONS] = {"reason",
			      {[SNAPSHOT_PACKETS] = "packets",
			       [SNAPSHOT_BYTES] = "bytes",
			       [SNAPSHOT_WOULD_DROP] = "would_drop"}},
	[SNAPSHOT_INTERFACES] = {"interface",
				 {[SNAPSHOT_PASSED] = "passed",
				  [SNAPSHOT_PASSED_BYTES] = "passed_bytes",
				  [SNAPSHOT_DROPPED] = "dropped",
				  [SNAPSHOT_DROPPED_BYTES] = "dropped_bytes",
				  [SNAPSHOT_WOULD_DROP] = "would_drop"}},
	[SNAPSHOT_RULES] = {"name",
			    {"hits", "bytes", "passed", "passed_bytes", "dropped", "dropped_bytes",
			     "would_drop", "would_drop_bytes"}},
	[SNAPSHOT_SOURCES] = {"address",
			      {[SNAPSHOT_PACKETS] = "packets",
			       [SNAPSHOT_BYTES] = "bytes",
			       [SNAPSHOT_PASSED] = "passed",
			       [SNAPSHOT_DROPPED] = "dropped",
			       [SNAPSHOT_WOULD_DROP] = "would_drop"}},
};

static int wrong(const char *key, const char *expected, struct why *why)
{
	return why_set(why, -EBADMSG, "\"%s\": expected %s", key, expected);
}

int snapshot_text(const json_object *json, const char *key, char *text, size_t size,
		  struct why *why)
{
	json_object *value;
	size_t length;

	if (!json_object_object_get_ex(json, key, &value) ||
	    (value && !json_object_is_type(value, json_type_string)))
		return wrong(key, "a string", why);
	length = value ? (size_t)json_object_get_string_len(value) : 0;
	if (length >= size)
		return wrong(key, "a shorter string", why);
	if (value && memchr(json_object_get_string(value), '\0', length))
		return wrong(key, "a string without NUL", why);
	memcpy(text, value ? json_object_get_string(value) : "", length + 1);
	return 0;
}

/* json-c takes what is too large for the largest number, which no counter ever reaches. */
int snapshot_number(const json_object *json, const char *key, uint64_t *ret_number, struct why *why)
{
	json_object *value = json_object_object_get(json, key);

	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    json_object_get_uint64(value) == UINT64_MAX)
		return wrong(key, "a number from 0, of 64 bits", why);
	*ret_number = json_object_get_uint64(value);
	return 0;
}

static int required_text(const json_object *json, const char *key, char text[SNAPSHOT_TEXT_SIZE],
			 struct why *why)
{
	int r = snapshot_text(json, key, text, SNAPSHOT_TEXT_SIZE, why);

	return r == 0 && !text[0] ? wrong(key, "a string that is not empty", why) : r;
}

static int make_room(void *items, size_t n, size_t *n_allocated, size_t size)
{
	size_t wanted = *n_allocated ? 2 * *n_allocated : 64;
	void *grown;

	if (n < *n_allocated)
		return 0;
	grown = reallocarray(*(void **)items, wanted, size);
	if (!grown)
		return -ENOMEM;
	*(void **)items = grown;
	*n_allocated = wanted;
	return 0;
}

static int read_row(enum snapshot_list list, const json_object *json, struct snapshot_row *row,
		    struct why *why)
{
	int r = required_text(json, members[list].name, row->name, why);

	for (unsigned i = 0; r == 0 && i < SNAPSHOT_COUNTS; i++)
		if (members[list].counts[i])
			r = snapshot_number(json, members[list].counts[i], &row->counts[i], why);
	if (r < 0 || list != SNAPSHOT_SOURCES)
		return r;
	r = snapshot_number(json, "entered", &row->entered, why);
	return r < 0 ? r : snapshot_text(json, "rule", row->rule, sizeof(row->rule), why);
}

int snapshot_rows_add(struct snapshot *snapshot, enum snapshot_list list, const json_object *json,
		      struct why *why)
{
	struct snapshot_rows *rows = &snapshot->lists[list];
	struct snapshot_row row = {};
	int r;

	if (!json_object_is_type(json, json_type_object))
		return why_set(why, -EBADMSG, "expected an object");
	r = read_row(list, json, &row, why);
	if (r == 0)
		r = make_room(&rows->items, rows->n, &rows->n_allocated, sizeof(*rows->items));
	if (r < 0)
		return r;
	rows->items[rows->n++] = row;
	return 0;
}

int snapshot_blocks_add(struct snapshot *snapshot, const json_object *json, struct why *why)
{
	struct snapshot_blocks *blocks = &snapshot->blocks;
	struct snapshot_block block = {};
	int r;

	if (!json_object_is_type(json, json_type_object))
		return why_set(why, -EBADMSG, "expected an object");
	r = required_text(json, "prefix", block.prefix, why)
		    ?: required_text(json, "until", block.until, why)
		    ?: required_text(json, "since", block.since, why)
		    ?: required_text(json, "by", block.by, why);
	if (r == 0)
		r = snapshot_text(json, "rule", block.rule, sizeof(block.rule), why)
			    ?: snapshot_text(json, "reason", block.reason, sizeof(block.reason),
					     why);
	if (r == 0)
		r = make_room(&blocks->items, blocks->n, &blocks->n_allocated,
			      sizeof(*blocks->items));
	if (r < 0)
		return r;
	blocks->items[blocks->n++] = block;
	return 0;
}

/* The first one first. */
static int by_name(const void *a, const void *b)
{
	const struct snapshot_row *x = *(struct snapshot_row *const *)a;
	const struct snapshot_row *y = *(struct snapshot_row *const *)b;

	return strcmp(x->name, y->name) ?: (x > y) - (x < y);
}

static void add_up(struct snapshot_row *row, const struct snapshot_row *twin)
{
	for (unsigned i = 0; i < SNAPSHOT_COUNTS; i++)
		if (__builtin_add_overflow(row->counts[i], twin->counts[i], &row->counts[i]))
			row->counts[i] = UINT64_MAX;
	if (twin->entered < row->entered)
		row->entered = twin->entered;
}

/* Keeps those that have a name. */
static void compact(struct snapshot_rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->items[i].name[0] && n++ != i)
			rows->items[n - 1] = rows->items[i];
	rows->n = n;
}

static int join(struct snapshot_rows *rows)
{
	_cleanup_free_ struct snapshot_row **sorted =
		calloc(rows->n + 1, sizeof(struct snapshot_row *));
	bool has_twins = false;
	size_t first = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < rows->n; i++)
		sorted[i] = &rows->items[i];
	qsort(sorted, rows->n, sizeof(struct snapshot_row *), by_name);
	for (size_t i = 1; i < rows->n; i++) {
		if (strcmp(sorted[i]->name, sorted[first]->name) != 0) {
			first = i;
			continue;
		}
		add_up(sorted[first], sorted[i]);
		has_twins = true;
		sorted[i]->name[0] = '\0';
	}
	if (has_twins)
		compact(rows);
	return 0;
}

static int by_prefix(const void *a, const void *b)
{
	const struct snapshot_block *x = a, *y = b;

	return strcmp(x->prefix, y->prefix);
}

static void sort_blocks(struct snapshot_blocks *blocks)
{
	size_t n = 0;

	if (blocks->n)
		qsort(blocks->items, blocks->n, sizeof(*blocks->items), by_prefix);
	for (size_t i = 0; i < blocks->n; i++)
		if (!n || by_prefix(&blocks->items[n - 1], &blocks->items[i]) != 0)
			blocks->items[n++] = blocks->items[i];
	blocks->n = n;
}

int snapshot_rows_join(struct snapshot *snapshot)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < SNAPSHOT_LISTS; i++)
		r = join(&snapshot->lists[i]);
	sort_blocks(&snapshot->blocks);
	return r;
}
