// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes a capture of described packets:
 *
 *     mkcapture [--link EN10MB|RAW|LINUX_SLL|LINUX_SLL2|…] [--snaplen N] [--pcapng] FILE <<'END'
 *     0.5 100 0.01 udp 192.0.2.1:1234 > 198.51.100.1:53
 *     END
 *
 * A line is when the first packet comes, in seconds, how many there are, how far apart, and the packet as
 * xdpguard explain takes it. All lines' packets are sorted by time. Blank lines and '#' comments are
 * skipped.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "base/cleanup.h"
#include "frame/build.h"

#define NS 1000000000ull
#define START (1767225600 * NS) /* 2026-01-01 00:00:00 UTC */
#define SNAPLEN_MAX 262144
#define ETHERNET_SIZE 14
#define LINKTYPE_RAW 101 /* DLT_RAW differs from system to system, files do not */

struct packet {
	uint64_t time_ns;
	size_t order; /* among those of one moment */
	const struct frame *frame;
};

/* A frame that any number of packets are. */
struct line {
	struct frame frame;
	struct line *next;
};

struct packets {
	struct packet *items;
	size_t n, room;
	struct line *lines;
};

struct writer {
	FILE *out;
	int link;
	uint32_t snaplen;
	bool is_pcapng;
};

static void add_packet(struct packets *packets, uint64_t time_ns, const struct frame *frame)
{
	if (packets->n == packets->room) {
		packets->room = 2 * packets->room + 1024;
		packets->items = realloc(packets->items, packets->room * sizeof(*packets->items));
		if (!packets->items)
			err(1, "packets");
	}
	packets->items[packets->n] = (struct packet){time_ns, packets->n, frame};
	packets->n++;
}

static const struct frame *build(const char *text, struct packets *packets)
{
	struct line *line = calloc(1, sizeof(*line));
	struct diagnostics diagnostics = {};
	struct why why = {};
	struct spec spec;

	if (spec_parse(text, &diagnostics, &spec) < 0)
		errx(2, "%s: %s", text, diagnostics.items[0].text);
	if (!line || build_frame(&spec, &line->frame, &why) < 0)
		errx(2, "%s: %s", text, why.text);
	line->next = packets->lines;
	packets->lines = line;
	return &line->frame;
}

static void free_packets(struct packets *packets)
{
	while (packets->lines) {
		struct line *line = packets->lines;

		packets->lines = line->next;
		free(line->frame.bytes);
		free(line);
	}
	free(packets->items);
}

static void read_line(char *line, struct packets *packets)
{
	double first, apart;
	unsigned long long n;
	const struct frame *frame;
	int at;

	line[strcspn(line, "#\n")] = '\0';
	if (line[strspn(line, " \t")] == '\0')
		return;
	if (sscanf(line, "%lf %llu %lf %n", &first, &n, &apart, &at) != 3)
		errx(2, "\"%s\": expected SECONDS NUMBER SECONDS-APART PACKET", line);
	frame = build(line + at, packets);
	for (unsigned long long i = 0; i < n; i++)
		add_packet(packets, START + (uint64_t)((first + (double)i * apart) * 1e9 + 0.5),
			   frame);
}

static int compare(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void put(const struct writer *writer, const void *bytes, size_t size)
{
	if (fwrite(bytes, 1, size, writer->out) != size)
		err(1, "write");
}

static void put32(const struct writer *writer, uint32_t value)
{
	put(writer, &value, sizeof(value));
}

/* What stands in front of IP: Ethernet's header, or what takes its place. Returns how long it is. */
static size_t link_header(int link, const uint8_t *ethernet, uint8_t header[32])
{
	memset(header, 0, 32);
	switch (link) {
	case DLT_RAW:
		return 0;
	case DLT_LINUX_SLL:
		memcpy(header + 14, ethernet + 12, 2);
		return 16;
	case DLT_LINUX_SLL2:
		memcpy(header, ethernet + 12, 2);
		return 20;
	}
	memcpy(header, ethernet, ETHERNET_SIZE);
	return ETHERNET_SIZE;
}

static uint32_t link_type(int link)
{
	return link == DLT_RAW ? LINKTYPE_RAW : (uint32_t)link;
}

static void write_file_header(const struct writer *writer)
{
	if (!writer->is_pcapng) {
		const uint32_t header[] = {
			0xa1b23c4d /* times in ns */, 4 << 16 | 2, 0, 0, writer->snaplen,
			link_type(writer->link)};

		put(writer, header, sizeof(header));
		return;
	}
	/* A section header, and an interface with times in ns. */
	put(writer, (const uint32_t[]){0x0a0d0d0a, 28, 0x1a2b3c4d, 1, ~0u, ~0u, 28}, 28);
	put(writer,
	    (const uint32_t[]){1, 32, link_type(writer->link), writer->snaplen, 1 << 16 | 9, 9, 0,
			       32},
	    32);
}

static void write_packet(const struct writer *writer, const struct packet *packet)
{
	uint8_t header[32], bytes[SPEC_SIZE_MAX + 64] = {};
	size_t before = link_header(writer->link, packet->frame->bytes, header);
	uint32_t size = (uint32_t)(before + packet->frame->size - ETHERNET_SIZE);
	uint32_t captured = size < writer->snaplen ? size : writer->snaplen;
	uint32_t padded = (captured + 3) & ~3u;

	memcpy(bytes, header, before);
	memcpy(bytes + before, packet->frame->bytes + ETHERNET_SIZE,
	       packet->frame->size - ETHERNET_SIZE);
	if (!writer->is_pcapng) {
		put32(writer, (uint32_t)(packet->time_ns / NS));
		put32(writer, (uint32_t)(packet->time_ns % NS));
		put32(writer, captured);
		put32(writer, size);
		put(writer, bytes, captured);
		return;
	}
	put(writer,
	    (const uint32_t[]){6, 32 + padded, 0, (uint32_t)(packet->time_ns >> 32),
			       (uint32_t)packet->time_ns, captured, size},
	    28);
	put(writer, bytes, padded);
	put32(writer, 32 + padded);
}

static void parse_options(struct writer *writer, int argc, char **argv)
{
	static const struct option options[] = {
		{"link", required_argument, NULL, 'l'},
		{"snaplen", required_argument, NULL, 's'},
		{"pcapng", no_argument, NULL, 'n'},
		{},
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (letter == 'l')
			writer->link = pcap_datalink_name_to_val(optarg);
		else if (letter == 's')
			writer->snaplen = (uint32_t)atoi(optarg);
		else if (letter == 'n')
			writer->is_pcapng = true;
		else
			exit(2);
	}
	if (optind + 1 != argc || writer->link < 0)
		errx(2, "usage: mkcapture [--link TYPE] [--snaplen N] [--pcapng] FILE");
}

int main(int argc, char **argv)
{
	struct writer writer = {.link = DLT_EN10MB, .snaplen = SNAPLEN_MAX};
	_cleanup_free_ char *line = NULL;
	struct packets packets = {};
	size_t size = 0;

	parse_options(&writer, argc, argv);
	while (getline(&line, &size, stdin) > 0)
		read_line(line, &packets);
	qsort(packets.items, packets.n, sizeof(*packets.items), compare);
	writer.out = fopen(argv[optind], "w");
	if (!writer.out)
		err(1, "%s", argv[optind]);
	write_file_header(&writer);
	for (size_t i = 0; i < packets.n; i++)
		write_packet(&writer, &packets.items[i]);
	if (fclose(writer.out) != 0)
		err(1, "%s", argv[optind]);
	free_packets(&packets);
	return 0;
}
