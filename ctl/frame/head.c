/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "head.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "bpf/parse.h"
#include "policy/protocol.h"

void head_read_shape(uint32_t shape, struct head *head)
{
	head->shape = shape;
	head->protocol = (uint8_t)shape;
	head->fragment = shape < GUARD_SHAPE_FIRST_FRAGMENT ? HEAD_LATER
			 : shape < GUARD_SHAPE_WHOLE	    ? HEAD_FIRST
							    : HEAD_WHOLE;
	if (shape < GUARD_SHAPE_TCP_WHOLE)
		return;
	head->protocol = IPPROTO_TCP;
	head->flags = (uint8_t)shape;
	if (shape >= GUARD_SHAPE_TCP_FIRST)
		head->fragment = HEAD_FIRST;
}

/* As far as the parser reads: Ethernet, tags, IPv6, extension headers, TCP. */
#define HEADERS_SIZE (14 + 4 * VLAN_TAGS_MAX + 40 + EXTENSION_BYTES_MAX + 20)

/* What stands behind Ethernet's 14 bytes is read by words of 4, which the host may want aligned. */
static enum parse_result parse_aligned(const void *frame, size_t size, struct packet *ret_packet)
{
	_Alignas(4) uint8_t room[2 + HEADERS_SIZE];
	size_t n = size < HEADERS_SIZE ? size : HEADERS_SIZE;

	memcpy(room + 2, frame, n);
	return parse_packet(room + 2, room + 2 + n, 0, ret_packet);
}

struct head head_read(const void *frame, size_t size)
{
	struct packet packet = {.length = (uint32_t)size};
	struct head head = {.kind = HEAD_MALFORMED};

	switch (parse_aligned(frame, size, &packet)) {
	case PARSE_MALFORMED:
		return head;
	case PARSE_OTHER:
		head.kind = HEAD_OTHER;
		return head;
	case PARSE_IP:
		break;
	}
	head = (struct head){
		.kind = HEAD_IP,
		.from = packet.from,
		.to = packet.to,
		.is_ipv6 = packet.family == IPV6,
		.from_port = packet.from_port,
		.to_port = packet.to_port,
		.is_neighbour_discovery = packet.is_neighbour_discovery,
	};
	head_read_shape(packet.shape, &head);
	return head;
}

static void print_end(FILE *out, const struct guard_address *address, bool is_ipv6, uint32_t port)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(address, text);
	if (port == GUARD_NO_PORT)
		fputs(text, out);
	else
		fprintf(out, is_ipv6 ? "[%s]:%u" : "%s:%u", text, port);
}

static void print_flags(FILE *out, uint8_t flags)
{
	const char *between = " flags ";

	for (unsigned i = 0; i < PROTOCOL_FLAGS; i++) {
		if (!(flags >> i & 1))
			continue;
		fprintf(out, "%s%s", between, protocol_flags[i]);
		between = ",";
	}
}

static void print_head(FILE *out, const struct head *head)
{
	static const char *const fragments[] = {"", " fragment first", " fragment later"};
	char protocol[PROTOCOL_TEXT_SIZE];

	fprintf(out, "%s ", protocol_format(head->protocol, protocol));
	print_end(out, &head->from, head->is_ipv6, head->from_port);
	fputs(" > ", out);
	print_end(out, &head->to, head->is_ipv6, head->to_port);
	print_flags(out, head->flags);
	fputs(fragments[head->fragment], out);
}

char *head_format(const struct head *head, char text[HEAD_TEXT_SIZE])
{
	FILE *out = fmemopen(text, HEAD_TEXT_SIZE, "w");

	text[0] = '\0';
	if (!out)
		return text;
	if (head->kind == HEAD_IP)
		print_head(out, head);
	else
		fputs(head->kind == HEAD_OTHER ? "neither IPv4 nor IPv6" : "malformed", out);
	fclose(out);
	return text;
}
