/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit vectors of rules, each kept once: shapes, ports and ranges compile to the number of one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

/* Bit n stands for rule n. */
struct vector {
	__u64 words[GUARD_WORDS_MAX];
};

#define VECTORS_INDEX_SIZE (2 * GUARD_VECTORS_MAX) /* half full at most; a power of two */

struct vectors {
	__u64 (*table)[GUARD_WORDS_MAX]; /* guard_policy.vectors, zeroed */
	size_t n_vectors;
	uint16_t index[VECTORS_INDEX_SIZE]; /* by hash: 1 + number; 0: free */
};

void vector_add(struct vector *vector, size_t rule);
void vector_remove(struct vector *vector, size_t rule);
/* Adds all of `more`. */
void vector_join(struct vector *vector, const struct vector *more);
/* Takes away all of `less`. */
void vector_subtract(struct vector *vector, const struct vector *less);

/* The number of this vector, which is added when it is new. -E2BIG: GUARD_VECTORS_MAX are taken. */
int vectors_intern(struct vectors *vectors, const struct vector *vector, uint16_t *ret_number);
