/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model.h"

#include <string.h>

/* What is left of the frame, or of the datagram. */
struct rest {
	const uint8_t *at;
	size_t size;
};

static unsigned two(const struct rest *rest, size_t at)
{
	return (unsigned)rest->at[at] << 8 | rest->at[at + 1];
}

static struct rest behind(struct rest rest, size_t bytes)
{
	return (struct rest){rest.at + bytes, rest.size - bytes};
}

static bool read_tcp(struct rest rest, struct model_packet *packet)
{
	size_t header;

	if (rest.size < 20)
		return false;
	header = (size_t)(rest.at[12] >> 4) * 4;
	if (header < 20 || header > rest.size)
		return false;
	packet->has_flags = true;
	packet->flags = rest.at[13];
	return true;
}

static bool read_udp(struct rest rest, const struct model_packet *packet)
{
	unsigned length;

	if (rest.size < 8)
		return false;
	length = two(&rest, 4);
	if (length == 0)
		return true;
	return length >= 8 && (length <= rest.size || packet->fragment == MODEL_FIRST);
}

static bool read_transport(struct rest rest, struct model_packet *packet)
{
	bool is_good = true;

	switch (packet->protocol) {
	case 1:
	case 58:
		if (rest.size < 4)
			return false;
		packet->icmp_type = rest.at[0];
		return true;
	case 6:
		is_good = read_tcp(rest, packet);
		break;
	case 17:
		is_good = read_udp(rest, packet);
		break;
	case 132:
		is_good = rest.size >= 12;
		break;
	default:
		return true;
	}
	if (!is_good)
		return false;
	packet->has_ports = true;
	packet->from_port = two(&rest, 0);
	packet->to_port = two(&rest, 2);
	return true;
}

static bool read_datagram(struct rest rest, struct model_packet *packet)
{
	return packet->fragment == MODEL_LATER || read_transport(rest, packet);
}

static void map_ipv4(const uint8_t *ipv4, uint8_t address[16])
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, ipv4, 4);
}

static bool read_ipv4(struct rest rest, struct model_packet *packet)
{
	size_t header, total;

	if (rest.size < 20 || rest.at[0] >> 4 != 4)
		return false;
	header = (size_t)(rest.at[0] & 15) * 4;
	total = two(&rest, 2);
	if (header < 20 || total < header || total > rest.size)
		return false;
	if (two(&rest, 6) & 0x1fff)
		packet->fragment = MODEL_LATER;
	else if (rest.at[6] & 0x20)
		packet->fragment = MODEL_FIRST;
	packet->protocol = rest.at[9];
	map_ipv4(rest.at + 12, packet->from);
	map_ipv4(rest.at + 16, packet->to);
	rest.size = total;
	return read_datagram(behind(rest, header), packet);
}

/* 0: the protocol is no extension header. */
static size_t extension_size(uint8_t protocol, const struct rest *rest)
{
	switch (protocol) {
	case 44:
		return 8;
	case 51:
		return ((size_t)rest->at[1] + 2) * 4;
	case 0:
	case 43:
	case 60:
	case 135:
	case 139:
	case 140:
		return ((size_t)rest->at[1] + 1) * 8;
	}
	return 0;
}

static bool is_extension(uint8_t protocol)
{
	static const uint8_t nothing[8];
	const struct rest rest = {nothing, sizeof(nothing)};

	return extension_size(protocol, &rest) > 0;
}

static bool skip_extensions(struct rest *rest, struct model_packet *packet)
{
	unsigned n = 0;

	while (is_extension(packet->protocol) && packet->fragment != MODEL_LATER) {
		size_t size;

		if (++n > 8 || rest->size < 8)
			return false;
		size = extension_size(packet->protocol, rest);
		if (size > rest->size)
			return false;
		if (packet->protocol == 44 && two(rest, 2) >> 3)
			packet->fragment = MODEL_LATER;
		else if (packet->protocol == 44 && rest->at[3] & 1)
			packet->fragment = MODEL_FIRST;
		packet->protocol = rest->at[0];
		*rest = behind(*rest, size);
	}
	return true;
}

static bool is_mapped_ipv4(const uint8_t address[16])
{
	static const uint8_t front[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address, front, sizeof(front)) == 0;
}

static bool read_ipv6(struct rest rest, struct model_packet *packet)
{
	size_t payload;

	if (rest.size < 40 || rest.at[0] >> 4 != 6)
		return false;
	payload = two(&rest, 4);
	if (payload > rest.size - 40 || is_mapped_ipv4(rest.at + 8))
		return false;
	packet->is_ipv6 = true;
	packet->protocol = rest.at[6];
	memcpy(packet->from, rest.at + 8, 16);
	memcpy(packet->to, rest.at + 24, 16);
	rest = behind(rest, 40);
	if (payload)
		rest.size = payload;
	return skip_extensions(&rest, packet) && read_datagram(rest, packet);
}

static enum model_kind read_frame(struct rest rest, struct model_packet *packet)
{
	unsigned type;

	if (rest.size < 14)
		return MODEL_MALFORMED;
	type = two(&rest, 12);
	rest = behind(rest, 14);
	for (int i = 0; i < 2 && (type == 0x8100 || type == 0x88a8 || type == 0x9100); i++) {
		if (rest.size < 4)
			return MODEL_MALFORMED;
		type = two(&rest, 2);
		rest = behind(rest, 4);
	}
	switch (type) {
	case 0x0800:
		return read_ipv4(rest, packet) ? MODEL_IP : MODEL_MALFORMED;
	case 0x86dd:
		return read_ipv6(rest, packet) ? MODEL_IP : MODEL_MALFORMED;
	}
	return MODEL_OTHER;
}

struct model_packet model_read(const uint8_t *frame, size_t size)
{
	struct model_packet packet = {.icmp_type = -1};

	packet.kind = read_frame((struct rest){frame, size}, &packet);
	return packet;
}
