/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "in_use.h"
#include "layout.h"
#include "pin.h"
#include "program.h"
#include "resize.h"

#define CONTROL_SIZE 4096 /* a page: what an array map of one entry is mapped as */

int guard_explain(struct why *why, int error, const char *what)
{
	switch (-error) {
	case EPERM:
		return why_set(why, error,
			       "%s: not permitted; run as root where the kernel knows it as such, "
			       "not in a container or a user namespace",
			       what);
	case EACCES:
		return why_set(why, error,
			       "%s: not permitted; run as root, or as who applied the policy; "
			       "xdpguard apply --group lets a group read",
			       what);
	case ENOMEM:
		return why_set(why, error,
			       "%s: not enough memory; lower sources.capacity in the policy", what);
	case EROFS:
		return why_set(why, error,
			       "%s: the BPF filesystem is mounted read-only; mount -o remount,rw "
			       "/sys/fs/bpf",
			       what);
	case ENOSYS:
		return why_set(why, error,
			       "%s: this kernel has no bpf(); xdpguard needs Linux 5.15 or later",
			       what);
	}
	return why_set(why, error, "%s: %s", what, strerror(-error));
}

/* Pins need a BPF filesystem below `dir`'s parents. */
static int check_bpffs(const char *dir, struct why *why)
{
	char parent[PATH_MAX];
	struct statfs fs;
	char *slash;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (slash && slash != parent)
		*slash = '\0';
	if (statfs(parent, &fs) < 0)
		return why_set(why, -errno, "%s: %s", parent, strerror(errno));
	if (fs.f_type != BPF_FS_MAGIC)
		return why_set(why, -ENOTDIR,
			       "%s is not a BPF filesystem, which xdpguard keeps its tables in; "
			       "mount it: mount -t bpf bpf /sys/fs/bpf",
			       parent);
	return 0;
}

static void pin_path(char path[PATH_MAX], const char *dir, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", dir, name);
}

static int open_pin(const char *dir, const char *name, bool is_writer, int *ret_map)
{
	char path[PATH_MAX];

	pin_path(path, dir, name);
	return pin_open(path, is_writer, ret_map);
}

static struct guard *guard_new(void)
{
	struct guard *guard = calloc(1, sizeof(*guard));

	if (!guard)
		return NULL;
#define X(name) guard->name = -1;
	GUARD_MAPS(X)
#undef X
	return guard;
}

int guard_map_control(const struct guard *guard, bool is_writer, struct guard_control **ret_memory,
		      struct why *why)
{
	int protection = is_writer ? PROT_READ | PROT_WRITE : PROT_READ;
	void *memory = mmap(NULL, CONTROL_SIZE, protection, MAP_SHARED, guard->control, 0);
	int r = memory == MAP_FAILED ? -errno : 0;

	/* The kernel maps nothing by a descriptor that only reads. */
	if (r == -EINVAL && !is_writer)
		r = pin_read(guard->control, CONTROL_SIZE, &memory);
	if (r < 0)
		return guard_explain(why, r, "cannot map the guard's control table");
	*ret_memory = memory;
	return 0;
}

void guard_unmap_control(struct guard_control **memory)
{
	if (*memory)
		munmap(*memory, CONTROL_SIZE);
	*memory = NULL;
}

void guard_close(struct guard **guard)
{
	struct guard *g = *guard;

	if (!g)
		return;
	guard_unmap_control(&g->memory);
#define X(name) closep(&g->name);
	GUARD_MAPS(X)
#undef X
	free(g->dir);
	free(g);
	*guard = NULL;
}

static int read_info(int map, struct bpf_map_info *ret_info)
{
	__u32 size = sizeof(*ret_info);

	*ret_info = (struct bpf_map_info){};
	return bpf_obj_get_info_by_fd(map, ret_info, &size) < 0 ? -errno : 0;
}

static int read_entries(int map, uint32_t *ret_entries)
{
	struct bpf_map_info info;
	int r = read_info(map, &info);

	if (r == 0)
		*ret_entries = info.max_entries;
	return r;
}

/* -ENOENT, with the way out. */
static int explain_no_guard(const char *dir, const char *way_out, struct why *why)
{
	struct why unmounted;

	if (check_bpffs(dir, &unmounted) == -ENOTDIR)
		return why_set(why, -ENOENT, "no guard in %s: %s", dir, unmounted.text);
	return why_set(why, -ENOENT, "no guard in %s%s", dir, way_out);
}

