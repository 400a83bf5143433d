/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "whole_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/input.h"

#define NEW ".new"

static int lock(int fd)
{
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* False: who had it before has given it its name, or removed it. */
static bool is_named(int fd, int directory, const char *name)
{
	struct stat status, named;

	return fstat(fd, &status) == 0 &&
	       fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_dev == named.st_dev && status.st_ino == named.st_ino;
}

static int open_locked(int directory, const char *name, int *ret_fd)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		uint64_t size;
		int r = file_open_at(directory, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600, &fd,
				     &size);

		if (r == 0)
			r = lock(fd);
		if (r < 0)
			return r;
		if (!is_named(fd, directory, name))
			continue;
		if (ftruncate(fd, 0) < 0)
			return -errno;
		*ret_fd = take_fd(&fd);
		return 0;
	}
}

int whole_file_begin(int directory, const char *name, struct whole_file *ret_file)
{
	struct whole_file file = {.directory = directory};
	int r;

	if (strlen(name) + sizeof(NEW) > sizeof(file.new_name))
		return -ENAMETOOLONG;
	strcpy(file.name, name);
	stpcpy(stpcpy(file.new_name, name), NEW);
	r = open_locked(directory, file.new_name, &file.fd);
	if (r == 0)
		*ret_file = file;
	return r;
}

int whole_file_end(struct whole_file *file)
{
	int r = 0;

	if (fsync(file->fd) < 0 ||
	    renameat(file->directory, file->new_name, file->directory, file->name) < 0)
		r = -errno;
	if (r < 0) {
		whole_file_abort(file);
		return r;
	}
	close(take_fd(&file->fd));
	return fsync(file->directory) < 0 ? -errno : 0;
}

void whole_file_abort(struct whole_file *file)
{
	if (file->fd < 0)
		return;
	unlinkat(file->directory, file->new_name, 0);
	close(take_fd(&file->fd));
}
