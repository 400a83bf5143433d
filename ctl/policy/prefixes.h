/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of prefixes that grows, and then is put in order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct prefixes {
	struct prefix *items;
	size_t n_items, n_allocated;
};

/* -ENOMEM. */
int prefixes_add(struct prefixes *prefixes, const struct prefix *prefix);
int prefixes_append(struct prefixes *prefixes, const struct prefix *items, size_t n_items);

/* Sorts (prefix_compare), and drops what another one covers: none overlap then. */
void prefixes_normalize(struct prefixes *prefixes);

/* In normalized items: one of them covers all of `prefix`. */
bool prefixes_cover(const struct prefix *items, size_t n_items, const struct prefix *prefix);

/* In normalized items: one of them has an address in common with `prefix`. */
bool prefixes_touch(const struct prefix *items, size_t n_items, const struct prefix *prefix);

void prefixes_release(struct prefixes *prefixes);
