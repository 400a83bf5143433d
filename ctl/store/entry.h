/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy of the history: what is known of it beside its text. */
#pragma once

#include "copies.h"

struct entry {
	uint64_t number;     /* from 1, in the order in which they were applied */
	uint64_t applied_ns; /* since 1970 */
	uint64_t hash;
	char *name; /* of the policy's file */
	char *path; /* absolute */
	char *by;   /* "alice" */
	char *from; /* the address of the SSH session that it was typed in, or NULL */
	char *how;  /* "apply", "rollback to 3", … */
	char **interfaces;
	size_t n_interfaces;
	uint64_t bytes; /* of the text and the lists */
	uint64_t
		rolled_back; /* number of the policy that was taken back for this one; 0: none was */
	bool is_unconfirmed; /* it was put on probation, and nobody has confirmed it */
};

/* Accepts NULL; sets *entry to NULL. */
void entry_free(struct entry **entry);

/* Puts the entry and its files into the open directory, on disk. */
int entry_write(int directory, const struct entry *entry, const struct copies *copies);

/* -EBADMSG: nothing that this version wrote. */
int entry_read(int directory, struct entry **ret_entry);

/* Writes the entry in the open directory anew as one that was confirmed. */
int entry_confirm(int directory);

/* Both judge alike, on the same interfaces. */
bool entry_is_same(const struct entry *a, const struct entry *b);

/* The files of the entry in the open directory. Release the copies. */
int entry_open_copies(int directory, struct copies *ret_copies);
