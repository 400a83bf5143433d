/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame bytes to struct packet. Pure: no map, no helper, so that it also compiles natively and is
 * fuzzed there. Byte order is converted here, once; addresses stay as they are compared.
 *
 * A header counts only when it lies inside what the headers before it announce: a port read from
 * Ethernet padding would be a port the host never sees.
 */
#pragma once

#include <stdbool.h>

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "abi.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* A function of its own: inlined, what few packets need would crowd those that do not. */
#define __slow_path static __attribute__((noinline))
/* Global as well: the verifier reads it once by itself, not once for every path that leads to it. */
#ifdef __bpf__
#define __slow_path_global __attribute__((noinline))
#else
#define __slow_path_global static __attribute__((noinline, unused))
#endif

#define VLAN_TAGS_MAX 2		/* QinQ; a frame with more is not ours to read */
#define EXTENSION_HEADERS_MAX 8 /* more than any real sender uses; a longer chain is malformed */

#define EXTENSION_BYTES_MAX (EXTENSION_HEADERS_MAX * 256 * 8)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be16_to_cpu(x) __builtin_bswap16(x)
#define be32_to_cpu(x) __builtin_bswap32(x)
#define be64_to_cpu(x) __builtin_bswap64(x)
#else
#define be16_to_cpu(x) (x)
#define be32_to_cpu(x) (x)
#define be64_to_cpu(x) (x)
#endif
#define cpu_to_be16 be16_to_cpu
#define cpu_to_be32 be32_to_cpu
#define cpu_to_be64 be64_to_cpu

enum family {
	IPV4,
	IPV6,
};

struct packet {
	struct guard_address from;
	struct guard_address to;
	__u32 family;	 /* enum family: index of what guard_policy keeps for each */
	__u32 length;	 /* of the frame as received: the caller knows it */
	__u32 shape;	 /* enum guard_shape and what is added to it */
	__u32 from_port; /* host order, or GUARD_NO_PORT */
	__u32 to_port;
	__u32 is_neighbour_discovery; /* 1 or 0 */
};

enum parse_result {
	PARSE_IP,
	PARSE_OTHER,
	PARSE_MALFORMED,
};

enum fragment {
	FRAGMENT_WHOLE,
	FRAGMENT_FIRST,
	FRAGMENT_LATER,
};

/* What is left to read of the datagram: `room` bytes of it from `at`, none of them behind `end`. */
struct cursor {
	const void *at;
	const void *end;
	__u32 room;
};

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

struct extension_header {
	__u8 next;
	__u8 length;
	__be16 fragment; /* of a fragment header: offset in 8-byte units << 3, bit 0: more follow */
	__be32 rest;
};

struct sctp_header {
	__be16 source;
	__be16 dest;
	__be32 tag;
	__be32 checksum;
};

static __always_inline bool is_vlan(__be16 type)
{
	return type == cpu_to_be16(0x8100) || type == cpu_to_be16(0x88a8) ||
	       type == cpu_to_be16(0x9100);
}

static __always_inline __u32 shape_of(__u8 protocol, enum fragment fragment)
{
	switch (fragment) {
	case FRAGMENT_WHOLE:
		return GUARD_SHAPE_WHOLE + protocol;
	case FRAGMENT_FIRST:
		return GUARD_SHAPE_FIRST_FRAGMENT + protocol;
	case FRAGMENT_LATER:
		break;
	}
	return GUARD_SHAPE_LATER_FRAGMENT + protocol;
}

static __always_inline enum parse_result parse_tcp(const struct cursor *c, enum fragment fragment,
						   struct packet *p)
{
	const struct tcphdr *tcp = c->at;
	const __u8 *octets = c->at;

	if (c->room < sizeof(*tcp) || (const void *)(tcp + 1) > c->end)
		return PARSE_MALFORMED;
	if (tcp->doff < 5 || tcp->doff * 4u > c->room)
		return PARSE_MALFORMED;
	p->from_port = be16_to_cpu(tcp->source);
	p->to_port = be16_to_cpu(tcp->dest);
	p->shape = octets[13] +
		   (fragment == FRAGMENT_FIRST ? GUARD_SHAPE_TCP_FIRST : GUARD_SHAPE_TCP_WHOLE);
	return PARSE_IP;
}

static __always_inline enum parse_result parse_udp(const struct cursor *c, enum fragment fragment,
						   struct packet *p)
{
	const struct udphdr *udp = c->at;
	__u16 length;

