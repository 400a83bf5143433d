/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A progress bar on standard error for what takes over half a second, where that is a terminal. */
#pragma once

#include <stddef.h>

struct progress;

/* `what`: "reading lists/abuse.txt". NULL, which the rest accepts: no bar wanted, or no memory. */
struct progress *progress_begin(const char *what);
/* Cheap enough to be called for every line of a file. `all` 0: not known, only counts. */
void progress_update(struct progress *progress, size_t done, size_t all);
/* Clears the line; sets *progress to NULL. */
void progress_end(struct progress **progress);
