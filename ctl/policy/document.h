/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A YAML file as a tree, with what it takes to speak about its parts. */
#pragma once

#include "base/diagnostic.h"
#include "policy/arena.h"
#include "policy/lines.h"
#include "policy/node.h"

struct document {
	const char *file;   /* as messages name it; not owned */
	struct lines lines; /* the text is not owned */
	struct arena arena; /* holds the nodes */
	struct node *root;
};

/* Tells something about `node`, with its place and its line. */
void document_report(struct document *document, struct diagnostics *diagnostics, bool is_error,
		     const struct node *node, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Accepts NULL; sets *document to NULL. */
void document_free(struct document **document);
