/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "saved_blocks.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "out_file.h"
#include "policy/input.h"

#define HEADER "{\"xdpguard\":\"blocks\",\"version\":1}\n"
#define LINE_MAX_SIZE 4096
/* A full table of blocks, 1M of them with the longest notes, is less. */
#define BYTES_MAX (512u << 20)

struct saved_blocks {
	struct out_file file;
};

void saved_blocks_abort(struct saved_blocks **saved)
{
	if (!*saved)
		return;
	out_file_abort(&(*saved)->file);
	free(*saved);
	*saved = NULL;
}

int saved_blocks_begin(const char *path, struct saved_blocks **ret_saved, struct why *why)
{
	_cleanup_(saved_blocks_abort) struct saved_blocks *saved = malloc(sizeof(*saved));
	int r;

	if (!saved)
		return -ENOMEM;
	saved->file = (struct out_file)OUT_FILE_NONE;
	r = out_file_begin(path, &saved->file, why);
	if (r < 0)
		return r;
	if (fputs(HEADER, saved->file.out) < 0)
		return why_set(why, -errno, "%s: %s", path, strerror(errno));
	*ret_saved = take_ptr(saved);
	return 0;
}

static int add_time(json_object *json, const char *key, uint64_t ns)
{
	if (ns == SAVED_FOREVER)
		return json_object_object_add(json, key, NULL) < 0 ? -ENOMEM : 0;
	return json_add(json, key, json_object_new_uint64(ns));
}

static int add_text(json_object *json, const char *key, const char *text)
{
	if (!*text)
		return json_object_object_add(json, key, NULL) < 0 ? -ENOMEM : 0;
	return json_add(json, key, json_object_new_string(text));
}

static int add_flag(json_object *json, const char *key, bool flag)
{
	return json_add(json, key, json_object_new_boolean(flag));
}

int saved_blocks_add(struct saved_blocks *saved, const struct saved_block *block)
{
	_cleanup_(json_free) json_object *json = json_object_new_object();
	char prefix[ADDRESS_TEXT_SIZE];
	const char *text;
	int r = json ? 0 : -ENOMEM;

	r = r ?: add_text(json, "prefix", prefix_format(&block->prefix, prefix));
	r = r ?: add_time(json, "since_ns", block->since_ns);
	r = r ?: add_time(json, "until_ns", block->until_ns);
	r = r ?: add_time(json, "forget_ns", block->forget_ns);
	r = r ?: json_add(json, "relapses", json_object_new_uint64(block->relapses));
	r = r ?: add_flag(json, "by_hand", block->is_by_hand);
	r = r ?: add_flag(json, "monitor", block->is_monitor);
	r = r ?: add_text(json, "rule", block->rule);
	r = r ?: add_text(json, "reason", block->reason);
	text = r < 0 ? NULL : json_whole_text(json, JSON_C_TO_STRING_PLAIN);
	if (!text)
		return -ENOMEM;
	return fprintf(saved->file.out, "%s\n", text) < 0 ? -errno : 0;
}

int saved_blocks_end(struct saved_blocks **saved, struct why *why)
{
	int r = out_file_end(&(*saved)->file, why);

	saved_blocks_abort(saved);
	return r;
}

/* False: it has another type or is out of range. Null and nothing are `none`. */
static bool get_number(const json_object *json, const char *key, uint64_t none,
		       uint64_t *ret_number)
{
	const json_object *value = json_object_object_get(json, key);

	if (!value) {
		*ret_number = none;
		return true;
	}
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    json_object_get_uint64(value) == UINT64_MAX) /* that, or more */
		return false;
	*ret_number = json_object_get_uint64(value);
	return true;
}

static bool get_text(const json_object *json, const char *key, char text[SAVED_TEXT_SIZE])
{
	json_object *value = json_object_object_get(json, key);
	const char *found = value ? json_object_get_string(value) : "";

	if (strlen(found) >= SAVED_TEXT_SIZE)
		return false;
	strcpy(text, found);
	return true;
}

static bool parse(const char *line, struct saved_block *block)
{
	_cleanup_(json_free) json_object *json = json_tokener_parse(line);
	const char *prefix = json_object_get_string(json_object_object_get(json, "prefix"));
	bool has_host_bits;
	uint64_t relapses;

	if (!json_object_is_type(json, json_type_object) || !prefix ||
	    prefix_parse(prefix, &block->prefix, &has_host_bits) < 0)
		return false;
	if (!get_number(json, "since_ns", 0, &block->since_ns) ||
	    !get_number(json, "until_ns", SAVED_FOREVER, &block->until_ns) ||
	    !get_number(json, "forget_ns", SAVED_FOREVER, &block->forget_ns) ||
	    !get_number(json, "relapses", 0, &relapses))
		return false;
	block->relapses = relapses < UINT32_MAX ? (uint32_t)relapses : UINT32_MAX;
	block->is_by_hand = json_object_get_boolean(json_object_object_get(json, "by_hand"));
	block->is_monitor = json_object_get_boolean(json_object_object_get(json, "monitor"));
	return get_text(json, "rule", block->rule) && get_text(json, "reason", block->reason);
}

static FILE *open_in(const char *path, struct why *why)
{
	uint64_t size;
	int fd, r = input_open(path, &fd, &size);

	if (r == 0 && size > BYTES_MAX) {
		close(fd);
		errno = EFBIG;
		why_set(why, -EFBIG, "%s: over 512 MiB", path);
		return NULL;
	}
	if (r < 0) {
		errno = -r;
		why_set(why, r, "%s: %s", path, input_strerror(r));
		return NULL;
	}
	return fdopen(fd, "r");
}

int saved_blocks_read(const char *path, int (*each)(const struct saved_block *block, void *data),
		      void *data, struct why *why)
{
	_cleanup_fclose_ FILE *in = open_in(path, why);
	char line[LINE_MAX_SIZE];
	size_t all = 0; /* standard input has no size to look at beforehand */
	int r = 0;

	if (!in)
		return -errno;
	if (!fgets(line, sizeof(line), in) || strcmp(line, HEADER) != 0)
		return why_set(why, -EBADMSG, "%s:1: not written by xdpguard save", path);
	for (unsigned number = 2; r == 0 && fgets(line, sizeof(line), in); number++) {
		struct saved_block block = {};

		all += strlen(line);
		if (all > BYTES_MAX)
			return why_set(why, -EFBIG, "%s: over 512 MiB", path);
		if (!parse(line, &block))
			return why_set(why, -EBADMSG, "%s:%u: not a block that xdpguard save wrote",
				       path, number);
		r = each(&block, data);
	}
	if (r == 0 && ferror(in))
		return why_set(why, -EIO, "%s: %s", path, strerror(EIO));
	return r;
}
