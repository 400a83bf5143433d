/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sets judge: one that no rule names does not. */
#pragma once

#include <sys/types.h>

#include "policy/policy.h"

/* For qsort(), of pointers to named sets: by name. */
int used_sets_compare(const void *a, const void *b);

/* The named sets that rules use, by name. Caller frees the array. Returns how many; -ENOMEM. */
ssize_t used_sets(const struct policy *policy, const struct set ***ret_sets);
