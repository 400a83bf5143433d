/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <net/ethernet.h>
#include <pcap/sll.h>

#include "base/cleanup.h"
#include "capture_private.h"

/* What stands in front of IP in the capture, and the Ethernet header that takes its place. */
struct link_header {
	size_t size;
	uint16_t type;
	bool is_sent;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* False: the frame is shorter than its own link header. */
static bool read_link(int link, const uint8_t *bytes, size_t captured, struct link_header *ret)
{
	struct link_header header = {};

	if (captured == 0)
		return false;
	switch (link) {
	case DLT_LINUX_SLL:
		header.size = SLL_HDR_LEN;
		if (captured < header.size)
			return false;
		header.type = get16(bytes + 14);
		header.is_sent = get16(bytes) == LINUX_SLL_OUTGOING;
		break;
	case DLT_LINUX_SLL2:
		header.size = SLL2_HDR_LEN;
		if (captured < header.size)
			return false;
		header.type = get16(bytes);
		header.is_sent = bytes[10] == LINUX_SLL_OUTGOING;
		break;
	default:
		header.type = bytes[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
	}
	*ret = header;
	return true;
}

/* The frame with an Ethernet header in place of its own. */
static void take_over(struct capture *capture, const struct link_header *header,
		      struct capture_frame *frame)
{
	const uint8_t *network = frame->bytes + header->size;
	size_t captured = frame->captured - header->size;

	if (captured > CAPTURE_FRAME_MAX - ETHER_HDR_LEN)
		captured = CAPTURE_FRAME_MAX - ETHER_HDR_LEN;
	memset(capture->room, 0, ETHER_HDR_LEN);
	capture->room[12] = (uint8_t)(header->type >> 8);
	capture->room[13] = (uint8_t)header->type;
	memcpy(capture->room + ETHER_HDR_LEN, network, captured);
	frame->bytes = capture->room;
	frame->captured = captured + ETHER_HDR_LEN;
	frame->size = frame->size - header->size + ETHER_HDR_LEN;
	frame->is_sent = header->is_sent;
}

static void fill_up(struct capture *capture, struct capture_frame *frame)
{
	size_t room = capture_frame_room(frame);

	if (frame->captured >= room) {
		frame->captured = room;
		return;
	}
	if (frame->bytes != capture->room)
		memcpy(capture->room, frame->bytes, frame->captured);
	memset(capture->room + frame->captured, 0, room - frame->captured);
	frame->bytes = capture->room;
}

/* libpcap has words for it alone: where the file ends in a frame, its end has been met. */
static int complain(const struct capture *capture, struct why *why)
{
	FILE *file = pcap_file(capture->pcap);
	bool is_cut = file && feof(file) && !ferror(file);

	return why_set(why, is_cut ? -ENODATA : -EINVAL, "%s", pcap_geterr(capture->pcap));
}

int capture_read(struct capture *capture, struct capture_frame *ret_frame, struct why *why)
{
	struct pcap_pkthdr *packet;
	struct link_header header;
	struct capture_frame frame = {};
	int r = pcap_next_ex(capture->pcap, &packet, &frame.bytes);

	if (r == PCAP_ERROR_BREAK)
		return 0;
	if (r == 0)
		return -EAGAIN;
	if (r < 0)
		return complain(capture, why);
	/* Asked for by capture_open: what is called microseconds here are ns. */
	frame.time_ns = (uint64_t)packet->ts.tv_sec * 1000000000 + (uint64_t)packet->ts.tv_usec;
	frame.captured = packet->caplen;
	frame.size = packet->len > packet->caplen ? packet->len : packet->caplen;
	if (capture->link == DLT_EN10MB)
		fill_up(capture, &frame);
	else if (!read_link(capture->link, frame.bytes, frame.captured, &header))
		frame.size = frame.captured = 0; /* nothing of it is left without that */
	else {
		take_over(capture, &header, &frame);
		fill_up(capture, &frame);
	}
	*ret_frame = frame;
	return 1;
}
