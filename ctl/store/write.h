/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

int write_all(int fd, const char *bytes, size_t size);

/* From where `from` stands to its end, but not much more than `max` bytes. */
int write_copy(int from, int to, uint64_t max);
