/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/input.h"
#include "whole_file.h"
#include "write.h"

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int make_parents(const char *path)
{
	char parent[PATH_MAX];

	if (snprintf(parent, sizeof(parent), "%s", path) >= (int)sizeof(parent))
		return -ENAMETOOLONG;
	for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(parent, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

int directory_open_at(int parent, const char *name, bool is_made, int *ret_fd)
{
	int fd;

	if (is_made && mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int directory_open(const char *path, bool is_made, int *ret_fd, struct why *why)
{
	int r = is_made ? make_parents(path) : 0;

	if (r == 0)
		r = directory_open_at(AT_FDCWD, path, is_made, ret_fd);
	return r < 0 ? why_set(why, r, "%s: %s", path, strerror(-r)) : 0;
}

int directory_remove_at(int parent, const char *name)
{
	_cleanup_(closedirp) DIR *entries = NULL;
	struct dirent *entry;
	int fd = -1, r;

	r = directory_open_at(parent, name, false, &fd);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	entries = fdopendir(fd);
	if (!entries) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlinkat(fd, entry->d_name, 0) < 0)
			return -errno;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int directory_read(int directory, const char *name, size_t max, char **ret_text, size_t *ret_size)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r = file_open_at(directory, name, O_RDONLY | O_NOFOLLOW, 0, &fd, &size);

	return r < 0 ? r : input_read_all(fd, max, ret_text, ret_size);
}

int directory_write(int directory, const char *name, const char *text, size_t size)
{
	_cleanup_(whole_file_abort) struct whole_file file = WHOLE_FILE_NONE;
	int r = whole_file_begin(directory, name, &file);

	if (r == 0)
		r = write_all(file.fd, text, size);
	return r < 0 ? r : whole_file_end(&file);
}
