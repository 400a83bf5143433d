/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission to the table of sources. A flood of forged sources makes every packet the first of its
 * source; to insert each would cost an insertion and an eviction a packet, and throw real sources out.
 * So a CPU admits a budget of new sources in a window at once, and beyond that only what the sketch
 * has seen ADMIT_AFTER times lately (the idea of TinyLFU: Einziger, Friedman & Manes, 2017).
 *
 * The sketch is lossy on purpose: two sources in one slot, or a lost update, admit a source early or
 * late and have no other effect. Its age grows with time and, under a flood, with every
 * SKETCH_HELD_PER_AGE packets held, so that forged sources never fill it.
 */
#pragma once

#include "judgement.h"

#define SKETCH_AGE_SHIFT 37 /* 1.1 s */
#define SKETCH_HELD_PER_AGE \
	(GUARD_SKETCH_SLOTS / 8) /* by one CPU: of all CPUs together, as many an age */
#define ADMIT_AFTER GUARD_ESTABLISHED

static __always_inline __u32 sketch_slot(const struct guard_address *source)
{
	/* Multiply-xorshift over both words: the constants are odd and have no other meaning. */
	__u64 hash = source->words[0] * 0x9e3779b97f4a7c15 ^ source->words[1];

	hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93;
	return (hash ^ hash >> 32) & (GUARD_SKETCH_SLOTS - 1);
}

/* Counts one more packet of the source; true: it was seen often enough. */
static __always_inline bool sketch_saw_often(const struct guard_address *source, __u64 now,
					     const struct guard_control *control)
{
	__u8 age = ((now >> SKETCH_AGE_SHIFT) + control->sketch_age) & 0xf;
	struct sketch *s;
	__u32 zero = 0;
	__u8 *slot, count;

	s = bpf_map_lookup_elem(&sketch, &zero);
	if (!s)
		return true;
	slot = &s->slots[sketch_slot(source)];
	count = *slot >> 4 == age ? *slot & 0xf : 0;
	if (count < ADMIT_AFTER)
		count++;
	*slot = age << 4 | count;
	return count >= ADMIT_AFTER;
}

/* Begins a new window when it is time for one. */
static __always_inline void admission_turn(struct guard_admission *a, __u64 now)
{
	__u64 window = now >> GUARD_ADMIT_WINDOW_SHIFT;

	if (a->window == window)
		return;
	a->admitted_before = window - a->window == 1 ? a->admitted - a->admitted_then : 0;
	a->admitted_then = a->admitted;
	a->window = window;
	a->fresh = 0;
}

static __always_inline void hold(struct guard_admission *a, struct guard_control *control,
				 __u64 now)
{
	a->held++;
	a->last_held = now;
	if (a->held % SKETCH_HELD_PER_AGE == 0)
		__sync_fetch_and_add(&control->sketch_age, 1);
}

static __always_inline bool admit(const struct guard_address *source, __u64 now,
				  struct guard_control *control, struct guard_admission *a)
{
	if (a->fresh < cfg_admit_budget) {
		a->fresh++;
		return true;
	}
	if (sketch_saw_often(source, now, control))
		return true;
	hold(a, control, now);
	return false;
}
