/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every map, and the knobs that are fixed when the program is loaded. */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"

/* Which of the guard's interfaces this instance sits on: its row in map outcomes. */
const volatile __u32 cfg_interface = 0;
/* One jiffy, and jiffy 0, in time units: what turns jiffies into the time of bpf_ktime_get_ns. */
const volatile __u64 cfg_jiffy = 0;
const volatile __u64 cfg_jiffy_zero = 0;
/* Tests and replay set the clock in map control instead. */
const volatile __u8 cfg_test_clock = 0;
/* New sources a CPU admits in one window without asking the sketch. Follows sources.capacity. */
const volatile __u32 cfg_admit_budget = 0;
/* How many sets map tags has and how many sources they are for, and guard_control.seed. */
const volatile __u32 cfg_sets = 2;
const volatile __u32 cfg_capacity = 1;
const volatile __u64 cfg_seed[2] = {1, 1};
/* Frames may lie in several buffers (xdp.frags): only then is their length worth a helper's call. */
const volatile __u8 cfg_has_frags = 0;

/* Mapped into the tool's memory: it writes single words while the program writes others. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct guard_control);
} control SEC(".maps");

/* The program does not read it; it says which interface has which row of map outcomes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, GUARD_INTERFACES_MAX);
	__type(key, __u32);
	__type(value, struct guard_interface);
} interfaces SEC(".maps");

/* Inner maps give sizes, not types: clang describes types behind two pointers as declarations only. */
struct policy_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct guard_policy));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct policy_map);
} policies SEC(".maps");

/* BPF_F_INNER_MAP: policies differ in how many cells they need. */
struct ranges_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct guard_cell));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct ranges_map);
} ranges SEC(".maps");

/* max_entries of tags, sources and buckets follow sources.capacity when they are created. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct guard_set);
} tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct guard_source);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct guard_bucket_key);
	__type(value, struct guard_bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, GUARD_LIMIT_SLOTS);
	__type(key, __u32);
	__type(value, struct guard_shared);
} shared SEC(".maps");

/* Not preallocated: a million blocks are possible, and most guards hold a handful. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GUARD_BLOCKS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct guard_block_key);
	__type(value, struct guard_block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GUARD_INTERFACES_MAX *GUARD_OUTCOMES);
	__type(key, __u32);
	__type(value, struct guard_count);
} outcomes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, GUARD_RULE_SLOTS);
	__type(key, __u32);
	__type(value, struct guard_rule_count);
} rule_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard_admission);
} admission SEC(".maps");

/* How often sources outside the table were seen lately: one byte each, age << 4 | count. */
struct sketch {
	__u8 slots[GUARD_SKETCH_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sketch);
} sketch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, GUARD_EVENTS_SIZE);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard_event_counts);
} event_counts SEC(".maps");

static __always_inline struct guard_control *control_find(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}
