/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value as the height of one character, so that a row of them is a small chart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

/* Of eighths of `most`, rounded up: a blank is nothing at all. */
wchar_t sparkline_character(uint64_t value, uint64_t most, bool is_utf8);