	if (c->room < sizeof(*udp) || (const void *)(udp + 1) > c->end)
		return PARSE_MALFORMED;
	length = be16_to_cpu(udp->len);
	if (length && length < sizeof(*udp))
		return PARSE_MALFORMED;
	if (fragment == FRAGMENT_WHOLE && length > c->room)
		return PARSE_MALFORMED;
	p->from_port = be16_to_cpu(udp->source);
	p->to_port = be16_to_cpu(udp->dest);
	return PARSE_IP;
}

static __always_inline enum parse_result parse_sctp(const struct cursor *c, struct packet *p)
{
	const struct sctp_header *sctp = c->at;

	if (c->room < sizeof(*sctp) || (const void *)(sctp + 1) > c->end)
		return PARSE_MALFORMED;
	p->from_port = be16_to_cpu(sctp->source);
	p->to_port = be16_to_cpu(sctp->dest);
	return PARSE_IP;
}

static __always_inline enum parse_result parse_icmp(const struct cursor *c, __u8 protocol,
						    struct packet *p)
{
	const __u8 *icmp = c->at;

	/* Type, code and checksum: what every ICMP message has. */
	if (c->room < 4 || (const void *)(icmp + 4) > c->end)
		return PARSE_MALFORMED;
	/* Router and neighbour solicitation and advertisement, redirect (RFC 4861): IPv6's only. */
	p->is_neighbour_discovery = p->family == IPV6 && protocol == IPPROTO_ICMPV6 &&
				    icmp[0] >= 133 && icmp[0] <= 137;
	return PARSE_IP;
}

static __always_inline enum parse_result parse_transport(const struct cursor *c, __u8 protocol,
							 enum fragment fragment, struct packet *p)
{
	p->shape = shape_of(protocol, fragment);
	p->from_port = GUARD_NO_PORT;
	p->to_port = GUARD_NO_PORT;
	p->is_neighbour_discovery = 0;

	if (fragment == FRAGMENT_LATER)
		return PARSE_IP;
	switch (protocol) {
	case IPPROTO_TCP:
		return parse_tcp(c, fragment, p);
	case IPPROTO_UDP:
		return parse_udp(c, fragment, p);
	case IPPROTO_SCTP:
		return parse_sctp(c, p);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return parse_icmp(c, protocol, p);
	}
	return PARSE_IP;
}

static __always_inline void map_ipv4(struct guard_address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = cpu_to_be64(0xffff00000000 | be32_to_cpu(ipv4));
}

static __always_inline enum parse_result parse_ipv4(const void *at, const void *end, __u32 left,
						    struct packet *p)
{
	const struct iphdr *ip = at;
	enum fragment fragment = FRAGMENT_WHOLE;
	__u32 header, total;
	struct cursor c;
	__u16 offset;

	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return PARSE_MALFORMED;
	header = ip->ihl * 4;
	total = be16_to_cpu(ip->tot_len);
	if (total < header || total > left)
		return PARSE_MALFORMED;
	offset = be16_to_cpu(ip->frag_off);
	if (offset & 0x1fff)
		fragment = FRAGMENT_LATER;
	else if (offset & 0x2000)
		fragment = FRAGMENT_FIRST;

	p->family = IPV4;
	map_ipv4(&p->from, ip->saddr);
	map_ipv4(&p->to, ip->daddr);
	c = (struct cursor){at + header, end, total - header};
	return parse_transport(&c, ip->protocol, fragment, p);
}

/* Length of an extension header that may be stepped over; 0: `protocol` is none. */
static __always_inline __u32 extension_length(__u8 protocol, const struct extension_header *h)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
	case 139: /* HIP (RFC 7401) */
	case 140: /* Shim6 (RFC 5533) */
		return (h->length + 1) * 8;
	case IPPROTO_AH:
		return (h->length + 2) * 4;
	case IPPROTO_FRAGMENT:
		return 8;
	}
	return 0;
}

static __always_inline bool is_extension(__u8 protocol)
{
	const struct extension_header none = {};

	return extension_length(protocol, &none) != 0;
}

/*
 * Where the walk over IPv6 extension headers stands.
 *
 * The verifier follows every path with each constant it leaves behind, which over eight headers is more
 * than it will do. Adding a zero that it does not know to be one makes it forget the constants: all
 * paths look alike to it again. The same goes for what parsing leaves in the packet.
 */
struct walk {
	__u32 offset; /* of the header at hand, behind the fixed one */
	__u32 room;
	__u32 protocol;
	__u32 fragment; /* enum fragment */
};

static __always_inline void walk_forget_constants(struct walk *w, __u32 zero)
{
	w->offset += zero;
	w->room += zero;
	w->protocol += zero;
	w->fragment += zero;
}

