/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of loading share, and typed access to the document: each reader tells what is
 * wrong.
 */
#pragma once

#include <stdint.h>

#include "load.h"
#include "policy/document.h"

#define LOADER_SUGGESTION_SIZE 96

struct set_name {
	const char *name;
	size_t set; /* index into policy.sets */
};

struct loader {
	const struct load_context *context;
	struct diagnostics *diagnostics;
	struct document *document;
	struct policy *policy;
	struct set_name *set_names; /* sorted by name */
	size_t n_set_names;
	size_t n_prefixes; /* in all sets together */
	bool is_stdin_read;
	size_t list_bytes_done, list_bytes_all;
	size_t n_errors_before; /* in diagnostics, when loading began */
	int error;		/* -ENOMEM: reading went on, but its result is of no use */
};

void loader_error(struct loader *loader, const struct node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void loader_warn(struct loader *loader, const struct node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* About what stands at `place`, a rule or a limit that is read already. */
void loader_warn_at(struct loader *loader, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void loader_error_at(struct loader *loader, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* As load_context.open. */
int loader_open(const struct loader *loader, const char *name, const char *path, int *ret_fd,
		uint64_t *ret_size);

struct place loader_place(const struct loader *loader, const struct node *node);

/* calloc that keeps `error`. */
void *loader_alloc(struct loader *loader, size_t n, size_t size);
char *loader_copy(struct loader *loader, const char *text);

/* `target` is where the value goes. */
typedef void loader_read(struct loader *loader, const struct node *value, void *target);

struct loader_key {
	const char *name;
	loader_read *read;
	size_t offset; /* of the target in what the mapping is read into */
};

/* Every key once, in the order of the table. Unknown keys, and keys without a value, are errors. */
void loader_mapping(struct loader *loader, const struct node *node, const struct loader_key *keys,
		    size_t n_keys, void *target);

/*
 * A list, or a lone value in place of a list of one. Each goes to the same target. An empty list is
 * an error.
 */
void loader_each(struct loader *loader, const struct node *node, loader_read *read, void *target);

/* "path "text": expected …", or "path: expected …, found a list". */
void loader_unexpected(struct loader *loader, const struct node *node, const char *expected);

/* "; did you mean "rate"?", or nothing. Returns the candidate, or NULL. */
const char *loader_suggest(struct loader *loader, const char *word, const char *const *candidates,
			   size_t n_candidates, char text[LOADER_SUGGESTION_SIZE]);

/* False: told. */
bool loader_text(struct loader *loader, const struct node *node, const char *expected,
		 const char **ret_text);
bool loader_count(struct loader *loader, const struct node *node, uint64_t min, uint64_t max,
		  uint64_t *ret_count);
/* One of `names`; *ret_choice is its index. */
bool loader_choice(struct loader *loader, const struct node *node, const char *const *names,
		   size_t n_names, unsigned *ret_choice);
/* A name for counters and messages: a letter, then up to 62 letters, digits, '-', '_', '.'. */
bool loader_is_name(const char *text);
#define LOADER_NAME "a letter, then letters, digits, \"-\", \"_\" or \".\", 63 characters at most"

/* A choice of two. */
bool loader_flag(struct loader *loader, const struct node *node, const char *no, const char *yes,
		 bool *ret_flag);

/* mode: enforce or monitor. Target: bool, true for monitor. */
loader_read loader_mode;
