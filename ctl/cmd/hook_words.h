/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "guard/hook.h"

#define HOOK_WORDS_SIZE 256

const char *hook_mode_words(const struct hook *hook); /* "native" */

/*
 * Where the guard's program stands among others: "1 of 2, priority 10, on pass", "alone (the kernel
 * refused freplace: …)". Returns `text`.
 */
char *hook_chain_words(const struct hook *hook, char text[HOOK_WORDS_SIZE]);

/* Why the guard's program is not on the hook; NULL: another tool took it off, or nobody put it there. */
const char *hook_loss_words(const struct hook *hook);

/* "pass,drop" of a mask of XDP actions. Returns `text`. */
char *hook_actions_words(unsigned actions, char text[HOOK_WORDS_SIZE]);
