/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"

/* With the bit that gives what is pinned later the directory's group. */
#define SHARED_DIR_MODE (S_ISGID | S_IRWXU | S_IRGRP | S_IXGRP)
#define SHARED_PIN_MODE (S_IRUSR | S_IWUSR | S_IRGRP)

int pin_open(const char *path, bool is_writer, int *ret_map)
{
	LIBBPF_OPTS(bpf_obj_get_opts, reading, .file_flags = BPF_F_RDONLY);
	int map = bpf_obj_get(path);

	if (map < 0 && errno == EACCES && !is_writer)
		map = bpf_obj_get_opts(path, &reading);
	if (map < 0)
		return -errno;
	*ret_map = map;
	return 0;
}

static int read_values(int map, void *values)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info), position, n;
	_cleanup_free_ __u32 *keys = NULL;

	if (bpf_obj_get_info_by_fd(map, &info, &size) < 0)
		return -errno;
	n = info.max_entries;
	keys = calloc(n, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	/* That nothing comes behind the last one is no error. */
	if (bpf_map_lookup_batch(map, NULL, &position, keys, values, &n, NULL) < 0 &&
	    errno != ENOENT)
		return -errno;
	return n == info.max_entries ? 0 : -EIO;
}

int pin_read(int map, size_t size, void **ret_memory)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r = memory == MAP_FAILED ? -errno : read_values(map, memory);

	if (r < 0 && memory != MAP_FAILED)
		munmap(memory, size);
	if (r == 0)
		*ret_memory = memory;
	return r;
}

static bool is_in_shared_dir(const char *path)
{
	char dir[PATH_MAX], *slash;
	struct stat status;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return stat(dir, &status) == 0 && status.st_mode & S_IRGRP;
}

int pin_make(int map, const char *path)
{
	if (bpf_obj_pin(map, path) < 0)
		return -errno;
	return is_in_shared_dir(path) && chmod(path, SHARED_PIN_MODE) < 0 ? -errno : 0;
}

static int share_dir(int dir, gid_t group)
{
	struct stat status;

	if (fchown(dir, -1, group) < 0 || fchmod(dir, SHARED_DIR_MODE) < 0 ||
	    fstat(dir, &status) < 0)
		return -errno;
	/* The kernel takes the bit away from who is neither a member nor has CAP_FSETID, and says nothing. */
	return status.st_mode & S_ISGID ? 0 : -EPERM;
}

static int share_all(DIR *entries, gid_t group)
{
	int dir = dirfd(entries), r = share_dir(dir, group);
	struct dirent *entry;

	while (r == 0 && (entry = readdir(entries)))
		if (entry->d_name[0] != '.' &&
		    (fchownat(dir, entry->d_name, -1, group, AT_SYMLINK_NOFOLLOW) < 0 ||
		     fchmodat(dir, entry->d_name, SHARED_PIN_MODE, 0) < 0))
			r = -errno;
	return r;
}

int pin_share(const char *dir, gid_t group, struct why *why)
{
	DIR *entries = opendir(dir);
	int r = entries ? share_all(entries, group) : -errno;

	if (entries)
		closedir(entries);
	if (r == -EPERM)
		return why_set(why, r,
			       "cannot let group %u read %s: it takes CAP_CHOWN and CAP_FSETID, or "
			       "being a member of it",
			       group, dir);
	return r < 0 ? why_set(why, r, "cannot let group %u read %s: %s", group, dir, strerror(-r))
		     : 0;
}
