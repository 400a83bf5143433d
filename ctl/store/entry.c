/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entry.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "directory.h"
#include "policy/input.h"
#include "write.h"

#define ENTRY "entry.json"
#define ENTRY_SIZE_MAX (1u << 20)
#define FILE_NAME_SIZE 32
#define UNCONFIRMED "unconfirmed"

void entry_free(struct entry **entry)
{
	struct entry *e = *entry;

	if (!e)
		return;
	for (size_t i = 0; i < e->n_interfaces; i++)
		free(e->interfaces[i]);
	free(e->interfaces);
	free(e->name);
	free(e->path);
	free(e->by);
	free(e->from);
	free(e->how);
	free(e);
	*entry = NULL;
}

/* The first is the policy; the others are lists, by number: their names may be paths. */
static const char *file_name(size_t i, char name[FILE_NAME_SIZE])
{
	if (i == 0)
		return "policy.yaml";
	snprintf(name, FILE_NAME_SIZE, "list-%zu", i);
	return name;
}

/* What is not known is null there. */
static int add_string(json_object *json, const char *key, const char *text)
{
	if (!text)
		return json_object_object_add(json, key, NULL) < 0 ? -ENOMEM : 0;
	return json_add(json, key, json_object_new_string(text));
}

static int add_number(json_object *json, const char *key, uint64_t number)
{
	return json_add(json, key, json_object_new_uint64(number));
}

static int add_names(json_object *json, const struct entry *entry, const struct copies *copies)
{
	json_object *interfaces = json_object_new_array(), *lists;
	int r = json_add(json, "interfaces", interfaces);

	for (size_t i = 0; r == 0 && i < entry->n_interfaces; i++)
		r = json_append(interfaces, json_object_new_string(entry->interfaces[i]));
	if (r < 0)
		return r;
	lists = json_object_new_array();
	r = json_add(json, "lists", lists);
	for (size_t i = 1; r == 0 && i < copies->n; i++)
		r = json_append(lists, json_object_new_string(copies->items[i].name));
	return r;
}

static int to_json(const struct entry *entry, const struct copies *copies, uint64_t bytes,
		   json_object *json)
{
	int r = add_number(json, "number", entry->number);

	r = r ?: add_number(json, "applied_ns", entry->applied_ns);
	r = r ?: add_number(json, "hash", entry->hash);
	r = r ?: add_string(json, "name", entry->name);
	r = r ?: add_string(json, "path", entry->path);
	r = r ?: add_string(json, "by", entry->by);
	r = r ?: add_string(json, "from", entry->from);
	r = r ?: add_string(json, "how", entry->how);
	r = r ?: add_number(json, "bytes", bytes);
	r = r ?: add_number(json, "rolled_back", entry->rolled_back);
	r = r ?: json_add(json, UNCONFIRMED, json_object_new_boolean(entry->is_unconfirmed));
	return r ?: add_names(json, entry, copies);
}

static int write_file(int directory, const char *name, int from, uint64_t *bytes)
{
	_cleanup_close_ int to =
		openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	off_t size;
	int r;

	if (to < 0 || lseek(from, 0, SEEK_SET) < 0)
		return -errno;
	r = write_copy(from, to, UINT64_MAX);
	if (r < 0)
		return r;
	size = lseek(to, 0, SEEK_CUR);
	if (size < 0 || fsync(to) < 0)
		return -errno;
	*bytes += (uint64_t)size;
	return 0;
}

static int write_json(int directory, json_object *json)
{
	const char *text = json_whole_text(json, JSON_C_TO_STRING_PRETTY);

	return text ? directory_write(directory, ENTRY, text, strlen(text)) : -ENOMEM;
}

int entry_write(int directory, const struct entry *entry, const struct copies *copies)
{
	_cleanup_(json_free) json_object *json = json_object_new_object();
	char name[FILE_NAME_SIZE];
	uint64_t bytes = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < copies->n; i++)
		r = write_file(directory, file_name(i, name), copies->items[i].fd, &bytes);
	if (r == 0)
		r = to_json(entry, copies, bytes, json);
	return r ?: write_json(directory, json);
}

static uint64_t get_number(const json_object *json, const char *key)
{
	return json_object_get_uint64(json_object_object_get(json, key));
}

