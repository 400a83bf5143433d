/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <search.h>
#include <string.h>

#include "base/cleanup.h"

struct tree_anchor {
	const char *name;
	struct node *node;
	size_t weight; /* nodes that an alias repeats; 0: still being read */
};

static void keep_anchor(void *anchor)
{
}

void tree_release(struct tree *tree)
{
	tdestroy(tree->anchors, keep_anchor);
	free(tree->items);
}

int tree_refuse(struct tree *tree, const struct node *place, const char *why)
{
	document_report(tree->document, tree->diagnostics, true, place, "%s", why);
	return -EINVAL;
}

static int compare_anchors(const void *a, const void *b)
{
	return strcmp(((const struct tree_anchor *)a)->name, ((const struct tree_anchor *)b)->name);
}

static struct tree_frame *top(struct tree *tree)
{
	return tree->depth ? &tree->frames[tree->depth - 1] : NULL;
}

static bool expects_key(struct tree *tree)
{
	const struct tree_frame *frame = top(tree);

	return frame && frame->node->kind == NODE_MAPPING && !frame->key;
}

static int push_item(struct tree *tree, struct node_item item)
{
	if (tree->n_items == tree->n_allocated) {
		size_t n = tree->n_allocated ? tree->n_allocated * 2 : 256;
		void *grown = reallocarray(tree->items, n, sizeof(*tree->items));

		if (!grown)
			return -ENOMEM;
		tree->items = grown;
		tree->n_allocated = n;
	}
	tree->items[tree->n_items++] = item;
	return 0;
}

/* Puts a finished or just opened node where the document has it. */
static int attach(struct tree *tree, struct node *node, size_t weight, bool is_alias)
{
	struct tree_frame *frame = top(tree);
	struct node_item item = {.value = node};

	if (!frame) {
		tree->document->root = node;
		return 0;
	}
	if (expects_key(tree)) {
		frame->key = node;
		node->parent = frame->node;
		return 0;
	}

	item.key = take_ptr(frame->key);
	frame->weight += weight;
	if (!is_alias) {
		node->parent = frame->node;
		node->key = item.key;
		node->index = tree->n_items - frame->first_item;
	}
	return push_item(tree, item);
}

static int add_anchor(struct tree *tree, const char *name, struct node *node, size_t weight,
		      struct tree_anchor **ret_anchor)
{
	struct tree_anchor *anchor, **found;

	anchor = arena_alloc(&tree->document->arena, sizeof(*anchor));
	if (!anchor)
		return -ENOMEM;
	anchor->name = arena_text(&tree->document->arena, name, strlen(name));
	anchor->node = node;
	anchor->weight = weight;
	found = anchor->name ? tsearch(anchor, &tree->anchors, compare_anchors) : NULL;
	if (!found)
		return -ENOMEM;

	*found = anchor; /* an anchor of the same name as an earlier one replaces it */
	*ret_anchor = anchor;
	return 0;
}

static struct node *copy_node(struct tree *tree, const struct node *node)
{
	struct node *copy = arena_alloc(&tree->document->arena, sizeof(*copy));

	if (copy)
		*copy = *node;
	return copy;
}

int tree_text(struct tree *tree, const struct node *node, size_t length, const char *name)
{
	struct tree_anchor *anchor;
	struct node *copy;
	int r = 0;

	if (memchr(node->text, '\0', length))
		return tree_refuse(tree, node, "a NUL character inside a text");

	copy = copy_node(tree, node);
	if (!copy)
		return -ENOMEM;
	copy->text = arena_text(&tree->document->arena, node->text, length);
	if (!copy->text)
		return -ENOMEM;
	if (name)
		r = add_anchor(tree, name, copy, 1, &anchor);
	return r < 0 ? r : attach(tree, copy, 1, false);
}

