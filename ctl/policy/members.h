/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a set, a from or a to is made of: prefixes, and sets by name. */
#pragma once

#include "policy/loader.h"
#include "policy/prefixes.h"

struct member_set {
	size_t set; /* index into policy.sets */
	const struct node *node;
};

struct members {
	struct prefixes prefixes;
	struct member_set *sets; /* as written: one may come twice */
	size_t n_sets, n_sets_allocated;
};

/* Targets are struct members: a prefix or a set's name; only a prefix; only a name. */
loader_read members_read, members_read_prefix, members_read_set;

/* Counts prefixes against what a policy may hold in all; false: told at `node`, or no memory. */
bool members_count(struct loader *loader, const struct node *node, size_t n_prefixes);

void members_release(struct members *members);
