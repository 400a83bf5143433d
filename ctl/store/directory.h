/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories and files of what has to outlive the tool and a reboot. Whole files or none, on disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"

/* A descriptor of the directory. With `is_made` it and its parents are made, for root alone. */
int directory_open(const char *path, bool is_made, int *ret_fd, struct why *why);

/* The same below `parent`. */
int directory_open_at(int parent, const char *name, bool is_made, int *ret_fd);

/* Removes a directory that holds nothing but files; one that is not there is no error. */
int directory_remove_at(int parent, const char *name);

/* The whole file with a NUL behind. -EFBIG: over `max`. Caller frees. */
int directory_read(int directory, const char *name, size_t max, char **ret_text, size_t *ret_size);

/* Takes the place of what was there in one step, and is on disk then. */
int directory_write(int directory, const char *name, const char *text, size_t size);
