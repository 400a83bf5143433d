/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at something again and again until the user has seen enough. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Calls `look` now and every `interval_ns`, until SIGINT or SIGTERM, which end it with EXIT_DONE, or until
 * it returns something else.
 */
int watch(uint64_t interval_ns, int (*look)(void *data), void *data);

/* True where a look may replace the last one on the screen: standard output is a terminal. */
bool watch_is_screen(void);
/* Lines of that terminal. */
size_t watch_screen_lines(void);
/*
 * Before and behind what a look prints: over the last look, and lines that are too long are cut off, not
 * wrapped. Both are buffered with it, so that nothing flickers.
 */
void watch_begin_screen(void);
void watch_end_screen(void);
