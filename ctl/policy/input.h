/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens files so that nothing in their place, as a FIFO that nobody writes to, can make the tool hang. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A regular file. -ENOTSUP: something else, which O_NONBLOCK has let us find out; -EISDIR: a folder. `flags`
 * and `mode` are openat's; a file that is to be emptied is emptied by who knows now that it is one.
 */
int file_open_at(int directory, const char *name, int flags, mode_t mode, int *ret_fd,
		 uint64_t *ret_size);

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
