/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "input.h"

#define KEYS_MAX 32
#define NAME_MAX_LENGTH 63

__attribute__((format(printf, 4, 0))) static void report(struct loader *loader, bool is_error,
							 const struct node *node,
							 const char *format, va_list arguments)
{
	_cleanup_free_ char *text = NULL;

	if (is_error && node->is_reported)
		return;
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	if (!text)
		loader->error = -ENOMEM;
	else
		document_report(loader->document, loader->diagnostics, is_error, node, "%s", text);
}

void loader_error(struct loader *loader, const struct node *node, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(loader, true, node, format, arguments);
	va_end(arguments);
}

void loader_warn(struct loader *loader, const struct node *node, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report(loader, false, node, format, arguments);
	va_end(arguments);
}

static struct node node_at(const struct place *place)
{
	return (struct node){.line = place->line, .column = place->column, .length = place->length};
}

void loader_warn_at(struct loader *loader, const struct place *place, const char *format, ...)
{
	struct node node = node_at(place);
	va_list arguments;

	va_start(arguments, format);
	report(loader, false, &node, format, arguments);
	va_end(arguments);
}

void loader_error_at(struct loader *loader, const struct place *place, const char *format, ...)
{
	struct node node = node_at(place);
	va_list arguments;

	va_start(arguments, format);
	report(loader, true, &node, format, arguments);
	va_end(arguments);
}

int loader_open(const struct loader *loader, const char *name, const char *path, int *ret_fd,
		uint64_t *ret_size)
{
	const struct load_context *context = loader->context;

	if (context->open)
		return context->open(context->open_data, name, path, ret_fd, ret_size);
	return input_open(path, ret_fd, ret_size);
}

struct place loader_place(const struct loader *loader, const struct node *node)
{
	return (struct place){
		.file = loader->document->file,
		.line = node->line,
		.column = node->column,
		.length = node->length,
	};
}

void *loader_alloc(struct loader *loader, size_t n, size_t size)
{
	void *memory = calloc(n ? n : 1, size);

	if (!memory)
		loader->error = -ENOMEM;
	return memory;
}

char *loader_copy(struct loader *loader, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		loader->error = -ENOMEM;
	return copy;
}

void loader_unexpected(struct loader *loader, const struct node *node, const char *expected)
{
	char path[NODE_PATH_SIZE];

	node_path(node, path);
	if (node->is_reported)
		return;
	if (node_is_null(node))
		loader_error(loader, node->key ? node->key : node, "%s has no value: expected %s",
			     path, expected);
	else if (node->kind == NODE_TEXT)
		loader_error(loader, node, "%s \"%.64s\": expected %s", *path ? path : "the policy",
			     node->text, expected);
	else
		loader_error(loader, node, "%s: expected %s, found a %s",
			     *path ? path : "the policy", expected,
			     node->kind == NODE_LIST ? "list" : "mapping");
}

const char *loader_suggest(struct loader *loader, const char *word, const char *const *candidates,
			   size_t n_candidates, char text[LOADER_SUGGESTION_SIZE])
{
	const char *nearest = diagnostics_shows_more(loader->diagnostics)
				      ? diagnostic_nearest(word, candidates, n_candidates)
				      : NULL;

	text[0] = '\0';
	if (nearest)
		snprintf(text, LOADER_SUGGESTION_SIZE, "; did you mean \"%.64s\"?", nearest);
	return nearest;
}

static void unknown_key(struct loader *loader, struct node *key, const struct loader_key *keys,
			size_t n_keys)
{
	char path[NODE_PATH_SIZE], suggestion[LOADER_SUGGESTION_SIZE];
	const char *names[KEYS_MAX];

	for (size_t i = 0; i < n_keys; i++)
		names[i] = keys[i].name;
	key->meant = loader_suggest(loader, key->text, names, n_keys, suggestion);
	node_path(key->parent, path);
	loader_error(loader, key, "unknown key \"%.64s\"%s%s%s", key->text, *path ? " in " : "",
		     path, suggestion);
}

