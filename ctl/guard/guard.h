/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guard: the maps that one set of interfaces shares, pinned in a directory of the BPF filesystem. They
 * keep working without the tool; the tool opens them by path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "bpf/abi.h"

#define GUARD_DIR "/sys/fs/bpf/xdpguard"

/* The maps that both sides name alike: field of struct guard, and pin. */
#define GUARD_MAPS(X) \
	X(control) \
	X(interfaces) \
	X(policies) \
	X(ranges) \
	X(tags) \
	X(sources) \
	X(buckets) \
	X(shared) \
	X(blocks) \
	X(outcomes) \
	X(rule_counts) \
	X(admission) \
	X(sketch) \
	X(events) \
	X(event_counts)

struct guard {
	char *dir; /* NULL: not pinned, gone when it is closed */
#define X(name) int name;
	GUARD_MAPS(X)
#undef X
	struct guard_control *memory; /* map control itself, shared with the packet program */
	bool has_copy;		      /* `memory` is one, for this process may read only */
	uint32_t capacity;	      /* sources that the table has room for */
};

/*
 * Opens the guard pinned in `dir`. -ENOENT: there is none. -EPROTO: it is of another version. Without
 * `is_writer` the control map is mapped read-only.
 */
int guard_open(const char *dir, bool is_writer, struct guard **ret_guard, struct why *why);

/*
 * Opens what there is of the guard in `dir` in order to remove it: half-made, or of another version. Only
 * its control map is open, and its memory must not be read.
 */
int guard_open_remains(const char *dir, struct guard **ret_guard, struct why *why);

/*
 * Makes a guard with empty tables. `dir` NULL: unpinned. What a killed tool left half-made in `dir` is
 * replaced; a whole guard there is -EEXIST.
 */
int guard_create(const char *dir, uint32_t capacity, struct guard **ret_guard, struct why *why);

/* Unpins everything and removes the directory. Programs still attached keep their maps alive. */
int guard_destroy(const char *dir, struct why *why);

/* The control map's memory for whoever writes a word of it that needs no lock. Accepts NULL to unmap. */
int guard_map_control(const struct guard *guard, bool is_writer, struct guard_control **ret_memory,
		      struct why *why);
void guard_unmap_control(struct guard_control **memory);

/* Reads the control map again where `memory` is a copy. */
void guard_refresh(const struct guard *guard);

/* False: what is pinned now is another guard, or none. */
bool guard_is_in_place(const struct guard *guard);

/* The kernel's number of the guard: until the next boot no other has it. */
int guard_number(const struct guard *guard, uint32_t *ret_number);

/* Accepts NULL; sets *guard to NULL. */
void guard_close(struct guard **guard);

/* Says what is missing when bpf() failed: the capability, the file system, the memory. */
int guard_explain(struct why *why, int error, const char *what);
