/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "copies.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "policy/input.h"
#include "write.h"

#define BYTES_MAX ((512ull << 20) + 1) /* one more than a list may have: the reader tells then */

static bool is_named(const struct copy *copy, const char *name)
{
	return name && copy->name ? !strcmp(copy->name, name) : name == copy->name;
}

static const struct copy *find(const struct copies *copies, const char *name)
{
	for (size_t i = 0; i < copies->n; i++)
		if (is_named(&copies->items[i], name))
			return &copies->items[i];
	return NULL;
}

int copies_add(struct copies *copies, const char *name, int fd)
{
	struct copy *items = reallocarray(copies->items, copies->n + 1, sizeof(*items));
	char *own_name = name ? strdup(name) : NULL;

	if (items)
		copies->items = items;
	if (!items || !own_name != !name) {
		free(own_name);
		close(fd);
		return -ENOMEM;
	}
	items[copies->n++] = (struct copy){own_name, fd};
	return 0;
}

static int make_copy(struct copies *copies, const char *name, const char *path)
{
	_cleanup_close_ int from = -1;
	_cleanup_close_ int to = -1;
	uint64_t size;
	int r;

	if (copies->is_complete)
		return -ENOENT;
	r = input_open(path, &from, &size);
	if (r < 0)
		return r;
	to = memfd_create("xdpguard", MFD_CLOEXEC);
	if (to < 0)
		return -errno;
	r = write_copy(from, to, BYTES_MAX);
	return r < 0 ? r : copies_add(copies, name, take_fd(&to));
}

int copies_open(void *data, const char *name, const char *path, int *ret_fd, uint64_t *ret_size)
{
	struct copies *copies = data;
	_cleanup_close_ int fd = -1;
	struct stat status;
	const struct copy *copy = find(copies, name);
	int r;

	if (!copy) {
		r = make_copy(copies, name, path);
		if (r < 0)
			return r;
		copy = &copies->items[copies->n - 1];
	}
	fd = fcntl(copy->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &status) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	*ret_size = (uint64_t)status.st_size;
	return 0;
}

void copies_release(struct copies *copies)
{
	for (size_t i = 0; i < copies->n; i++) {
		free(copies->items[i].name);
		close(copies->items[i].fd);
	}
	free(copies->items);
	*copies = (struct copies){};
}
