// SPDX-License-Identifier: GPL-2.0-or-later
#include "floors.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/floor.skel.h"

#define FILL_BATCH 4096u

struct floors *floors_new(uint32_t capacity)
{
	struct floors *floors = calloc(1, sizeof(*floors));

	if (!floors || !(floors->programs = floor_bpf__open()))
		err(1, "cannot open the floor programs");
	bpf_map__set_max_entries(floors->programs->maps.counters, capacity);
	if (floor_bpf__load(floors->programs) < 0)
		err(1, "cannot load the floor programs");
	floors->nothing = bpf_program__fd(floors->programs->progs.nothing);
	floors->counter = bpf_program__fd(floors->programs->progs.plain_counter);
	floors->limiter = bpf_program__fd(floors->programs->progs.plain_limiter);
	return floors;
}

void floors_free(struct floors **floors)
{
	if (!*floors)
		return;
	floor_bpf__destroy((*floors)->programs);
	free(*floors);
	*floors = NULL;
}

void floors_fill(struct floors *floors, uint32_t first, uint32_t sources)
{
	static __u32 keys[FILL_BATCH];
	static __u64 values[FILL_BATCH];
	int map = bpf_map__fd(floors->programs->maps.counters);

	for (uint32_t done = 0; done < sources;) {
		__u32 n = sources - done < FILL_BATCH ? sources - done : FILL_BATCH;

		for (__u32 i = 0; i < n; i++)
			keys[i] = htonl(first + done + i);
		done += n;
		if (bpf_map_update_batch(map, keys, values, &n, NULL) < 0)
			err(1, "cannot fill the floor's table");
	}
}

void floors_complete(struct floors *floors, uint32_t first, uint32_t sources)
{
	int map = bpf_map__fd(floors->programs->maps.counters);
	const __u64 none = 0;

	for (uint32_t i = 0; i < sources; i++) {
		__u32 key = htonl(first + i);

		if (bpf_map_update_elem(map, &key, &none, BPF_NOEXIST) < 0 && errno != EEXIST)
			err(1, "cannot fill the floor's table");
	}
}
