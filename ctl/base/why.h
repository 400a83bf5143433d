/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something failed, in words for the operator, handed up to whoever talks to them. */
#pragma once

struct why {
	char text[640];
};

/*
 * Writes the reason and returns `error`, so that a failing line reads `return why_set(why, -ENOENT,
 * …)`. `why` may be NULL.
 */
int why_set(struct why *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* clang's analyzer does not see into why.c, and would follow what happens if it returns 0. */
#ifdef __clang_analyzer__
#define why_set(why, error, ...) (why_set(why, error, __VA_ARGS__), (error))
#endif
