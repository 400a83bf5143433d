/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens what a policy is read from, so that nothing it names can make the reader hang. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A regular file, or standard input for "-" (its size is then 0). -ENOTSUP: neither a file nor "-".
 * Other errors are those of open.
 */
int input_open(const char *path, int *ret_fd, uint64_t *ret_size);

/* Like read, but only returns less than `size` at the end. */
ssize_t input_read(int fd, char *buffer, size_t size);

/* All of it with a NUL behind. -EFBIG: more than `max`. */
int input_read_all(int fd, size_t max, char **ret_text, size_t *ret_size);

/* What an error of these functions says about a file. */
const char *input_strerror(int error);
