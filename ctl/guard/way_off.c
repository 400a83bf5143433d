/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "way_off.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "pin.h"
#include "probe.h"
#include "program_maps.h"

#define CONTROL "control"
#define DIR_SIZE (sizeof(PROBE_BPFFS) + 1 + NAME_MAX)

static int map_info(int map, struct bpf_map_info *ret_info)
{
	__u32 size = sizeof(*ret_info);

	memset(ret_info, 0, size);
	return bpf_obj_get_info_by_fd(map, ret_info, &size) < 0 ? -errno : 0;
}

/* The id of a guard's control map that the program uses, or 0: it is no guard's. */
static uint32_t control_of(const struct hook_program *program)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(program->id);
	struct program_maps maps;

	if (strcmp(program->name, "xdpguard") != 0 || fd < 0 || program_maps_read(fd, &maps) < 0)
		return 0;
	for (size_t i = 0; i < maps.n; i++) {
		_cleanup_close_ int map = bpf_map_get_fd_by_id(maps.ids[i]);
		struct bpf_map_info info;

		if (map >= 0 && map_info(map, &info) == 0 && strcmp(info.name, CONTROL) == 0)
			return maps.ids[i];
	}
	return 0;
}

static bool is_pinned_in(const char dir[DIR_SIZE], uint32_t control)
{
	_cleanup_close_ int map = -1;
	struct bpf_map_info info;
	char path[DIR_SIZE + sizeof("/" CONTROL)];

	snprintf(path, sizeof(path), "%.*s/" CONTROL, (int)DIR_SIZE, dir);
	return pin_open(path, false, &map) == 0 && map_info(map, &info) == 0 && info.id == control;
}

/* Where guards commonly are; false: it is elsewhere. */
static bool find_dir(uint32_t control, char ret_dir[DIR_SIZE])
{
	DIR *entries = opendir(PROBE_BPFFS);
	struct dirent *entry;
	bool is_found = false;

	while (!is_found && entries && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
			continue;
		snprintf(ret_dir, DIR_SIZE, PROBE_BPFFS "/%s", entry->d_name);
		is_found = is_pinned_in(ret_dir, control);
	}
	if (entries)
		closedir(entries);
	return is_found;
}

/* The link that holds the program there, or 0: none does, or who asks may not know. */
static uint32_t link_of(uint32_t ifindex, uint32_t program)
{
	uint32_t id = 0;

	while (bpf_link_get_next_id(id, &id) == 0) {
		_cleanup_close_ int fd = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = {};
		__u32 size = sizeof(info);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
			continue;
		if (info.type == BPF_LINK_TYPE_XDP && info.prog_id == program &&
		    info.xdp.ifindex == ifindex)
			return id;
	}
	return 0;
}

const char *way_off(const char *interface, const struct hook *hook, char text[WAY_OFF_SIZE])
{
	/* "xdp" alone is the driver's mode where that has one, and then takes no other program off. */
	static const char *const words[] = {
		[HOOK_NATIVE] = "xdp",
		[HOOK_GENERIC] = "xdpgeneric",
		[HOOK_OFFLOAD] = "xdpoffload",
	};
	uint32_t control = control_of(&hook->programs[0]);
	uint32_t link = link_of(if_nametoindex(interface), hook->programs[0].id);
	char dir[DIR_SIZE];

	if (control && find_dir(control, dir))
		snprintf(text, WAY_OFF_SIZE, "xdpguard detach --dev %s --dir %s", interface, dir);
	else if (control)
		snprintf(text, WAY_OFF_SIZE,
			 "xdpguard detach --dev %s --dir DIR, for it is another guard's: with the "
			 "--dir that it was applied with",
			 interface);
	else if (link)
		snprintf(text, WAY_OFF_SIZE,
			 "bpftool link detach id %u, or end what holds that link: a process, or a "
			 "pin in a BPF filesystem",
			 link);
	else
		snprintf(text, WAY_OFF_SIZE, "ip link set dev %s %s off", interface,
			 words[hook->mode]);
	return text;
}
