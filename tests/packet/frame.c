/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETHERNET_SIZE 14
#define TAG_SIZE 4
#define PROTOCOL_EXPERIMENT 253 /* RFC 3692: what a bare payload is */

static void die(const char *why)
{
	fprintf(stderr, "no frame: %s\n", why);
	abort();
}

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* What a test wants exactly, or what would be right. */
static unsigned exactly(unsigned wanted, unsigned right)
{
	return wanted ? wanted & ~EXACTLY(0) : right;
}

static size_t layer_size(const struct layer *layer)
{
	switch (layer->kind) {
	case LAYER_END:
	case LAYER_NOTHING:
		return 0;
	case LAYER_TAG:
		return TAG_SIZE;
	case LAYER_OTHER:
		return 46;
	case LAYER_IPV4:
	case LAYER_TCP:
		return 20 + layer->options;
	case LAYER_IPV6:
		return 40;
	case LAYER_EXTENSION:
		return 8 + layer->options;
	case LAYER_FRAGMENT:
	case LAYER_UDP:
	case LAYER_ICMP:
	case LAYER_ICMPV6:
	case LAYER_ESP:
		return 8;
	case LAYER_SCTP:
		return 12;
	case LAYER_GRE:
		return 4;
	case LAYER_PAYLOAD:
	case LAYER_PADDING:
		return layer->bytes;
	}
	return 0;
}

static unsigned ethernet_type(const struct layer *layer)
{
	switch (layer->kind) {
	case LAYER_TAG:
	case LAYER_OTHER:
		return layer->type;
	case LAYER_IPV4:
		return 0x0800;
	case LAYER_IPV6:
		return 0x86dd;
	default:
		die("behind Ethernet comes a tag, IPv4, IPv6 or something other");
	}
	return 0;
}

static unsigned protocol_number(const struct layer *layer)
{
	switch (layer->kind) {
	case LAYER_EXTENSION:
		return layer->type;
	case LAYER_FRAGMENT:
		return IPPROTO_FRAGMENT;
	case LAYER_TCP:
		return IPPROTO_TCP;
	case LAYER_UDP:
		return IPPROTO_UDP;
	case LAYER_SCTP:
		return IPPROTO_SCTP;
	case LAYER_ICMP:
		return IPPROTO_ICMP;
	case LAYER_ICMPV6:
		return IPPROTO_ICMPV6;
	case LAYER_GRE:
		return IPPROTO_GRE;
	case LAYER_ESP:
		return IPPROTO_ESP;
	case LAYER_NOTHING:
		return IPPROTO_NONE;
	default:
		return PROTOCOL_EXPERIMENT;
	}
}

/* A layer's protocol field: says what the next layer is. */
static unsigned char next_protocol(const struct layer *layer)
{
	return (unsigned char)exactly(layer->protocol, protocol_number(layer + 1));
}

static void put_address(unsigned char *at, int family, const char *text)
{
	if (inet_pton(family, text, at) != 1)
		die(text);
}

static void put_ipv4(unsigned char *at, const struct layer *layer, size_t left)
{
	at[0] = (unsigned char)(exactly(layer->version, 4) << 4 |
				exactly(layer->header, 5 + layer->options / 4));
	put16(at + 2, exactly(layer->total, (unsigned)left));
	put16(at + 6, (layer->more ? 0x2000 : 0) | layer->offset);
	at[8] = 64;
	at[9] = next_protocol(layer);
	put_address(at + 12, AF_INET, layer->from ?: "192.0.2.1");
	put_address(at + 16, AF_INET, layer->to ?: "198.51.100.1");
}

static void put_ipv6(unsigned char *at, const struct layer *layer, size_t left)
{
	at[0] = (unsigned char)(exactly(layer->version, 6) << 4);
	put16(at + 4, exactly(layer->total, (unsigned)left - 40));
	at[6] = next_protocol(layer);
	at[7] = 64;
	put_address(at + 8, AF_INET6, layer->from ?: "2001:db8::1");
	put_address(at + 24, AF_INET6, layer->to ?: "2001:db8:ffff::1");
}

static void put_extension(unsigned char *at, const struct layer *layer)
{
	at[0] = next_protocol(layer);
	/* Authentication headers count words of 4 bytes less 2, all others of 8 bytes less 1. */
	at[1] = (unsigned char)exactly(layer->header,
				       layer->options / (layer->type == IPPROTO_AH ? 4 : 8));
}

static void put_fragment(unsigned char *at, const struct layer *layer)
{
	at[0] = next_protocol(layer);
	put16(at + 2, layer->offset << 3 | layer->more);
}

static void put_ports(unsigned char *at, const struct layer *layer)
{
	put16(at, layer->from_port ?: 40000);
	put16(at + 2, layer->to_port);
}

static void put_tcp(unsigned char *at, const struct layer *layer)
{
	put_ports(at, layer);
	at[12] = (unsigned char)(exactly(layer->header, 5 + layer->options / 4) << 4);
	at[13] = (unsigned char)layer->flags;
}

/* Writes a layer at `at`; the datagram has `left` bytes from there on. */
static void put_layer(unsigned char *at, const struct layer *layer, size_t left)
{
	switch (layer->kind) {
	case LAYER_TAG:
		put16(at + 2, ethernet_type(layer + 1));
		break;
	case LAYER_IPV4:
		put_ipv4(at, layer, left);
		break;
	case LAYER_IPV6:
		put_ipv6(at, layer, left);
		break;
	case LAYER_EXTENSION:
		put_extension(at, layer);
		break;
	case LAYER_FRAGMENT:
		put_fragment(at, layer);
		break;
	case LAYER_TCP:
		put_tcp(at, layer);
		break;
	case LAYER_UDP:
		put_ports(at, layer);
		put16(at + 4, exactly(layer->total, (unsigned)left));
		break;
	case LAYER_SCTP:
		put_ports(at, layer);
		break;
	case LAYER_ICMP:
	case LAYER_ICMPV6:
		at[0] = (unsigned char)layer->type;
		break;
	case LAYER_PAYLOAD:
	case LAYER_PADDING:
		memset(at, (int)layer->fill, layer->bytes);
		break;
	case LAYER_OTHER:
	case LAYER_GRE:
	case LAYER_ESP:
	case LAYER_NOTHING:
	case LAYER_END:
		break;
	}
}

static size_t datagram_end(const struct layer *layers)
{
	size_t end = ETHERNET_SIZE;

	for (; layers->kind != LAYER_END && layers->kind != LAYER_PADDING; layers++)
		end += layer_size(layers);
	return end;
}

struct frame frame_of(const struct layer *layers)
{
	static const unsigned char macs[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	struct frame frame = {.size = ETHERNET_SIZE};
	size_t end = datagram_end(layers);

	memcpy(frame.bytes, macs, sizeof(macs));
	put16(frame.bytes + sizeof(macs), ethernet_type(layers));
	for (; layers->kind != LAYER_END; layers++) {
		size_t size = layer_size(layers);

		if (frame.size + size > sizeof(frame.bytes))
			die("too long");
		put_layer(frame.bytes + frame.size, layers, end - frame.size);
		frame.size += size;
	}
	return frame;
}

size_t frame_network_offset(const struct layer *layers)
{
	size_t offset = ETHERNET_SIZE;

	for (; layers->kind == LAYER_TAG; layers++)
		offset += TAG_SIZE;
	return offset;
}
