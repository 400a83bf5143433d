/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int open_stdin(int *ret_fd, uint64_t *ret_size)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	*ret_size = 0;
	return 0;
}

int file_open_at(int directory, const char *name, int flags, mode_t mode, int *ret_fd,
		 uint64_t *ret_size)
{
	_cleanup_close_ int fd =
		openat(directory, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
	struct stat status;

	/* What openat says of a FIFO that nobody reads, and of a socket. */
	if (fd < 0 && errno == ENXIO)
		return -ENOTSUP;
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode))
		return -ENOTSUP;

	*ret_fd = take_fd(&fd);
	*ret_size = (uint64_t)status.st_size;
	return 0;
}

int input_open(const char *path, int *ret_fd, uint64_t *ret_size)
{
	if (strcmp(path, "-") == 0)
		return open_stdin(ret_fd, ret_size);
	return file_open_at(AT_FDCWD, path, O_RDONLY, 0, ret_fd, ret_size);
}

ssize_t input_read(int fd, char *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buffer + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int input_read_all(int fd, size_t max, char **ret_text, size_t *ret_size)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, allocated = 0;
	ssize_t n;

	do {
		char *grown;

		allocated = allocated ? allocated * 2 : 16384;
		allocated = allocated < max + 2 ? allocated : max + 2;
		grown = realloc(text, allocated);
		if (!grown)
			return -ENOMEM;
		text = grown;
		n = input_read(fd, text + size, allocated - 1 - size);
		if (n < 0)
			return (int)n;
		size += (size_t)n;
		if (size > max)
			return -EFBIG;
	} while (size == allocated - 1);

	text[size] = '\0';
	*ret_text = take_ptr(text);
	*ret_size = size;
	return 0;
}

const char *input_strerror(int error)
{
	switch (error) {
	case -ENOTSUP:
		return "not a regular file; to read a pipe give \"-\"";
	case -EISDIR:
		return "is a folder, not a file";
	case -ENOENT:
		return "no such file";
	default:
		return strerror(-error);
	}
}
