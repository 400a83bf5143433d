/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const struct node *node_find(const struct node *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->n_items; i++)
		if (mapping->items[i].key && strcmp(mapping->items[i].key->text, key) == 0)
			return mapping->items[i].value;
	return NULL;
}

bool node_lacks(const struct node *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->n_items; i++) {
		const struct node *found = mapping->items[i].key;

		if (strcmp(found->text, key) == 0 ||
		    (found->meant && strcmp(found->meant, key) == 0))
			return false;
	}
	return true;
}

bool node_is_null(const struct node *node)
{
	static const char *const nulls[] = {"", "~", "null"};

	if (node->kind != NODE_TEXT || !node->is_plain)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(nulls); i++)
		if (strcmp(node->text, nulls[i]) == 0)
			return true;
	return false;
}

/* The last step to `node`: ".limit", "[2]". */
static int format_step(const struct node *node, char *step, size_t size)
{
	if (!node->key)
		return snprintf(step, size, "[%zu]", node->index);
	return snprintf(step, size, "%s%.64s", node->parent->parent ? "." : "", node->key->text);
}

char *node_path(const struct node *node, char path[NODE_PATH_SIZE])
{
	size_t start = NODE_PATH_SIZE - 1;
	char step[80];

	path[start] = '\0';
	for (; node->parent; node = node->parent) {
		size_t length = (size_t)format_step(node, step, sizeof(step));

		if (length > start)
			break;
		start -= length;
		memcpy(path + start, step, length);
	}
	return memmove(path, path + start, NODE_PATH_SIZE - start);
}