static int open_control(struct guard *guard, bool is_writer, struct why *why)
{
	int r = open_pin(guard->dir, "control", is_writer, &guard->control);

	if (r == -ENOENT)
		return explain_no_guard(guard->dir, "; start one with: xdpguard apply POLICY", why);
	if (r < 0)
		return guard_explain(why, r, "cannot open the guard's tables");
	r = layout_check_control(guard, why);
	if (r < 0)
		return r;
	guard->has_copy = !is_writer && (fcntl(guard->control, F_GETFL) & O_ACCMODE) == O_RDONLY;
	return guard_map_control(guard, is_writer, &guard->memory, why);
}

/* Before anything else is expected to be there: other versions have other tables. */
static int check_version(const struct guard *guard, struct why *why)
{
	/* Written last when a guard is made: 0 is one whose maker was killed on the way. */
	if (guard->memory->abi == 0)
		return why_set(why, -ENOENT,
			       "the guard in %s is half-made; xdpguard apply mends it", guard->dir);
	if (guard->memory->abi != GUARD_ABI)
		return why_set(why, -EPROTO,
			       "the guard in %s is of another version of xdpguard (tables %u, this "
			       "tool %d); detach it with that version, or: xdpguard detach --all",
			       guard->dir, guard->memory->abi, GUARD_ABI);
	return 0;
}