static __always_inline void packet_forget_constants(struct packet *p, __u32 zero)
{
	p->family += zero;
	p->shape += zero;
	p->from_port += zero;
	p->to_port += zero;
	p->is_neighbour_discovery += zero;
}

/* Steps over one extension header; false: it is malformed. */
static __always_inline bool walk_step(struct walk *w, const void *at, const void *end)
{
	const struct extension_header *h = at + w->offset;
	__u32 length;

	if (w->room < sizeof(*h) || (const void *)(h + 1) > end)
		return false;
	length = extension_length(w->protocol, h);
	if (length > w->room)
		return false;
	if (w->protocol == IPPROTO_FRAGMENT) {
		if (h->fragment & cpu_to_be16(0xfff8))
			w->fragment = FRAGMENT_LATER;
		else if (h->fragment & cpu_to_be16(1))
			w->fragment = FRAGMENT_FIRST;
	}
	w->protocol = h->next;
	w->offset += length;
	w->room -= length;
	return true;
}

/* Of a later fragment nothing behind the fragment header can be read. */
static __always_inline bool walk_is_over(const struct walk *w)
{
	return w->fragment == FRAGMENT_LATER || !is_extension(w->protocol);
}

/*
 * ::ffff:0:0/96. No host sends from there (RFC 4291), and Linux drops what claims to; to us it would be the
 * IPv4 address's own packet.
 */
static __always_inline bool is_mapped(const struct guard_address *address)
{
	return address->words[0] == 0 &&
	       (address->words[1] & cpu_to_be64(0xffffffff00000000)) == cpu_to_be64(0xffff00000000);
}

__slow_path enum parse_result parse_ipv6(const void *at, const void *end, __u32 left, __u32 zero,
					 struct packet *p)
{
	const struct ipv6hdr *ip = at;
	struct walk w = {.fragment = FRAGMENT_WHOLE};
	struct cursor c;

	if ((const void *)(ip + 1) > end || ip->version != 6)
		return PARSE_MALFORMED;
	at = ip + 1;
	w.room = left - sizeof(*ip);
	if (be16_to_cpu(ip->payload_len) > w.room)
		return PARSE_MALFORMED;
	if (ip->payload_len) /* 0: a jumbogram, which fills the frame */
		w.room = be16_to_cpu(ip->payload_len);

	p->family = IPV6;
	__builtin_memcpy(&p->from, &ip->saddr, sizeof(p->from));
	__builtin_memcpy(&p->to, &ip->daddr, sizeof(p->to));
	if (is_mapped(&p->from))
		return PARSE_MALFORMED;
	w.protocol = ip->nexthdr;
	for (int i = 0; i < EXTENSION_HEADERS_MAX && !walk_is_over(&w); i++) {
		if (w.offset > EXTENSION_BYTES_MAX || !walk_step(&w, at, end))
			return PARSE_MALFORMED;
		walk_forget_constants(&w, zero);
	}
	if (w.offset > EXTENSION_BYTES_MAX || !walk_is_over(&w))
		return PARSE_MALFORMED;
	c = (struct cursor){at + w.offset, end, w.room};
	return parse_transport(&c, w.protocol, w.fragment, p);
}

/* The type behind the VLAN tags, and what follows it; false: the frame ends in front of it. */
static __always_inline bool skip_tags(const void **at, const void *end, __be16 *ret_type)
{
	const struct ethhdr *eth = *at;

	if ((const void *)(eth + 1) > end)
		return false;
	*ret_type = eth->h_proto;
	*at = eth + 1;
	for (int i = 0; i < VLAN_TAGS_MAX && is_vlan(*ret_type); i++) {
		const struct vlan_tag *tag = *at;

		if ((const void *)(tag + 1) > end)
			return false;
		*ret_type = tag->type;
		*at = tag + 1;
	}
	return true;
}

/*
 * `data` to `end` is the frame, or its first buffer; headers that run on into another one are malformed.
 * `zero` is 0: see struct walk.
 */
static __always_inline enum parse_result parse_packet(const void *data, const void *end, __u32 zero,
						      struct packet *p)
{
	enum parse_result result = PARSE_OTHER;
	const void *at = data;
	__u32 left;
	__be16 type;

	if (!skip_tags(&at, end, &type))
		return PARSE_MALFORMED;
	left = p->length - (__u32)(at - data);
	if (type == cpu_to_be16(ETH_P_IP))
		result = parse_ipv4(at, end, left, p);
	else if (type == cpu_to_be16(ETH_P_IPV6))
		result = parse_ipv6(at, end, left, zero, p);
	packet_forget_constants(p, zero);
	return result;
}
