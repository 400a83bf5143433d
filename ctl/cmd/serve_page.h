/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dashboard, which dashboard/embed.py has put together. */
#pragma once

#include <stddef.h>

extern const char serve_page[];
extern const size_t serve_page_size;

/* Content-Security-Policy: its own script and style, by their hashes, and nothing else. */
extern const char serve_page_policy[];
