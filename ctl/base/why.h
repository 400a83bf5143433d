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
