/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "in_use.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "guard.h"
#include "pin.h"
#include "program_maps.h"

#define PINS_MAX 64 /* a guard has 16, and a few more while it is resized */
#define TRIES 20
#define TRY_NS 50000000

struct pins {
	__u32 ids[PINS_MAX];
	size_t n;
};

static int add_pin(const char *dir, const char *name, struct pins *pins)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	_cleanup_close_ int map = -1;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	r = pin_open(path, false, &map);
	if (r == -ENOENT || pins->n == PINS_MAX)
		return 0;
	if (r < 0 || bpf_obj_get_info_by_fd(map, &info, &size) < 0)
		return r ?: -errno;
	pins->ids[pins->n++] = info.id;
	return 0;
}

static int read_pins(const char *dir, struct pins *ret_pins)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	int r = 0;

	*ret_pins = (struct pins){};
	if (!entries)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(entries)))
		if (entry->d_name[0] != '.')
			r = add_pin(dir, entry->d_name, ret_pins);
	closedir(entries);
	return r;
}

/* 1, 0, or an error. A program that has gone meanwhile uses nothing. */
static int uses_pins(__u32 program, const struct pins *pins)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(program);
	struct program_maps maps;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	r = program_maps_read(fd, &maps);
	for (size_t i = 0; r == 0 && maps.type == BPF_PROG_TYPE_XDP && i < pins->n; i++)
		r = program_maps_have(&maps, pins->ids[i]);
	return r;
}

/* *ret_program: one that uses them; 0: none does. */
static int find_user(const struct pins *pins, __u32 *ret_program)
{
	__u32 id = 0;
	int r = 0;

	while (r == 0 && bpf_prog_get_next_id(id, &id) == 0)
		r = uses_pins(id, pins);
	*ret_program = r > 0 ? id : 0;
	if (r != 0)
		return r < 0 ? r : 0;
	return errno == ENOENT ? 0 : -errno;
}

int in_use_check(const char *dir, struct why *why)
{
	static const struct timespec a_moment = {.tv_nsec = TRY_NS};
	struct pins pins;
	__u32 program = 0;
	int r = read_pins(dir, &pins);

	if (r == 0 && !pins.n)
		return 0;
	for (int tries = 0; r == 0 && tries < TRIES; tries++) {
		if (tries)
			nanosleep(&a_moment, NULL);
		r = find_user(&pins, &program);
		if (r == 0 && !program)
			return 0;
	}
	if (r < 0)
		return guard_explain(why, r, "cannot find out who uses the guard's tables");
	return why_set(
		why, -EBUSY,
		"program %u still judges packets by the tables in %s, and is on no interface "
		"that can be seen here: if that is in another network namespace, go there "
		"first (nsenter --net=…); else take it off by hand (ip link set dev "
		"INTERFACE xdp off, or xdpgeneric off)",
		program, dir);
}
