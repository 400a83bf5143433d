/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_die(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

static void make(struct fuzz_file *file)
{
	file->fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_EXPECT(file->fd > 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

const char *fuzz_file_write(struct fuzz_file *file, const void *data, size_t size)
{
	if (!file->fd)
		make(file);
	FUZZ_EXPECT(ftruncate(file->fd, 0) == 0);
	FUZZ_EXPECT(pwrite(file->fd, data, size, 0) == (ssize_t)size);
	return file->path;
}

int fuzz_file_open(const struct fuzz_file *file)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC);

	FUZZ_EXPECT(fd >= 0);
	return fd;
}
