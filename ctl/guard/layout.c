/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <errno.h>
#include <stddef.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"

struct layout {
	const char *name;
	size_t fd; /* offset in struct guard */
	enum bpf_map_type type;
	uint32_t key_size, value_size;
};

#define TABLE(name, type, key_size, value_size) \
	{ \
#name, offsetof(struct guard, name), BPF_MAP_TYPE_##type, key_size, value_size \
	}
#define ARRAY_OF(name, type, value_size) TABLE(name, type, sizeof(uint32_t), value_size)
#define HASH_OF(name, type, key, value) TABLE(name, type, sizeof(key), sizeof(value))

static const struct layout layouts[] = {
	ARRAY_OF(control, ARRAY, sizeof(struct guard_control)),
	ARRAY_OF(interfaces, ARRAY, sizeof(struct guard_interface)),
	/* An id: of a map that push makes anew each time. */
	ARRAY_OF(policies, ARRAY_OF_MAPS, sizeof(uint32_t)),
	ARRAY_OF(ranges, ARRAY_OF_MAPS, sizeof(uint32_t)),
	ARRAY_OF(tags, ARRAY, sizeof(struct guard_set)),
	ARRAY_OF(sources, ARRAY, sizeof(struct guard_source)),
	HASH_OF(buckets, LRU_HASH, struct guard_bucket_key, struct guard_bucket),
	ARRAY_OF(shared, ARRAY, sizeof(struct guard_shared)),
	HASH_OF(blocks, HASH, struct guard_block_key, struct guard_block),
	ARRAY_OF(outcomes, PERCPU_ARRAY, sizeof(struct guard_count)),
	ARRAY_OF(rule_counts, PERCPU_ARRAY, sizeof(struct guard_rule_count)),
	ARRAY_OF(admission, PERCPU_ARRAY, sizeof(struct guard_admission)),
	ARRAY_OF(sketch, ARRAY, GUARD_SKETCH_SLOTS),
	TABLE(events, RINGBUF, 0, 0),
	ARRAY_OF(event_counts, PERCPU_ARRAY, sizeof(struct guard_event_counts)),
};

#define X(name) +1
_Static_assert(ARRAY_SIZE(layouts) == GUARD_MAPS(X), "every map has a layout");
#undef X

static int read_info(int fd, struct bpf_map_info *ret_info, struct why *why)
{
	__u32 size = sizeof(*ret_info);

	*ret_info = (struct bpf_map_info){};
	if (bpf_obj_get_info_by_fd(fd, ret_info, &size) < 0)
		return guard_explain(why, -errno, "cannot read what the guard's tables look like");
	return 0;
}

static int check(const struct guard *guard, const struct layout *layout, struct why *why)
{
	int fd = *(const int *)((const char *)guard + layout->fd);
	struct bpf_map_info info;
	int r = read_info(fd, &info, why);

	if (r < 0)
		return r;
	if (info.type != layout->type)
		return why_set(
			why, -EPROTO,
			"the guard in %s is damaged, or of another build of xdpguard (\"%s\" is "
			"a table of type %u, this tool's %u); take it off: xdpguard detach "
			"--all",
			guard->dir, layout->name, info.type, layout->type);
	if (info.key_size == layout->key_size && info.value_size == layout->value_size)
		return 0;
	return why_set(
		why, -EPROTO,
		"the guard in %s is of another build of xdpguard (entries of \"%s\" have %u + "
		"%u bytes, this tool's %u + %u); detach it with that one, or: xdpguard "
		"detach --all",
		guard->dir, layout->name, info.key_size, info.value_size, layout->key_size,
		layout->value_size);
}

int layout_check(const struct guard *guard, struct why *why)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(layouts); i++)
		r = check(guard, &layouts[i], why);
	return r;
}

int layout_check_control(const struct guard *guard, struct why *why)
{
	struct bpf_map_info info;
	int r = read_info(guard->control, &info, why);

	if (r < 0)
		return r;
	if (info.type == BPF_MAP_TYPE_ARRAY && info.map_flags & BPF_F_MMAPABLE &&
	    info.value_size >= sizeof(((struct guard_control *)NULL)->abi))
		return 0;
	return why_set(why, -EPROTO,
		       "the guard in %s is damaged: \"control\" is not its table; take it off: "
		       "xdpguard detach --all",
		       guard->dir);
}
