/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters. By interface and by rule they are per CPU and cost no atomic; by source they are shared,
 * because a source is one entry however many CPUs see it.
 */
#pragma once

#include "maps.h"
#include "tally.h"

/* How a packet ends. */
struct verdict {
	enum guard_reason reason;
	bool is_monitored;	       /* `reason` would have dropped it, but it passes */
	const struct guard_rule *rule; /* that decided; NULL: none did */
};

static __always_inline bool is_dropped(const struct verdict *v)
{
	return v->reason >= GUARD_FIRST_DROP && !v->is_monitored;
}

/* Index in map outcomes, of this interface's. */
static __always_inline __u32 outcome_of(const struct verdict *v)
{
	return v->reason + (v->is_monitored ? GUARD_REASON_COUNT : 0);
}

static __always_inline void count_add(struct guard_count *count, __u32 length)
{
	count->packets++;
	count->bytes += length;
}

static __always_inline void count_outcome(const struct verdict *v, __u32 length)
{
	__u32 index = cfg_interface * GUARD_OUTCOMES + outcome_of(v);
	struct guard_count *count = bpf_map_lookup_elem(&outcomes, &index);

	if (count)
		count_add(count, length);
}

static __always_inline void count_rule(const struct verdict *v, __u32 length)
{
	struct guard_rule_count *count;
	__u32 slot;

	if (!v->rule)
		return;
	slot = v->rule->slot;
	count = bpf_map_lookup_elem(&rule_counts, &slot);
	if (!count)
		return;
	count_add(is_dropped(v) ? &count->dropped : &count->passed, length);
	if (v->is_monitored)
		count_add(&count->would_drop, length);
}

static __always_inline void count_source(struct guard_source *source, const struct verdict *v,
					 __u32 length)
{
	if (is_dropped(v))
		tally_add(&source->dropped, &source->dropped_wide, length);
	else
		tally_add(&source->passed, &source->passed_wide, length);
	if (v->reason < GUARD_FIRST_DROP)
		return;
	if (v->is_monitored)
		__sync_fetch_and_add(&source->would_drop, 1);
	/* Written only when they differ: under a flood on several CPUs each write takes the line away. */
	if (source->drop_reason != v->reason)
		source->drop_reason = v->reason;
	if (v->rule && source->drop_slot != v->rule->slot + 1)
		source->drop_slot = v->rule->slot + 1;
}
