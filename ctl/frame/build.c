/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include <string.h>

#include <net/ethernet.h>
#include <netinet/in.h>

#include "base/cleanup.h"

#define TYPE_VLAN 0x8100
#define HEADERS_MAX 256	 /* all of them, with room */
#define LATER_OFFSET 185 /* in 8-byte units: what follows a first fragment of 1,480 bytes */

/* Headers as they are written, one behind the other. */
struct headers {
	uint8_t bytes[HEADERS_MAX];
	size_t size;
	size_t network; /* where the IP header starts */
};

static uint8_t *append(struct headers *headers, size_t size)
{
	uint8_t *at = headers->bytes + headers->size;

	headers->size += size;
	return at;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void add_ethernet(struct headers *headers, const struct spec *spec)
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};

	memcpy(append(headers, sizeof(addresses)), addresses, sizeof(addresses));
	for (unsigned i = 0; i < spec->n_tags; i++) {
		uint8_t *tag = append(headers, 4);

		put16(tag, TYPE_VLAN);
		put16(tag + 2, spec->tags[i]);
	}
	put16(append(headers, 2), spec->is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	headers->network = headers->size;
}

static void add_ipv4(struct headers *headers, const struct spec *spec)
{
	uint8_t *ip = append(headers, 20);

	ip[0] = 0x45;
	if (spec->fragment != SPEC_WHOLE)
		put16(ip + 6, spec->fragment == SPEC_FIRST ? 0x2000 : LATER_OFFSET);
	ip[8] = 64;
	ip[9] = spec->protocol;
	memcpy(ip + 12, spec->from.bytes + 12, 4);
	memcpy(ip + 16, spec->to.bytes + 12, 4);
}

static void add_ipv6(struct headers *headers, const struct spec *spec)
{
	bool is_fragment = spec->fragment != SPEC_WHOLE;
	uint8_t *ip = append(headers, 40), *fragment;

	ip[0] = 0x60;
	ip[6] = is_fragment ? IPPROTO_FRAGMENT : spec->protocol;
	ip[7] = 64;
	memcpy(ip + 8, spec->from.bytes, 16);
	memcpy(ip + 24, spec->to.bytes, 16);
	if (!is_fragment)
		return;
	fragment = append(headers, 8);
	fragment[0] = spec->protocol;
	put16(fragment + 2, spec->fragment == SPEC_FIRST ? 1 : LATER_OFFSET << 3);
}

static void add_ports(uint8_t *at, const struct spec *spec)
{
	put16(at, spec->from_port);
	put16(at + 2, spec->to_port);
}

static void add_transport(struct headers *headers, const struct spec *spec)
{
	uint8_t *at;

	switch (spec->protocol) {
	case IPPROTO_TCP:
		at = append(headers, 20);
		add_ports(at, spec);
		at[12] = 5 << 4;
		at[13] = spec->flags;
		break;
	case IPPROTO_UDP:
		add_ports(append(headers, 8), spec);
		break;
	case IPPROTO_SCTP:
		add_ports(append(headers, 12), spec);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		append(headers, 8)[0] = spec->icmp_type;
		break;
	}
}

/* The lengths that the headers announce, for a datagram of so many bytes. */
static void set_lengths(struct headers *headers, const struct spec *spec, size_t datagram)
{
	uint8_t *ip = headers->bytes + headers->network;
	size_t before = spec->is_ipv6 ? (spec->fragment == SPEC_WHOLE ? 40 : 48) : 20;

	if (spec->is_ipv6)
		put16(ip + 4, (unsigned)(datagram - 40));
	else
		put16(ip + 2, (unsigned)datagram);
	/* A first fragment's UDP header tells the length of the whole, of which this is a part. */
	if (spec->protocol == IPPROTO_UDP && spec->fragment != SPEC_LATER)
		put16(ip + before + 4, (unsigned)(datagram - before));
}

int build_frame(const struct spec *spec, struct frame *ret_frame, struct why *why)
{
	struct headers headers = {};
	size_t size, end;
	uint8_t *bytes;

	add_ethernet(&headers, spec);
	if (spec->is_ipv6)
		add_ipv6(&headers, spec);
	else
		add_ipv4(&headers, spec);
	if (spec->fragment != SPEC_LATER)
		add_transport(&headers, spec);
	if (spec->size && spec->size < headers.size)
		return why_set(why, -EINVAL, "size %zu: the headers of this packet take %zu bytes",
			       spec->size, headers.size);

	end = spec->size ?: headers.size;
	size = end < BUILD_SIZE_MIN && !spec->size ? BUILD_SIZE_MIN : end;
	set_lengths(&headers, spec, end - headers.network);
	bytes = calloc(1, size);
	if (!bytes)
		return why_set(why, -ENOMEM, "not enough memory");
	memcpy(bytes, headers.bytes, headers.size);
	*ret_frame = (struct frame){bytes, size};
	return 0;
}
