/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds a document's tree, part by part in the order of the file. Holds what a hostile file could
 * abuse within bounds: depth, what aliases repeat, the search for duplicate keys.
 */
#pragma once

#include "policy/document.h"

#define TREE_DEPTH_MAX 64

/* A list or mapping that is being read. */
struct tree_frame {
	struct node *node;
	struct node *key; /* read, its value is still to come */
	struct tree_anchor *anchor;
	size_t first_item; /* in tree.items */
	size_t weight;
};

struct tree {
	struct document *document;
	struct diagnostics *diagnostics;
	struct tree_frame frames[TREE_DEPTH_MAX];
	unsigned depth;
	struct node_item *items; /* of all open frames, the innermost last */
	size_t n_items, n_allocated;
	void *anchors;	 /* tsearch tree of struct tree_anchor */
	size_t repeated; /* nodes that aliases have added */
};

/*
 * `node` has its place and kind; what it points at is copied. `anchor` may be NULL. -EINVAL: told
 * to `diagnostics`, and there is no reading on. -ENOMEM.
 */
int tree_text(struct tree *tree, const struct node *node, size_t length, const char *anchor);
int tree_open(struct tree *tree, const struct node *node, const char *anchor);
int tree_close(struct tree *tree);
int tree_alias(struct tree *tree, const struct node *place, const char *anchor);

/* Reports an error at `place` that ends the reading: -EINVAL. */
int tree_refuse(struct tree *tree, const struct node *place, const char *why);

void tree_release(struct tree *tree);
