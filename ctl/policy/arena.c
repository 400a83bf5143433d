/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 65536

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	size = size > CHUNK_SIZE ? size : CHUNK_SIZE;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;

	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t rounded = (size + alignof(void *) - 1) / alignof(void *) * alignof(void *);
	struct arena_chunk *chunk = arena->chunks;
	void *memory;

	if (!chunk || chunk->size - chunk->used < rounded)
		chunk = add_chunk(arena, rounded);
	if (!chunk)
		return NULL;

	memory = chunk->data + chunk->used;
	chunk->used += rounded;
	return memory;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	return copy ? memcpy(copy, text, length) : NULL;
}

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
}
