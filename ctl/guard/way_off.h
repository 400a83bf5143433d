/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the program that holds a hook alone is taken off it, by whoever has put it there. */
#pragma once

#include "hook.h"

#define WAY_OFF_SIZE 384

/* A command, and behind a comma what else does it; `hook` has the program alone. Returns `text`. */
const char *way_off(const char *interface, const struct hook *hook, char text[WAY_OFF_SIZE]);
