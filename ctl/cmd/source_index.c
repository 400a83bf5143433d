/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_index.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

#define FIRST_ROOM 2048

/* Twice as many slots as keys: searches stay short. */
static size_t n_slots(const struct source_index *index)
{
	return 2 * index->room;
}

static size_t hash(const struct source_key *key)
{
	uint64_t h = key->address.words[0] * 0x9e3779b97f4a7c15 ^ key->address.words[1] ^
		     (uint64_t)key->part << 24;

	h = (h ^ h >> 32) * 0xd6e8feb86659fd93;
	return h ^ h >> 32;
}

static bool is_equal(const struct source_key *a, const struct source_key *b)
{
	return a->part == b->part && memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

/* Where the key's number stands, or belongs. */
static uint32_t *find_slot(const struct source_index *index, const struct source_key *key)
{
	size_t at = hash(key) & (n_slots(index) - 1);

	while (index->slots[at] && !is_equal(&index->keys[index->slots[at] - 1], key))
		at = (at + 1) & (n_slots(index) - 1);
	return &index->slots[at];
}

static int grow(struct source_index *index)
{
	size_t room = index->room ? 2 * index->room : FIRST_ROOM;
	struct source_key *keys = realloc(index->keys, room * sizeof(*keys));
	uint32_t *slots;

	if (!keys)
		return -ENOMEM;
	index->keys = keys;
	slots = calloc(2 * room, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(index->slots);
	index->slots = slots;
	index->room = room;
	for (size_t i = 0; i < index->n; i++)
		*find_slot(index, &index->keys[i]) = (uint32_t)i + 1;
	return 0;
}

int source_index_find(struct source_index *index, const struct source_key *key, size_t max,
		      size_t *ret_number)
{
	uint32_t *slot;

	if (index->n == index->room) {
		int r = grow(index);

		if (r < 0)
			return r;
	}
	slot = find_slot(index, key);
	if (!*slot) {
		if (index->n == max)
			return -ENOSPC;
		index->keys[index->n++] = *key;
		*slot = (uint32_t)index->n;
	}
	*ret_number = *slot - 1;
	return 0;
}

void source_index_release(struct source_index *index)
{
	free(index->keys);
	free(index->slots);
	*index = (struct source_index){};
}
