/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, 64 bits (Fowler, Noll, Vo): tells equal policies apart from others, and resists nobody.
 */
#pragma once

#include "policy/policy.h"

#define HASH_START 0xcbf29ce484222325ull

uint64_t hash_text(uint64_t hash, const char *text);
uint64_t hash_prefixes(uint64_t hash, const struct set *set);
