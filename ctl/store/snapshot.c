/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "json_text.h"
#include "policy/input.h"
#include "snapshot_rows.h"

#define NS_PER_S UINT64_C(1000000000)
#define LOOK_SIZE 128 /* of the start of a file, where it says what it is */

enum member {
	KIND,
	VERSION,
	TAKEN,
	CLOCK,
	GUARD,
	RESETS,
	STATUS,
	RULES,
	SOURCES,
	BLOCKS,
	MEMBERS,
};

static const char *const names[MEMBERS] = {
	[KIND] = "xdpguard",   [VERSION] = "version", [TAKEN] = "taken",   [CLOCK] = "clock",
	[GUARD] = "guard",     [RESETS] = "resets",   [STATUS] = "status", [RULES] = "rules",
	[SOURCES] = "sources", [BLOCKS] = "blocks",
};

/* One reading. */
struct reader {
	struct json_text text;
	struct snapshot *snapshot;
	bool has[MEMBERS];
	struct why *why; /* what is wrong, without the place */
};

void snapshot_free(struct snapshot **snapshot)
{
	struct snapshot *s = *snapshot;

	if (!s)
		return;
	for (unsigned i = 0; i < SNAPSHOT_LISTS; i++)
		free(s->lists[i].items);
	free(s->blocks.items);
	free(s);
	*snapshot = NULL;
}

static int wrong(struct reader *reader, const char *text)
{
	return why_set(reader->why, -EBADMSG, "%s", text);
}

static int not_one(struct reader *reader)
{
	return wrong(reader, "not written by xdpguard snapshot");
}

static int not_json(struct reader *reader)
{
	return wrong(reader, "not JSON, or cut off");
}

static int check_kind(struct reader *reader, const json_object *value)
{
	const char *kind = json_object_is_type(value, json_type_string)
				   ? json_object_get_string((json_object *)value)
				   : "";

	return strcmp(kind, "snapshot") != 0 ? not_one(reader) : 0;
}

static int check_version(struct reader *reader, const json_object *value)
{
	int64_t version = json_object_is_type(value, json_type_int) ? json_object_get_int64(value)
								    : 0;

	if (version == SNAPSHOT_VERSION)
		return 0;
	return why_set(reader->why, -EBADMSG,
		       "a snapshot of version %lld: this xdpguard reads version %d",
		       (long long)version, SNAPSHOT_VERSION);
}

/* RFC 3339 in UTC with milliseconds, as it is written. */
static int read_time(struct reader *reader, const json_object *value, uint64_t *ret_ns)
{
	const char *text = json_object_is_type(value, json_type_string)
				   ? json_object_get_string((json_object *)value)
				   : "";
	struct tm tm = {};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S.", &tm);
	time_t seconds = rest ? timegm(&tm) : -1;
	char *end = NULL;
	unsigned long ms = 0;

	if (rest && strspn(rest, "0123456789") == 3)
		ms = strtoul(rest, &end, 10);
	if (!end || strcmp(end, "Z") != 0 || seconds < 0 ||
	    (uint64_t)seconds > INT64_MAX / NS_PER_S)
		return wrong(reader, "\"taken\": expected a time such as "
				     "\"2026-01-31T23:59:59.250Z\"");
	*ret_ns = (uint64_t)seconds * NS_PER_S + ms * 1000000;
	return 0;
}

static int read_resets(struct reader *reader, const json_object *value)
{
	uint64_t *resets = reader->snapshot->resets;

	if (!json_object_is_type(value, json_type_object))
		return wrong(reader, "\"resets\": expected an object");
	return snapshot_number(value, "sources", &resets[0], reader->why)
		       ?: snapshot_number(value, "rules", &resets[1], reader->why)
		       ?: snapshot_number(value, "reasons", &resets[2], reader->why);
}

static int read_rows(struct reader *reader, const json_object *status, const char *key,
		     enum snapshot_list list)
{
	const json_object *rows = json_object_object_get(status, key);
	int r = 0;

	if (!json_object_is_type(rows, json_type_array))
		return why_set(reader->why, -EBADMSG, "\"status\": \"%s\": expected a list", key);
	for (size_t i = 0; r == 0 && i < json_object_array_length(rows); i++)
		r = snapshot_rows_add(reader->snapshot, list, json_object_array_get_idx(rows, i),
				      reader->why);
	return r;
}

static int read_status(struct reader *reader, const json_object *value)
{
	struct snapshot *s = reader->snapshot;
	struct why *why = reader->why;

	if (!json_object_is_type(value, json_type_object))
		return wrong(reader, "\"status\": expected an object");
	return snapshot_text(value, "policy", s->policy, sizeof(s->policy), why)
		       ?: snapshot_text(value, "hash", s->hash, sizeof(s->hash), why)
		       ?: snapshot_text(value, "applied", s->applied, sizeof(s->applied), why)
		       ?: read_rows(reader, value, "verdicts", SNAPSHOT_VERDICTS)
		       ?: read_rows(reader, value, "reasons", SNAPSHOT_REASONS)
		       ?: read_rows(reader, value, "traffic", SNAPSHOT_INTERFACES);
}

