/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is typed behind verbs and options, read. Each returns an exit code: what is wrong was told then,
 * and the output is untouched.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* Warns of bits behind the prefix, which are cleared. */
int value_prefix(const char *text, struct prefix *ret_prefix);
/* Of what `option` counts: 1 and more. */
int value_count(const char *option, const char *text, size_t *ret_count);
/* "10m"; ns. */
/* The operand NUMBER: of a policy in the history. */
int value_history_number(const char *text, uint64_t *ret_number);

int value_duration(const char *option, const char *text, uint64_t *ret_ns);
/* "1", "0.5" or "500ms": 100 ms to a day; ns. */
int value_interval(const char *option, const char *text, uint64_t *ret_ns);
/* The index of the word in `words`. */
int value_choice(const char *option, const char *text, const char *const *words, size_t n_words,
		 unsigned *ret_choice);