/* -ENOMEM; what is not there is NULL. */
static int get_string(const json_object *json, const char *key, char **ret_text)
{
	const char *text = json_object_get_string(json_object_object_get(json, key));

	*ret_text = text ? strdup(text) : NULL;
	return text && !*ret_text ? -ENOMEM : 0;
}

static size_t length_of(const json_object *json, const char *key)
{
	const json_object *array = json_object_object_get(json, key);

	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static const char *text_in(const json_object *json, const char *key, size_t i)
{
	return json_object_get_string(
		json_object_array_get_idx(json_object_object_get(json, key), i));
}

static int read_interfaces(const json_object *json, struct entry *entry)
{
	size_t n = length_of(json, "interfaces");

	entry->interfaces = calloc(n + 1, sizeof(*entry->interfaces));
	if (!entry->interfaces)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		entry->interfaces[i] = strdup(text_in(json, "interfaces", i) ?: "");
		if (!entry->interfaces[i])
			return -ENOMEM;
		entry->n_interfaces++;
	}
	return 0;
}

static int from_json(const json_object *json, struct entry *entry)
{
	int r = get_string(json, "name", &entry->name) ?: get_string(json, "path", &entry->path);

	r = r ?: get_string(json, "by", &entry->by) ?: get_string(json, "from", &entry->from);
	r = r ?: get_string(json, "how", &entry->how) ?: read_interfaces(json, entry);
	if (r < 0)
		return r;
	entry->number = get_number(json, "number");
	entry->applied_ns = get_number(json, "applied_ns");
	entry->hash = get_number(json, "hash");
	entry->bytes = get_number(json, "bytes");
	entry->rolled_back = get_number(json, "rolled_back");
	entry->is_unconfirmed = json_object_get_boolean(json_object_object_get(json, UNCONFIRMED));
	return entry->number && entry->name && entry->path && entry->by && entry->how ? 0
										      : -EBADMSG;
}

static int read_json(int directory, json_object **ret_json)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = directory_read(directory, ENTRY, ENTRY_SIZE_MAX, &text, &size);

	if (r < 0)
		return r;
	*ret_json = json_tokener_parse(text);
	return *ret_json ? 0 : -EBADMSG;
}

int entry_read(int directory, struct entry **ret_entry)
{
	_cleanup_(entry_free) struct entry *entry = calloc(1, sizeof(*entry));
	_cleanup_(json_free) json_object *json = NULL;
	int r;

	if (!entry)
		return -ENOMEM;
	r = read_json(directory, &json);
	if (r == 0)
		r = from_json(json, entry);
	if (r < 0)
		return r;
	*ret_entry = take_ptr(entry);
	return 0;
}

int entry_confirm(int directory)
{
	_cleanup_(json_free) json_object *json = NULL;
	int r = read_json(directory, &json);

	if (r < 0)
		return r;
	json_object_object_del(json, UNCONFIRMED);
	return write_json(directory, json);
}

bool entry_is_same(const struct entry *a, const struct entry *b)
{
	if (a->hash != b->hash || a->n_interfaces != b->n_interfaces)
		return false;
	for (size_t i = 0; i < a->n_interfaces; i++)
		if (strcmp(a->interfaces[i], b->interfaces[i]) != 0)
			return false;
	return true;
}

static int open_copy(int directory, size_t i, const char *name, struct copies *copies)
{
	char file[FILE_NAME_SIZE];
	uint64_t size;
	int fd, r = file_open_at(directory, file_name(i, file), O_RDONLY | O_NOFOLLOW, 0, &fd,
				 &size);

	return r < 0 ? r : copies_add(copies, name, fd);
}

int entry_open_copies(int directory, struct copies *ret_copies)
{
	_cleanup_(copies_release) struct copies copies = {.is_complete = true};
	_cleanup_(json_free) json_object *json = NULL;
	int r = read_json(directory, &json);

	if (r == 0)
		r = open_copy(directory, 0, NULL, &copies);
	for (size_t i = 0; r == 0 && i < length_of(json, "lists"); i++)
		r = open_copy(directory, i + 1, text_in(json, "lists", i), &copies);
	if (r < 0)
		return r;
	*ret_copies = copies;
	copies = (struct copies){};
	return 0;
}
