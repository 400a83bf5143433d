/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool.h"

#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "guard/read.h"

#define KEY_MAX 32

static struct {
	struct program_options options;
	unsigned n_programs;
	struct loaded loaded;
} kept;

void loaded_close(struct loaded *loaded)
{
	for (unsigned i = 0; i < POOL_PROGRAMS; i++)
		program_close(&loaded->programs[i]);
	guard_close(&loaded->guard);
}

static int read_info(int map, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, size);
	return bpf_obj_get_info_by_fd(map, info, &size) < 0 ? -errno : 0;
}

static int empty_hash(int map)
{
	unsigned char key[KEY_MAX];

	while (bpf_map_get_next_key(map, NULL, key) == 0)
		if (bpf_map_delete_elem(map, key) < 0 && errno != ENOENT)
			return -errno;
	return errno == ENOENT ? 0 : -errno;
}

static int zero_array(int map, const struct bpf_map_info *info)
{
	bool is_per_cpu = info->type == BPF_MAP_TYPE_PERCPU_ARRAY;
	size_t size = is_per_cpu ? libbpf_num_possible_cpus() * ((info->value_size + 7) & ~7u)
				 : info->value_size;
	_cleanup_free_ __u32 *keys = calloc(info->max_entries, sizeof(*keys));
	_cleanup_free_ void *zeros = calloc(info->max_entries, size);
	__u32 n = info->max_entries;

	if (!keys || !zeros)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++)
		keys[i] = i;
	return bpf_map_update_batch(map, keys, zeros, &n, NULL) < 0 ? -errno : 0;
}

static int empty_slots(int map, const struct bpf_map_info *info)
{
	for (__u32 i = 0; i < info->max_entries; i++)
		if (bpf_map_delete_elem(map, &i) < 0 && errno != ENOENT)
			return -errno;
	return 0;
}

static int make_as_new(int map)
{
	struct bpf_map_info info;
	int r = read_info(map, &info);

	if (r < 0)
		return r;
	switch (info.type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
		return info.key_size <= KEY_MAX ? empty_hash(map) : -EINVAL;
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return zero_array(map, &info);
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
		return empty_slots(map, &info);
	case BPF_MAP_TYPE_RINGBUF:
		return 0; /* its next reader throws away what is there */
	}
	return -EINVAL;
}

static int make_guard_as_new(struct guard *guard)
{
	const uint64_t seed[2] = {guard->memory->seed[0], guard->memory->seed[1]};
	struct why why = {};
	int r = reset_sources(guard, &why);

	/* No map is larger than that of sources, and no entry outlives its tag. */
#define X(name) \
	if (r == 0 && guard->name != guard->sources && guard->name != guard->tags) \
		r = make_as_new(guard->name);
	GUARD_MAPS(X)
#undef X
	/* As guard_create leaves it, and as the kept program knows it. */
	guard->memory->block_generation = 2;
	memcpy(guard->memory->seed, seed, sizeof(seed));
	guard->memory->abi = GUARD_ABI;
	return r;
}

static bool are_equal(const struct program_options *a, const struct program_options *b)
{
	return a->interface == b->interface && a->has_test_clock == b->has_test_clock &&
	       a->is_alone == b->is_alone && a->has_frags == b->has_frags;
}

bool pool_take(const struct program_options *options, unsigned n_programs,
	       struct loaded *ret_loaded)
{
	if (!kept.loaded.guard || kept.n_programs != n_programs ||
	    !are_equal(&kept.options, options) || make_guard_as_new(kept.loaded.guard) < 0)
		return false;
	*ret_loaded = kept.loaded;
	kept.loaded = (struct loaded){};
	return true;
}

void pool_give(const struct program_options *options, unsigned n_programs,
	       const struct loaded *loaded)
{
	loaded_close(&kept.loaded);
	kept.options = *options;
	kept.n_programs = n_programs;
	kept.loaded = *loaded;
}
