/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A YAML document as a tree that knows where each part of it stands in the file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NODE_PATH_SIZE 192

enum node_kind {
	NODE_TEXT,
	NODE_LIST,
	NODE_MAPPING,
};

struct node_item {
	struct node *key; /* NULL in a list */
	struct node *value;
};

struct node {
	enum node_kind kind;
	bool is_plain;	  /* text without quotes */
	bool is_reported; /* an error about it was told: no second one */
	unsigned line, column, length;
	const char *text;
	const char *meant; /* the known key that this unknown one is nearest to, or NULL */
	struct node_item *items;
	size_t n_items;
	/* How one gets here from the root; what an alias repeats stays where its anchor is. */
	const struct node *parent;
	const struct node *key; /* NULL: in a list, or the root */
	size_t index;		/* in a list */
};

/* The value of `key`, or NULL. */
const struct node *node_find(const struct node *mapping, const char *key);

/* Neither `key` is there, nor a misspelt one that was told about already. */
bool node_lacks(const struct node *mapping, const char *key);

/* Nothing was written: "key:", "key: ~" or "key: null". */
bool node_is_null(const struct node *node);

/* "rules[2].limit", "" for the root; returns `path`. What does not fit is cut off at the front. */
char *node_path(const struct node *node, char path[NODE_PATH_SIZE]);
