/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vectors.h"

#include <errno.h>
#include <string.h>

void vector_add(struct vector *vector, size_t rule)
{
	vector->words[rule / 64] |= 1ull << rule % 64;
}

void vector_remove(struct vector *vector, size_t rule)
{
	vector->words[rule / 64] &= ~(1ull << rule % 64);
}

void vector_join(struct vector *vector, const struct vector *more)
{
	for (size_t i = 0; i < GUARD_WORDS_MAX; i++)
		vector->words[i] |= more->words[i];
}

void vector_subtract(struct vector *vector, const struct vector *less)
{
	for (size_t i = 0; i < GUARD_WORDS_MAX; i++)
		vector->words[i] &= ~less->words[i];
}

static size_t vector_hash(const struct vector *vector)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < GUARD_WORDS_MAX; i++) {
		hash = (hash ^ vector->words[i]) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	return hash;
}

int vectors_intern(struct vectors *vectors, const struct vector *vector, uint16_t *ret_number)
{
	size_t slot = vector_hash(vector) % VECTORS_INDEX_SIZE;

	for (; vectors->index[slot]; slot = (slot + 1) % VECTORS_INDEX_SIZE) {
		uint16_t number = vectors->index[slot] - 1;

		if (memcmp(vectors->table[number], vector->words, sizeof(vector->words)) == 0) {
			*ret_number = number;
			return 0;
		}
	}
	if (vectors->n_vectors == GUARD_VECTORS_MAX)
		return -E2BIG;

	memcpy(vectors->table[vectors->n_vectors], vector->words, sizeof(vector->words));
	*ret_number = vectors->n_vectors++;
	vectors->index[slot] = *ret_number + 1;
	return 0;
}
