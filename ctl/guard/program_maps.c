/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program_maps.h"

#include <errno.h>

#include <bpf/bpf.h>

int program_maps_read(int program, struct program_maps *ret_maps)
{
	struct bpf_prog_info info = {
		.map_ids = (uintptr_t)ret_maps->ids,
		.nr_map_ids = PROGRAM_MAPS_MAX,
	};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return -errno;
	/* The kernel tells how many there are, and fills in as many as there is room for. */
	ret_maps->n = info.nr_map_ids < PROGRAM_MAPS_MAX ? info.nr_map_ids : PROGRAM_MAPS_MAX;
	ret_maps->type = info.type;
	return 0;
}

bool program_maps_have(const struct program_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->ids[i] == id)
			return true;
	return false;
}
