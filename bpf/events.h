/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is dropped and blocked, told to whoever reads map events. Without a reader, or with one that was
 * killed, a drop costs a look at the lease. With one, a flood costs a count a packet: a source is told once in a
 * window for each rule, and where all sources are new, GUARD_EVENTS_PER_WINDOW bounds them.
 */
#pragma once

#include "judgement.h"

static __always_inline bool events_are_wanted(const struct guard_control *control, __u64 now)
{
	/* One that is over looks far too long. Jiffies lag, so one that was just renewed looks longer than it is. */
	return control->events_until - now - 1 < 2 * GUARD_EVENT_LEASE;
}

/* The precise clock may have been a window ahead for a moment: that does not bring the last one back. */
static __always_inline bool is_window_over(__u64 stored, __u64 window)
{
	return (__u16)(stored - window) > 1;
}

/* NULL: no more of this kind in this window, which is counted. */
static __always_inline struct guard_event_counts *event_counts_find(__u64 now, __u32 kind)
{
	__u64 window = now >> GUARD_EVENT_WINDOW_SHIFT;
	struct guard_event_counts *counts;
	__u32 zero = 0;

	counts = bpf_map_lookup_elem(&event_counts, &zero);
	if (!counts)
		return NULL;
	if (is_window_over(counts->window, window)) {
		counts->window = window;
		counts->taken[GUARD_EVENT_DROP] = counts->taken[GUARD_EVENT_BLOCK] = 0;
	}
	if (counts->taken[kind] < GUARD_EVENTS_PER_WINDOW)
		return counts;
	counts->suppressed[kind]++;
	return NULL;
}

/* Rules and, where none decided, outcomes have a bit each. Where two share one, some more is suppressed. */
static __always_inline __u64 event_bit(__u32 outcome, __u32 slot)
{
	return 1ull << (slot ? slot + GUARD_OUTCOMES : outcome) % GUARD_EVENT_BITS;
}

static __always_inline bool is_first_drop(struct guard_source *source, __u64 now, __u64 bit)
{
	__u64 old = *(volatile __u64 *)&source->event, next = old | bit;
	__u64 window = now >> GUARD_EVENT_WINDOW_SHIFT;

	if (is_window_over(old >> GUARD_EVENT_BITS, window))
		next = window << GUARD_EVENT_BITS | bit;
	/* Of CPUs that come here at once, one is the first. */
	return next != old && __sync_val_compare_and_swap(&source->event, old, next) == old;
}

/* Room for one more, to be submitted. NULL: the reader is slow, which is counted. */
static __always_inline struct guard_event *event_begin(struct guard_event_counts *counts,
						       __u32 kind)
{
	struct guard_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		counts->suppressed[kind]++;
		return NULL;
	}
	counts->taken[kind]++;
	counts->sent[kind]++;
	return event;
}

/* `outcome` as in map outcomes; `slot` of the rule that decided, + 1, or 0. */
__slow_path_global int event_drop(const struct packet *p, struct guard_source *source, __u64 now,
				  __u32 outcome, __u32 slot)
{
	bool is_monitored = outcome >= GUARD_REASON_COUNT;
	struct guard_event_counts *counts;
	struct guard_event *event;

	if (!p)
		return 0;
	counts = event_counts_find(now, GUARD_EVENT_DROP);
	if (!counts)
		return 0;
	if (source && !is_first_drop(source, now, event_bit(outcome, slot))) {
		counts->suppressed[GUARD_EVENT_DROP]++;
		return 0;
	}
	event = event_begin(counts, GUARD_EVENT_DROP);
	if (!event)
		return 0;
	*event = (struct guard_event){
		.time = now,
		.from = p->from,
		.to = p->to,
		.length = p->length,
		.from_port = p->from_port,
		.to_port = p->to_port,
		.shape = p->shape,
		.slot = slot,
		.kind = GUARD_EVENT_DROP,
		.reason = is_monitored ? outcome - GUARD_REASON_COUNT : outcome,
		.monitor = is_monitored,
		.interface = cfg_interface,
	};
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* A block that begins now. */
__slow_path_global int event_block(const struct guard_block_key *key,
				   const struct guard_block *block)
{
	struct guard_event_counts *counts;
	struct guard_event *event;

	if (!key || !block)
		return 0;
	counts = event_counts_find(block->since, GUARD_EVENT_BLOCK);
	event = counts ? event_begin(counts, GUARD_EVENT_BLOCK) : NULL;
	if (!event)
		return 0;
	*event = (struct guard_event){
		.time = block->since,
		.from = key->address,
		.until = block->until,
		.slot = block->slot,
		.kind = GUARD_EVENT_BLOCK,
		.monitor = block->flags & GUARD_BLOCK_MONITOR,
		.bits = key->bits,
		.interface = cfg_interface,
	};
	bpf_ringbuf_submit(event, 0);
	return 0;
}
