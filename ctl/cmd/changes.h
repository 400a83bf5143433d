/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What applying a policy changes, rule by rule, like a diff. */
#pragma once

#include <stddef.h>

#include "guard/record.h"

enum change_kind {
	CHANGE_ADDED,
	CHANGE_REMOVED,
	CHANGE_MODIFIED,
};

struct change {
	enum change_kind kind;
	char *what;   /* "rule dns", "set office", "settings", "order of rules" */
	char *before; /* NULL: nothing was there, or there is nothing to show */
	char *after;
};

struct changes {
	struct change *items;
	size_t n;
};

/* `before` NULL: everything is new. -ENOMEM. */
int changes_find(const struct record *before, const struct record *after,
		 struct changes *ret_changes);
/* An interface that the guard comes to, or goes off. -ENOMEM. */
int changes_add_interface(struct changes *changes, enum change_kind kind, const char *name);
/* Moves the items of `from` behind those of `changes`. -ENOMEM: they stay. */
int changes_join(struct changes *changes, struct changes *from);
void changes_free(struct changes *changes);
