/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot that somebody hands in. It is read an element at a time; json-c, which reads it whole, must find the same
 * numbers. Compared with itself it is the same, with an empty one nothing is lost, and no count is more than was read.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cmd/snapshot_changes.h"
#include "fuzz.h"

static const char *const keys[] = {"sources", "rules"};
static const char *const packets[] = {"packets", "hits"};
static const enum snapshot_list lists[] = {SNAPSHOT_SOURCES, SNAPSHOT_RULES};

static uint64_t sum_read(const struct snapshot_rows *rows)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (__builtin_add_overflow(sum, rows->items[i].counts[SNAPSHOT_PACKETS], &sum))
			return UINT64_MAX;
	return sum;
}

static uint64_t sum_whole(const json_object *list, const char *key)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const json_object *row = json_object_array_get_idx(list, i);
		uint64_t number = json_object_get_uint64(json_object_object_get(row, key));

		if (__builtin_add_overflow(sum, number, &sum))
			return UINT64_MAX;
	}
	return sum;
}

static void check_against_json_c(const struct snapshot *snapshot, const char *text)
{
	_cleanup_(json_free) json_object *whole = json_tokener_parse(text);

	FUZZ_EXPECT(whole);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_object *list = json_object_object_get(whole, keys[i]);

		FUZZ_EXPECT(snapshot->lists[lists[i]].n <= json_object_array_length(list));
		FUZZ_EXPECT(sum_read(&snapshot->lists[lists[i]]) == sum_whole(list, packets[i]));
	}
}

static void check_changes(const struct snapshot *before, const struct snapshot *after)
{
	_cleanup_(snapshot_changes_release) struct snapshot_changes changes = {};
	int r = snapshot_compare(before, after, &changes);

	FUZZ_EXPECT(r == 0 || r == -EINVAL);
	for (unsigned list = 0; list < SNAPSHOT_LISTS; list++)
		for (size_t i = 0; i < changes.lists[list].n; i++) {
			const struct row_change *change = &changes.lists[list].items[i];
			uint64_t rate;

			for (unsigned n = 0; n < SNAPSHOT_COUNTS; n++) {
				FUZZ_EXPECT(change->counts[n] <= change->row->counts[n]);
				snapshot_rate(&changes, list, change, change->counts[n], &rate);
			}
		}
	FUZZ_EXPECT(before != after || (r == 0 && changes.is_same));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct snapshot empty;
	_cleanup_(snapshot_free) struct snapshot *snapshot = NULL;
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct why why = {};
	int r;

	FUZZ_EXPECT(text);
	r = snapshot_parse("fuzz", text, strlen(text), &snapshot, &why);
	FUZZ_EXPECT(r == 0 || (r == -EBADMSG && why.text[0]));
	if (r < 0)
		return 0;
	check_against_json_c(snapshot, text);
	check_changes(snapshot, snapshot);
	check_changes(&empty, snapshot);
	check_changes(snapshot, &empty);
	return 0;
}
