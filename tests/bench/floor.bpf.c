// SPDX-License-Identifier: GPL-2.0-or-later
/* What the benchmark compares with: no program does the job for less. */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <linux/if_ether.h>
#include <linux/ip.h>

/* max_entries follow the table of the program that is compared. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} missed SEC(".maps");

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	return XDP_DROP;
}

static __always_inline bool parse_source(const struct xdp_md *ctx, __u32 *ret_source)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < 5)
		return false;
	*ret_source = ip->saddr;
	return true;
}

/* Parse, look the source up, count. Whoever is not in the table is counted in one place. */
SEC("xdp")
int plain_counter(struct xdp_md *ctx)
{
	__u32 source, zero = 0;
	__u64 *count;

	if (!parse_source(ctx, &source))
		return XDP_PASS;
	count = bpf_map_lookup_elem(&counters, &source);
	if (!count)
		count = bpf_map_lookup_elem(&missed, &zero);
	if (count)
		__sync_fetch_and_add(count, 1);
	return XDP_DROP;
}

/* No floor, but what is common: every source gets an entry at once. */
SEC("xdp")
int plain_limiter(struct xdp_md *ctx)
{
	__u64 one = 1, *count;
	__u32 source;

	if (!parse_source(ctx, &source))
		return XDP_PASS;
	count = bpf_map_lookup_elem(&counters, &source);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&counters, &source, &one, BPF_NOEXIST);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
