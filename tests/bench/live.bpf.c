// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends out of the interface that the frame is said to have come from (XDP_TX under
 * BPF_F_TEST_XDP_LIVE_FRAMES). The frames' memory goes round, each with what was last written there, so
 * state is here. One processor runs this, so it needs no atomics.
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <linux/if_ether.h>
#include <linux/ip.h>

const volatile __u8 cfg_is_forged = 0;
const volatile __u32 cfg_first = 0;   /* source, or the first of those that are forged */
const volatile __u32 cfg_sources = 1; /* a power of two; after so many the first sends again */
const volatile __u32 cfg_sum = 0; /* of the IPv4 header's other words, as its checksum has them */

__u64 sent = 0;

/* Each number gives another one below a power of two, in no order. */
static __always_inline __u32 scatter(__u32 number)
{
	return number * 0x9e3779b1 & (cfg_sources - 1);
}

static __always_inline __u16 checksum(__u32 source)
{
	__u32 sum = cfg_sum + (source >> 16) + (source & 0xffff);

	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

SEC("xdp")
int send(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 source = cfg_first;

	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (cfg_is_forged)
		source += scatter(sent);
	sent++;
	ip->saddr = bpf_htonl(source);
	ip->check = bpf_htons(checksum(source));
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
