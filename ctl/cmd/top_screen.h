/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal, by ncurses: the only place that knows it. */
#pragma once

#include "base/why.h"
#include "render/canvas.h"

/* Takes the terminal over. Without one, or with one that nobody knows, fails with what to use instead. */
int top_screen_begin(struct why *why);
/* Gives it back as it was; harmless when it was not taken. */
void top_screen_end(void);

/* An empty canvas as large as the terminal is now. -ENOMEM. */
int top_screen_measure(struct canvas *canvas);
void top_screen_show(const struct canvas *canvas);

/* The next key that was pressed, an enum top_key or a character; TOP_KEY_NONE: none is waiting. */
int top_screen_key(void);
