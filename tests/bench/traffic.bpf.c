// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic for the benchmark. BPF_PROG_TEST_RUN repeats one frame, whose
 * source would stay in the L1 cache and flatter; these programs give it another source and then jump to
 * the program under test. Their state is in the frame itself, whose bytes last from one repetition to the
 * next: no map, and nothing that two CPUs would share. They also take the time, since the run itself
 * takes a millisecond to set up and says how long it took in whole ns a packet.
 *
 * A source is a number of 32 bits: the IPv4 address, or in IPv6 what follows 2001:db8:.
 */
#include <stddef.h>

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "traffic.h"

const volatile __u8 cfg_is_ipv6 = 0;
const volatile __u32 cfg_first = 0;   /* of the sources that are known */
const volatile __u32 cfg_sources = 1; /* how many are */
const volatile __u32 cfg_repeats = 1; /* packets of a forged source */
const volatile __u32 cfg_known_every = 16;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subject SEC(".maps");

static __always_inline void write_source(const struct xdp_md *ctx, __u32 source)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ipv6 = data + sizeof(struct ethhdr);
	struct iphdr *ipv4 = data + sizeof(struct ethhdr);

	if (cfg_is_ipv6 && (void *)(ipv6 + 1) <= end)
		ipv6->saddr.s6_addr32[1] = bpf_htonl(source);
	else if (!cfg_is_ipv6 && (void *)(ipv4 + 1) <= end)
		ipv4->saddr = bpf_htonl(source);
}

static __always_inline struct traffic_state *state_of(const struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct traffic_state *s = data + (cfg_is_ipv6 ? TRAFFIC_STATE_IPV6 : TRAFFIC_STATE_IPV4);

	return (void *)(s + 1) <= (void *)(long)ctx->data_end ? s : NULL;
}

static __always_inline void take_time(struct traffic_state *s)
{
	if (s->left-- != 0)
		return;
	s->left = s->period - 1;
	s->stamps[0] = s->stamps[1];
	s->stamps[1] = bpf_ktime_get_ns();
}

/* One of the known sources, at random. Knuth's MMIX generator; its upper bits are the good ones. */
static __always_inline __u32 random_known(struct traffic_state *s)
{
	s->number = s->number * 6364136223846793005 + 1442695040888963407;
	return cfg_first + s->offset + ((s->number >> 32) * cfg_sources >> 32);
}

/* Each number gives another one, in no order: C. Wellons' lowbias32. */
static __always_inline __u32 scatter(__u32 x)
{
	x = (x ^ x >> 16) * 0x7feb352d;
	x = (x ^ x >> 15) * 0x846ca68b;
	return x ^ x >> 16;
}

/*
 * The n-th packet's source where every source sends cfg_repeats packets: FORGED_BATCH sources in turn, so
 * often, before others come.
 */
static __always_inline __u32 forged(__u64 n)
{
	__u32 batch = n / FORGED_BATCH;

	/* Division by what the compiler knows costs next to nothing. */
	if (cfg_repeats == 2)
		batch /= 2;
	else if (cfg_repeats == 3)
		batch /= 3;
	return scatter(batch * FORGED_BATCH + n % FORGED_BATCH);
}

SEC("xdp")
int vary_nothing(struct xdp_md *ctx)
{
	struct traffic_state *s = state_of(ctx);

	if (!s)
		return XDP_ABORTED;
	take_time(s);
	bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int vary_known(struct xdp_md *ctx)
{
	struct traffic_state *s = state_of(ctx);

	if (!s)
		return XDP_ABORTED;
	take_time(s);
	write_source(ctx, random_known(s));
	bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int vary_forged(struct xdp_md *ctx)
{
	struct traffic_state *s = state_of(ctx);

	if (!s)
		return XDP_ABORTED;
	take_time(s);
	write_source(ctx, forged(s->number++));
	bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

/* A flood, and one packet in cfg_known_every from a known source, each in its turn. */
SEC("xdp")
int vary_mixed(struct xdp_md *ctx)
{
	struct traffic_state *s = state_of(ctx);
	__u64 n;

	if (!s)
		return XDP_ABORTED;
	take_time(s);
	n = s->number++;
	if (n % cfg_known_every)
		write_source(ctx, forged(n));
	else
		write_source(ctx, cfg_first + n / cfg_known_every % cfg_sources);
	bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
