/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segments.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#define TAG_SIZE 4
#define TAGS_MAX 2
#define IPV6_SIZE 40
#define UDP_SIZE 8

static unsigned type_at(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static size_t transport_size(uint8_t protocol, const uint8_t *at)
{
	return protocol == IPPROTO_TCP ? (at[12] >> 4) * 4u : UDP_SIZE;
}

/* The headers from IP on, which each of the packets had; 0: it is not of what is joined. */
static size_t headers_size(const uint8_t *network, unsigned type)
{
	bool is_ipv6 = type == ETHERTYPE_IPV6;
	size_t size = is_ipv6 ? IPV6_SIZE : (network[0] & 0xf) * 4u;
	uint8_t protocol = network[is_ipv6 ? 6 : 9];

	if (!is_ipv6 && type != ETHERTYPE_IP)
		return 0;
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return 0;
	return size + transport_size(protocol, network + size);
}

size_t segments_of(const struct capture_frame *frame, size_t mtu)
{
	size_t link = ETHER_HDR_LEN, headers, payload;
	unsigned type;

	if (frame->size <= link + mtu)
		return 1;
	type = type_at(frame->bytes + 12);
	for (unsigned i = 0; i < TAGS_MAX && (type == ETHERTYPE_VLAN || type == 0x88a8); i++) {
		type = type_at(frame->bytes + link + 2);
		link += TAG_SIZE;
	}
	headers = headers_size(frame->bytes + link, type);
	if (!headers || headers >= mtu || frame->size <= link + mtu)
		return 1;
	payload = frame->size - link - headers;
	return (payload + mtu - headers - 1) / (mtu - headers);
}
