// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The packet's way: parse, find its source, classify, look for blocks, judge by limits, count. What
 * decides, in which order, is in docs/policy.md; `decide` below is that page in C.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <xdp/xdp_helpers.h>

#include "classify.h"
#include "count.h"
#include "limit.h"

/* Where libxdp places the program unless the policy's `chain` says otherwise. */
struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(xdpguard);

/* Read once a packet: all of it is judged by this policy, whatever apply does meanwhile. */
static __always_inline const struct guard_policy *policy_find(const struct guard_control *control)
{
	__u32 active = *(volatile __u32 *)&control->active, zero = 0;
	void *policy = bpf_map_lookup_elem(&policies, &active);

	return policy ? bpf_map_lookup_elem(policy, &zero) : NULL;
}

static __always_inline enum guard_reason default_reason(const struct judgement *j)
{
	if (j->policy->default_action != GUARD_ACTION_DROP)
		return GUARD_PASS_DEFAULT;
	return j->p.is_neighbour_discovery ? GUARD_PASS_NEIGHBOUR : GUARD_DROP_DEFAULT;
}

static __always_inline enum guard_reason rule_reason(struct judgement *j,
						     const struct guard_rule *rule)
{
	if (!rule)
		return default_reason(j);
	switch (rule->action) {
	case GUARD_ACTION_PASS:
		return GUARD_PASS_RULE;
	case GUARD_ACTION_DROP:
		return GUARD_DROP_RULE;
	}
	return limits_take(j, rule);
}

static __always_inline struct verdict blocked(bool is_monitored)
{
	return (struct verdict){.reason = GUARD_DROP_BLOCKED, .is_monitored = is_monitored};
}

static __always_inline struct verdict decide(struct judgement *j)
{
	const struct guard_policy *policy = j->policy;
	__u32 range = source_range(j);
	struct block_state block = block_of(j);
	bool is_blocked = block.flags && (policy->monitor || !(block.flags & GUARD_BLOCK_MONITOR));
	struct verdict v = {};
	__u32 n;

	/* Only a rule with action: pass goes before a block, and most sources can reach none. */
	if (is_blocked && !(range & GUARD_RANGE_MAY_PASS))
		return blocked(policy->monitor);
	n = classify(policy, &j->p, range);
	if (n < GUARD_RULES_MAX)
		v.rule = &policy->rule[n];
	if (is_blocked && !(v.rule && v.rule->action == GUARD_ACTION_PASS))
		return blocked(policy->monitor);

	j->is_watched = block.flags;
	v.reason = rule_reason(j, v.rule);
	if (v.reason >= GUARD_FIRST_DROP)
		v.is_monitored = policy->monitor || (v.rule && v.rule->monitor);
	/* What a rule in monitor mode has blocked the others still judge. */
	if (j->is_watched && v.reason != GUARD_PASS_RULE && !is_dropped(&v))
		return blocked(true);
	return v;
}

static __always_inline struct verdict judge(struct judgement *j)
{
	struct verdict v;

	j->clock = clock_read(j->control);
	j->source = source_find(j);
	v = decide(j);
	if (j->source)
		count_source(j->source, &v, j->p.length);
	return v;
}

static __always_inline struct verdict judge_malformed(struct judgement *j)
{
	if (j->policy->malformed_action == GUARD_ACTION_PASS)
		return (struct verdict){.reason = GUARD_PASS_MALFORMED};
	j->clock = clock_read(j->control); /* for the event */
	return (struct verdict){.reason = GUARD_DROP_MALFORMED, .is_monitored = j->policy->monitor};
}

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	if (cfg_has_frags)
		return bpf_xdp_get_buff_len(ctx);
	return ctx->data_end - ctx->data;
}

static __always_inline struct verdict judge_frame(struct judgement *j, const void *data,
						  const void *end)
{
	struct verdict v = {};

	j->control = control_find();
	j->policy = j->control ? policy_find(j->control) : NULL;
	if (!j->policy) {
		v.reason = GUARD_PASS_UNGUARDED;
		return v;
	}
	switch (parse_packet(data, end, j->policy->zero, &j->p)) {
	case PARSE_OTHER:
		v.reason = GUARD_PASS_OTHER;
		return v;
	case PARSE_MALFORMED:
		return judge_malformed(j);
	case PARSE_IP:
		break;
	}
	return judge(j);
}

static __always_inline void tell(struct judgement *j, const struct verdict *v)
{
	if (j->control && events_are_wanted(j->control, j->clock.now))
		event_drop(&j->p, j->source, j->clock.now, outcome_of(v),
			   v->rule ? v->rule->slot + 1 : 0);
}

SEC("xdp")
int xdpguard(struct xdp_md *ctx)
{
	struct judgement j = {.p.length = frame_length(ctx)};
	struct verdict v = judge_frame(&j, (void *)(long)ctx->data, (void *)(long)ctx->data_end);

	count_outcome(&v, j.p.length);
	count_rule(&v, j.p.length);
	if (v.reason < GUARD_FIRST_DROP)
		return XDP_PASS;
	tell(&j, &v);
	return v.is_monitored ? XDP_PASS : XDP_DROP;
}

/* What both clocks say at once, written over the frame: how the tool learns where jiffy 0 lies. */
SEC("xdp")
int xdpguard_clocks(struct xdp_md *ctx)
{
	__u64 *reading = (void *)(long)ctx->data;

	if ((void *)(reading + 2) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	reading[0] = bpf_jiffies64();
	reading[1] = bpf_ktime_get_ns();
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