int tree_alias(struct tree *tree, const struct node *place, const char *name)
{
	struct tree_anchor wanted = {.name = name};
	struct tree_anchor **found = tfind(&wanted, &tree->anchors, compare_anchors);

	if (!found)
		return tree_refuse(tree, place, "an alias of an anchor that is nowhere before it");
	if ((*found)->weight == 0)
		return tree_refuse(tree, place, "an alias inside of what it repeats");
	if (expects_key(tree))
		return tree_refuse(tree, place, "an alias can't be a key");

	tree->repeated += (*found)->weight;
	if (tree->repeated > tree->document->lines.size)
		return tree_refuse(tree, place, "aliases repeat more than the whole file holds");
	return attach(tree, (*found)->node, (*found)->weight, true);
}

int tree_open(struct tree *tree, const struct node *node, const char *name)
{
	struct tree_anchor *anchor = NULL;
	struct node *copy;
	int r = 0;

	if (tree->depth == TREE_DEPTH_MAX)
		return tree_refuse(tree, node, "nested more than 64 deep");
	if (expects_key(tree))
		return tree_refuse(tree, node, "a key must be a text");

	copy = copy_node(tree, node);
	if (!copy)
		return -ENOMEM;
	if (name)
		r = add_anchor(tree, name, copy, 0, &anchor);
	if (r == 0)
		r = attach(tree, copy, 0, false); /* its weight counts when it is closed */
	if (r < 0)
		return r;

	tree->frames[tree->depth++] = (struct tree_frame){
		.node = copy, .anchor = anchor, .first_item = tree->n_items, .weight = 1};
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct node *x = (*(struct node_item *const *)a)->key;
	const struct node *y = (*(struct node_item *const *)b)->key;
	int difference = strcmp(x->text, y->text);

	if (difference == 0)
		difference = (x->line > y->line) - (x->line < y->line);
	return difference ? difference : (x->column > y->column) - (x->column < y->column);
}

static void report_duplicate(struct tree *tree, const struct node *key, const struct node *first)
{
	char path[NODE_PATH_SIZE];

	node_path(key->parent, path);
	document_report(tree->document, tree->diagnostics, true, key,
			"duplicate key \"%.64s\"%s%s; the first is on line %u", key->text,
			*path ? " in " : "", path, first->line);
}

/* Reports keys that come again, and takes them out: the first counts. */
static int drop_duplicates(struct tree *tree, struct node_item *items, size_t *n_items)
{
	_cleanup_free_ struct node_item **sorted = calloc(*n_items + 1, sizeof(*sorted));
	const struct node_item *first;
	size_t n_kept = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < *n_items; i++)
		sorted[i] = &items[i];
	qsort(sorted, *n_items, sizeof(*sorted), compare_keys);

	first = sorted[0];
	for (size_t i = 1; i < *n_items; i++) {
		if (strcmp(sorted[i]->key->text, first->key->text) != 0) {
			first = sorted[i];
			continue;
		}
		report_duplicate(tree, sorted[i]->key, first->key);
		sorted[i]->value = NULL;
	}
	for (size_t i = 0; i < *n_items; i++)
		if (items[i].value)
			items[n_kept++] = items[i];
	*n_items = n_kept;
	return 0;
}

int tree_close(struct tree *tree)
{
	struct tree_frame *frame = &tree->frames[tree->depth - 1];
	struct node_item *items = tree->items ? tree->items + frame->first_item : NULL;
	size_t n_items = items ? tree->n_items - frame->first_item : 0;
	struct node *node = frame->node;
	int r;

	if (node->kind == NODE_MAPPING) {
		r = drop_duplicates(tree, items, &n_items);
		if (r < 0)
			return r;
	}
	node->items = arena_alloc(&tree->document->arena, n_items * sizeof(*items));
	if (!node->items)
		return -ENOMEM;
	if (items)
		memcpy(node->items, items, n_items * sizeof(*items));
	node->n_items = n_items;

	if (frame->anchor)
		frame->anchor->weight = frame->weight;
	tree->n_items = frame->first_item;
	tree->depth--;
	if (tree->depth)
		top(tree)->weight += frame->weight;
	return 0;
}
