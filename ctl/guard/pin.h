/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps under their names in the BPF filesystem, and who may open them: their owner, and a group that is let in to read. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/why.h"

/* Without `is_writer` the pin's read permission is enough; a map that is opened by it cannot be mapped (pin_read). */
int pin_open(const char *path, bool is_writer, int *ret_map);

/* The values of an array map, in memory that munmap() frees, for who may not map it. */
int pin_read(int map, size_t size, void **ret_memory);

/* Its mode and group are those that the directory asks for. */
int pin_make(int map, const char *path);

/* Lets the group read what is pinned in `dir`, now and later. */
int pin_share(const char *dir, gid_t group, struct why *why);
