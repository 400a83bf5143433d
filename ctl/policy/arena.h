/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is all given back at once. */
#pragma once

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
};

/* Zeroed; NULL: no memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t length);
void arena_release(struct arena *arena);