static int open_pins(struct guard *guard, bool is_writer, struct why *why)
{
	int r;

#define X(name) \
	if (guard->name < 0 && (r = open_pin(guard->dir, #name, is_writer, &guard->name)) < 0) \
		return r == -ENOENT \
			       ? why_set(why, r, \
					 "the guard in %s has lost its table \"" #name \
					 "\"; take it off and apply again: xdpguard detach --all", \
					 guard->dir) \
			       : guard_explain(why, r, "cannot open the guard's tables");
	GUARD_MAPS(X)
#undef X
	return layout_check(guard, why);
}

/*
 * A resize puts new tables in the place of old ones under three names, `tags` first. Whoever looks in the middle,
 * or after one that was killed there, finds the others beside theirs. `others`: entries that are no source's.
 */
static int open_fitting(const struct guard *guard, bool is_writer, const char *name,
			uint32_t others, int *map, uint32_t *ret_capacity)
{
	uint32_t tags = 0, entries = 0;
	int r = read_entries(guard->tags, &tags);

	if (r == 0)
		r = read_entries(*map, &entries);
	if (r == 0 && tags != GUARD_TAGS(entries - others)) {
		closep(map);
		r = resize_open(guard->dir, name, is_writer, map);
		if (r == 0)
			r = read_entries(*map, &entries);
	}
	*ret_capacity = entries - others;
	return r;
}

static int open_table(struct guard *guard, bool is_writer, struct why *why)
{
	uint32_t same;
	int r = open_fitting(guard, is_writer, "sources", GUARD_ENTRIES(0), &guard->sources,
			     &guard->capacity);

	if (r == 0)
		r = open_fitting(guard, is_writer, "buckets", 0, &guard->buckets, &same);
	return r < 0 ? guard_explain(why, r, "cannot read the table of sources") : 0;
}

int guard_open(const char *dir, bool is_writer, struct guard **ret_guard, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = guard_new();
	int r;

	if (!guard)
		return -ENOMEM;
	guard->dir = strdup(dir);
	if (!guard->dir)
		return -ENOMEM;
	r = open_control(guard, is_writer, why);
	if (!guard->memory)
		return r;
	r = check_version(guard, why);
	if (r == 0)
		r = open_pins(guard, is_writer, why);
	if (r == 0)
		r = open_table(guard, is_writer, why);
	if (r < 0)
		return r;
	*ret_guard = take_ptr(guard);
	return 0;
}

int guard_number(const struct guard *guard, uint32_t *ret_number)
{
	struct bpf_map_info info;
	int r = read_info(guard->control, &info);

	if (r == 0)
		*ret_number = info.id;
	return r;
}

void guard_refresh(const struct guard *guard)
{
	__u32 zero = 0;

	if (guard->has_copy)
		bpf_map_lookup_elem(guard->control, &zero, guard->memory);
}

bool guard_is_in_place(const struct guard *guard)
{
	struct bpf_map_info pinned, own;
	_cleanup_close_ int fd = -1;

	return open_pin(guard->dir, "control", false, &fd) == 0 && read_info(fd, &pinned) == 0 &&
	       read_info(guard->control, &own) == 0 && pinned.id == own.id;
}

int guard_open_remains(const char *dir, struct guard **ret_guard, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = guard_new();
	int r;

	if (!guard)
		return -ENOMEM;
	r = open_pin(dir, "control", true, &guard->control);
	if (r == -ENOENT && access(dir, F_OK) == 0)
		r = 0; /* half-made: nothing can be attached yet */
	if (r == -ENOENT)
		return explain_no_guard(dir, "", why);
	if (r < 0)
		return guard_explain(why, r, "cannot open the guard's control table");
	*ret_guard = take_ptr(guard);
	return 0;
}

static int pin_maps(const struct guard *guard, struct why *why)
{
	char path[PATH_MAX];
	int r;

#define X(name) \
	pin_path(path, guard->dir, #name); \
	r = pin_make(guard->name, path); \
	if (r < 0) \
		return guard_explain(why, r, path);
	GUARD_MAPS(X)
#undef X
	return 0;
}

static int prepare_dir(const char *dir, struct why *why)
{
	struct guard *old = NULL;
	int r;

	r = check_bpffs(dir, why);
	if (r < 0)
		return r;
	r = guard_open(dir, false, &old, why);
	guard_close(&old);
	if (r == 0)
		return why_set(why, -EEXIST, "there is a guard in %s already", dir);
	if (r != -ENOENT)
		return r;
	/* What was half-made nobody uses yet; what has lost a table is at work. */
	r = in_use_check(dir, why);
	if (r == -EBUSY)
		return why_set(why, r,
			       "the guard in %s has lost tables, and judges packets; take it off "
			       "first: xdpguard detach --all",
			       dir);
	if (r == 0)
		r = guard_destroy(dir, why);
	if (r < 0)
		return r;
	if (mkdir(dir, 0700) < 0)
		return guard_explain(why, -errno, dir);
	return 0;
}

static int make_maps(struct guard *guard, struct why *why)
{
	int r = program_create_maps(guard, why);

	if (r < 0)
		return r;
	r = guard_map_control(guard, true, &guard->memory, why);
	if (r < 0)
		return r;
	guard->memory->block_generation = 2; /* 0 is a source that has not looked */
	if (getrandom(guard->memory->seed, sizeof(guard->memory->seed), 0) < 0)
		return why_set(why, -errno, "cannot get random numbers: %s", strerror(errno));
	guard->memory->seed[0] |= 1;
	guard->memory->seed[1] |= 1;
	return guard->dir ? pin_maps(guard, why) : 0;
}

int guard_create(const char *dir, uint32_t capacity, struct guard **ret_guard, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = guard_new();
	int r;

	if (!guard)
		return -ENOMEM;
	guard->capacity = capacity;
	if (dir) {
		guard->dir = strdup(dir);
		if (!guard->dir)
			return -ENOMEM;
		r = prepare_dir(dir, why);
		if (r < 0)
			return r;
	}
	r = make_maps(guard, why);
	if (r < 0) {
		if (dir)
			guard_destroy(dir, NULL);
		return r;
	}
	__atomic_store_n(&guard->memory->abi, GUARD_ABI, __ATOMIC_RELEASE);
	*ret_guard = take_ptr(guard);
	return 0;
}

int guard_destroy(const char *dir, struct why *why)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	char what[PATH_MAX];
	int r = 0;

	if (!entries)
		return errno == ENOENT ? 0 : why_set(why, -errno, "%s: %s", dir, strerror(errno));
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || unlinkat(dirfd(entries), entry->d_name, 0) == 0)
			continue;
		r = -errno;
		snprintf(what, sizeof(what), "cannot remove %s/%s", dir, entry->d_name);
		guard_explain(why, r, what);
	}
	closedir(entries);
	if (r < 0 || rmdir(dir) == 0)
		return r;
	snprintf(what, sizeof(what), "cannot remove %s", dir);
	return guard_explain(why, -errno, what);
}