static int read_list(struct reader *reader, enum member member)
{
	int r;

	if (!json_text_open(&reader->text, '['))
		return why_set(reader->why, -EBADMSG, "\"%s\": expected a list", names[member]);
	while ((r = json_text_next(&reader->text, ']')) > 0) {
		_cleanup_(json_free) json_object *value = NULL;

		if (json_text_value(&reader->text, &value) < 0)
			return not_json(reader);
		r = member == BLOCKS
			    ? snapshot_blocks_add(reader->snapshot, value, reader->why)
			    : snapshot_rows_add(reader->snapshot,
						member == RULES ? SNAPSHOT_RULES : SNAPSHOT_SOURCES,
						value, reader->why);
		if (r < 0)
			return r;
	}
	return r < 0 ? not_json(reader) : 0;
}

static int read_value(struct reader *reader, enum member member)
{
	_cleanup_(json_free) json_object *value = NULL, *whole = NULL;
	struct snapshot *s = reader->snapshot;

	if (json_text_value(&reader->text, &value) < 0)
		return not_json(reader);
	switch (member) {
	case KIND:
		return check_kind(reader, value);
	case VERSION:
		return check_version(reader, value);
	case TAKEN:
		return read_time(reader, value, &s->taken_ns);
	case RESETS:
		return read_resets(reader, value);
	case STATUS:
		return read_status(reader, value);
	default:
		break;
	}
	/* A value alone is read as one of an object. */
	whole = json_object_new_object();
	if (!whole || json_object_object_add(whole, names[member], json_object_get(value)) < 0)
		return -ENOMEM;
	return member == CLOCK ? snapshot_number(whole, names[CLOCK], &s->clock_ns, reader->why)
			       : snapshot_text(whole, names[GUARD], s->guard, sizeof(s->guard),
					       reader->why);
}

static enum member find_member(const char *name)
{
	unsigned i = 0;

	while (i < MEMBERS && strcmp(names[i], name) != 0)
		i++;
	return i;
}

static int read_member(struct reader *reader)
{
	_cleanup_free_ char *name = NULL;
	enum member member;

	if (json_text_name(&reader->text, &name) < 0)
		return not_json(reader);
	member = find_member(name);
	if (member == MEMBERS)
		return json_text_skip(&reader->text) < 0 ? not_json(reader) : 0;
	if (reader->has[member])
		return why_set(reader->why, -EBADMSG, "\"%s\" is there twice", name);
	reader->has[member] = true;
	return member >= RULES ? read_list(reader, member) : read_value(reader, member);
}

static int read_all(struct reader *reader)
{
	int r;

	if (!json_text_open(&reader->text, '{'))
		return not_one(reader);
	while ((r = json_text_next(&reader->text, '}')) > 0) {
		r = read_member(reader);
		if (r < 0)
			return r;
	}
	if (r < 0 || !json_text_is_over(&reader->text))
		return not_json(reader);
	if (!reader->has[KIND])
		return not_one(reader);
	for (unsigned i = 0; i < MEMBERS; i++)
		if (!reader->has[i])
			return why_set(reader->why, -EBADMSG, "\"%s\" is missing", names[i]);
	return snapshot_rows_join(reader->snapshot);
}

static void reader_release(struct reader *reader)
{
	json_text_end(&reader->text);
	snapshot_free(&reader->snapshot);
}

int snapshot_parse(const char *name, const char *text, size_t size, struct snapshot **ret_snapshot,
		   struct why *why)
{
	struct why trouble = {};
	_cleanup_(reader_release) struct reader reader = {
		.snapshot = calloc(1, sizeof(*reader.snapshot)),
		.why = &trouble,
	};
	int r = reader.snapshot ? json_text_begin(text, size, &reader.text) : -ENOMEM;

	if (r == 0)
		r = read_all(&reader);
	if (r == -ENOMEM)
		return why_set(why, r, "%s: not enough memory", name);
	if (r < 0)
		return why_set(why, r, "%s:%zu: %s", name, json_text_line(&reader.text),
			       trouble.text);
	*ret_snapshot = take_ptr(reader.snapshot);
	return 0;
}

int snapshot_read(const char *path, struct snapshot **ret_snapshot, struct why *why)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;
	uint64_t file_size;
	size_t size = 0;
	int r = input_open(path, &fd, &file_size);

	if (r == 0)
		r = file_size > SNAPSHOT_SIZE_MAX
			    ? -EFBIG
			    : input_read_all(fd, SNAPSHOT_SIZE_MAX, &text, &size);
	if (r == -EFBIG)
		return why_set(why, r, "%s: larger than 2 GiB, and no snapshot is", path);
	if (r < 0)
		return why_set(why, r, "%s: %s", path, input_strerror(r));
	return snapshot_parse(path, text, size, ret_snapshot, why);
}

bool snapshot_is_one(const char *path)
{
	_cleanup_close_ int fd = -1;
	char start[LOOK_SIZE + 1] = "";
	char kind[16];
	uint64_t size;

	if (!strcmp(path, "-") || input_open(path, &fd, &size) < 0 ||
	    input_read(fd, start, LOOK_SIZE) < 0)
		return false;
	return sscanf(start, " { \"xdpguard\" : \"%15[a-z]\"", kind) == 1 &&
	       !strcmp(kind, "snapshot");
}
