/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <errno.h>
#include <stddef.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"

struct layout {
	const char *name;
	size_t fd; /* offset in struct guard */
	uint32_t key_size, value_size;
};

#define ARRAY_OF(name, value) \
	{ \
#name, offsetof(struct guard, name), sizeof(uint32_t), value \
	}
#define HASH_OF(name, key, value) \
	{ \
#name, offsetof(struct guard, name), sizeof(key), sizeof(value) \
	}

static const struct layout layouts[] = {
	ARRAY_OF(control, sizeof(struct guard_control)),
	ARRAY_OF(interfaces, sizeof(struct guard_interface)),
	ARRAY_OF(policies, sizeof(uint32_t)), /* an id: of a map that push makes anew each time */
	ARRAY_OF(ranges, sizeof(uint32_t)),
	ARRAY_OF(tags, sizeof(struct guard_set)),
	ARRAY_OF(sources, sizeof(struct guard_source)),
	HASH_OF(buckets, struct guard_bucket_key, struct guard_bucket),
	ARRAY_OF(shared, sizeof(struct guard_shared)),
	HASH_OF(blocks, struct guard_block_key, struct guard_block),
	ARRAY_OF(outcomes, sizeof(struct guard_count)),
	ARRAY_OF(rule_counts, sizeof(struct guard_rule_count)),
	ARRAY_OF(admission, sizeof(struct guard_admission)),
	ARRAY_OF(sketch, GUARD_SKETCH_SLOTS),
	{"events", offsetof(struct guard, events), 0, 0}, /* a ring */
	ARRAY_OF(event_counts, sizeof(struct guard_event_counts)),
};

#define X(name) +1
_Static_assert(ARRAY_SIZE(layouts) == GUARD_MAPS(X), "every map has a layout");
#undef X

static int check(const struct guard *guard, const struct layout *layout, struct why *why)
{
	int fd = *(const int *)((const char *)guard + layout->fd);
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return guard_explain(why, -errno, "cannot read what the guard's tables look like");
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