static bool is_known(const char *name, const struct loader_key *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++)
		if (strcmp(keys[i].name, name) == 0)
			return true;
	return false;
}

void loader_mapping(struct loader *loader, const struct node *node, const struct loader_key *keys,
		    size_t n_keys, void *target)
{
	char expected[64];

	if (node->kind != NODE_MAPPING) {
		snprintf(expected, sizeof(expected), "a mapping with keys such as \"%s\"",
			 keys[0].name);
		loader_unexpected(loader, node, expected);
		return;
	}
	for (size_t i = 0; i < node->n_items; i++)
		if (!is_known(node->items[i].key->text, keys, n_keys))
			unknown_key(loader, node->items[i].key, keys, n_keys);

	for (size_t i = 0; i < n_keys; i++) {
		const struct node *value = node_find(node, keys[i].name);

		if (value)
			keys[i].read(loader, value, (char *)target + keys[i].offset);
	}
}

void loader_each(struct loader *loader, const struct node *node, loader_read *read, void *target)
{
	char path[NODE_PATH_SIZE];

	if (node->kind != NODE_LIST) {
		read(loader, node, target);
		return;
	}
	if (node->n_items == 0)
		loader_error(loader, node, "%s: an empty list", node_path(node, path));
	for (size_t i = 0; i < node->n_items; i++)
		read(loader, node->items[i].value, target);
}

bool loader_text(struct loader *loader, const struct node *node, const char *expected,
		 const char **ret_text)
{
	if (node->kind != NODE_TEXT || node_is_null(node)) {
		loader_unexpected(loader, node, expected);
		return false;
	}
	*ret_text = node->text;
	return true;
}

bool loader_count(struct loader *loader, const struct node *node, uint64_t min, uint64_t max,
		  uint64_t *ret_count)
{
	char expected[96];
	const char *text;
	uint64_t count = 0;
	int r;

	snprintf(expected, sizeof(expected), "a number from %" PRIu64 " to %" PRIu64, min, max);
	if (!loader_text(loader, node, expected, &text))
		return false;
	r = count_parse(text, &count);
	if (r < 0 || count < min || count > max) {
		loader_unexpected(loader, node, expected);
		return false;
	}
	*ret_count = count;
	return true;
}

/* "enforce, monitor or off". */
static void format_choices(const char *const *names, size_t n_names, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n_names && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", names[i],
					   i + 2 < n_names    ? ", "
					   : i + 2 == n_names ? " or "
							      : "");
}

bool loader_choice(struct loader *loader, const struct node *node, const char *const *names,
		   size_t n_names, unsigned *ret_choice)
{
	char expected[128 + LOADER_SUGGESTION_SIZE], suggestion[LOADER_SUGGESTION_SIZE];
	const char *text = NULL;

	format_choices(names, n_names, expected, 128);
	if (!loader_text(loader, node, expected, &text))
		return false;
	for (size_t i = 0; i < n_names; i++)
		if (strcmp(names[i], text) == 0) {
			*ret_choice = (unsigned)i;
			return true;
		}

	loader_suggest(loader, text, names, n_names, suggestion);
	strcat(expected, suggestion);
	loader_unexpected(loader, node, expected);
	return false;
}

bool loader_is_name(const char *text)
{
	size_t length = strlen(text);

	if (!isascii(text[0]) || !isalpha((unsigned char)text[0]) || length > NAME_MAX_LENGTH)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isascii(text[i]) ||
		    (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i])))
			return false;
	return true;
}

bool loader_flag(struct loader *loader, const struct node *node, const char *no, const char *yes,
		 bool *ret_flag)
{
	const char *const names[] = {no, yes};
	unsigned choice;

	if (!loader_choice(loader, node, names, ARRAY_SIZE(names), &choice))
		return false;
	*ret_flag = choice;
	return true;
}

void loader_mode(struct loader *loader, const struct node *value, void *target)
{
	loader_flag(loader, value, "enforce", "monitor", target);
}
