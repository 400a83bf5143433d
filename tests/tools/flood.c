// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends real frames from addresses of one's choice, so many, so fast or for so long, and prints as JSON
 * exactly what it sent. For test networks: the frames go out of one interface, past routes and rules.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "checksum.h"
#include "link.h"
#include "model.h"

#define BATCH 64
#define SECONDS_MAX 600	   /* nothing that a test forgot goes on for ever */
#define REFUSED_WAIT_US 50 /* what a full queue takes to drain, if nobody spins for its CPU */
#define NS 1000000000ull

struct options {
	const char *interface;
	struct model model;
	struct prefix from;
	uint64_t count;
	uint64_t rate; /* frames a second; 0: as fast as they go */
	bool is_ramp;  /* the rate is reached at the end, from 0 on */
	bool is_random;
	uint64_t sources; /* at most so many of the prefix */
	double seconds;
};

struct sender {
	int fd;
	struct frame frames[BATCH]; /* one message each: they differ in source */
	struct iovec pieces[BATCH];
	struct mmsghdr messages[BATCH];
	size_t network; /* where IP starts */
	struct guard_address source;
	uint64_t sources;     /* from `source` on, in turn */
	unsigned random_bits; /* of the host part, drawn anew for each frame; 0: in turn */
	uint64_t random;
	uint64_t prepared;
	uint64_t sent;
};

static volatile sig_atomic_t is_told_to_stop;

static void stop(int signal_number)
{
	is_told_to_stop = 1;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

static void open_sender(struct sender *s, const struct options *o)
{
	unsigned host_bits = 128 - o->from.bits;
	int one = 1;

	s->fd = link_socket();
	link_bind(s->fd, o->interface, 0);
	if (setsockopt(s->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0)
		err(1, "PACKET_QDISC_BYPASS");
	s->source = o->from.address;
	s->sources = host_bits < 32 ? 1ull << host_bits : 1ull << 32;
	if (o->sources && o->sources < s->sources)
		s->sources = o->sources;
	s->random_bits = o->is_random ? host_bits : 0;
	s->frames[0] = model_frame(&o->model, &s->network);
	for (unsigned i = 0; i < BATCH; i++) {
		s->frames[i] = s->frames[0];
		s->pieces[i] = (struct iovec){s->frames[i].bytes, s->frames[i].size};
		s->messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &s->pieces[i],
			.msg_iovlen = 1,
		};
	}
}

/* The address so many after `first`. */
static struct guard_address address_after(const struct guard_address *first, uint64_t n)
{
	struct guard_address address = *first;

	for (int i = 15; i >= 0 && n; i--, n >>= 8) {
		n += address.bytes[i];
		address.bytes[i] = (unsigned char)n;
	}
	return address;
}

/* SplitMix64 (Steele, Lea and Flood 2014), from the same seed in each run. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct guard_address random_address(struct sender *s)
{
	struct guard_address address = s->source;
	unsigned first = 128 - s->random_bits;
	uint64_t bits = 0;

	for (unsigned i = first / 8; i < 16; i++) {
		unsigned char mask = i == first / 8 ? 0xff >> first % 8 : 0xff;

		bits = i % 8 && bits ? bits >> 8 : draw(&s->random);
		address.bytes[i] |= bits & mask;
	}
	return address;
}

static struct guard_address next_source(struct sender *s)
{
	if (s->random_bits)
		return random_address(s);
	return address_after(&s->source, s->prepared++ % s->sources);
}

static void prepare(struct sender *s, struct frame *frame)
{
	struct guard_address source = next_source(s);
	unsigned char *datagram = frame->bytes + s->network;

	if (datagram[0] >> 4 == 4)
		memcpy(datagram + 12, source.bytes + 12, 4);
	else
		memcpy(datagram + 8, source.bytes, 16);
	checksum_fill(datagram, frame->size - s->network);
}

/*
 * Returns when all are sent: what the device refuses, for the peer's queue is full, is sent again and never
 * lost. Kernels before 6.6 (6.1.54) took it and dropped it.
 */
static void send_batch(struct sender *s, unsigned n)
{
	unsigned done = 0;

	for (unsigned i = 0; i < n; i++)
		prepare(s, &s->frames[i]);
	while (done < n) {
		int taken = sendmmsg(s->fd, s->messages + done, n - done, 0);

		if (taken > 0) {
			done += (unsigned)taken;
		} else if (errno == ENOBUFS) {
			usleep(REFUSED_WAIT_US);
		} else if (errno != EINTR) {
			err(1, "send");
		}
	}
	s->sent += n;
}

static void sleep_until(uint64_t ns)
{
	struct timespec at = {.tv_sec = (time_t)(ns / NS), .tv_nsec = (long)(ns % NS)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* When so many frames are due, in seconds; and its inverse. */
static double time_of(const struct options *o, double frames)
{
	if (o->is_ramp)
		return sqrt(2 * o->seconds * frames / (double)o->rate);
	return frames / (double)o->rate;
}

static double frames_by(const struct options *o, double seconds)
{
	if (o->is_ramp)
		return (double)o->rate * seconds * seconds / (2 * o->seconds);
	return (double)o->rate * seconds;
}

/* How many may be sent by now; always more than were. Waits where the rate asks for it. */
static uint64_t wait_for_turn(const struct sender *s, const struct options *o, uint64_t start)
{
	uint64_t due;

	if (!o->rate)
		return UINT64_MAX;
	sleep_until(start + (uint64_t)(time_of(o, (double)s->sent) * NS));
	due = (uint64_t)frames_by(o, (double)(now_ns() - start) / NS);
	return due > s->sent ? due : s->sent + 1;
}

static void send_all(struct sender *s, const struct options *o)
{
	uint64_t start = now_ns(), end = start + (uint64_t)(o->seconds * NS);

	while (!is_told_to_stop && s->sent < o->count && now_ns() < end) {
		uint64_t due = wait_for_turn(s, o, start);
		uint64_t n = (due < o->count ? due : o->count) - s->sent;

		send_batch(s, n < BATCH ? (unsigned)n : BATCH);
	}
}

static void print_sent(const struct sender *s, uint64_t ns)
{
	printf("{\"sent\": %llu, \"bytes\": %llu, ", (unsigned long long)s->sent,
	       (unsigned long long)(s->sent * s->frames[0].size));
	/* How many different ones were drawn is not known. */
	if (!s->random_bits)
		printf("\"sources\": %llu, ",
		       (unsigned long long)(s->sent < s->sources ? s->sent : s->sources));
	printf("\"seconds\": %.3f}\n", (double)ns / NS);
}

static void usage(FILE *out)
{
	fputs("usage: flood --dev IF --mac RECEIVER --from ADDRESS[/BITS] --to ADDRESS [OPTION…]\n"
	      "  --protocol NAME   udp (default), tcp (SYN) or icmp (echo requests)\n"
	      "  --port N          to this port (default: 9)\n"
	      "  --from-port N     from this port (default: 40000)\n"
	      "  --shape NAME      whole (default), fragment (later ones, tiny) or malformed\n"
	      "  --vlan ID         behind a VLAN tag; again for a second one\n"
	      "  --size N          bytes of a frame (default: as short as can be)\n"
	      "  --count N         so many frames\n"
	      "  --rate N          so many a second (default: as fast as they go)\n"
	      "  --seconds N       for so long (default and most: 600)\n"
	      "  --ramp            from no frames to --rate a second, at the end of --seconds\n"
	      "  --sources N       only the first N addresses of /BITS\n"
	      "  --random          addresses of /BITS at random\n"
	      "With /BITS the addresses of that prefix send in turn.\n",
	      out);
}

static void parse_from(const char *text, struct prefix *from)
{
	bool has_host_bits;

	if (prefix_parse(text, from, &has_host_bits) < 0 || has_host_bits)
		errx(2, "--from: \"%s\" is no address and no prefix", text);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"dev", required_argument, NULL, 'd'},
		{"mac", required_argument, NULL, 'm'},
		{"from", required_argument, NULL, 'f'},
		{"to", required_argument, NULL, 't'},
		{"protocol", required_argument, NULL, 'P'},
		{"port", required_argument, NULL, 'p'},
		{"vlan", required_argument, NULL, 'v'},
		{"size", required_argument, NULL, 's'},
		{"count", required_argument, NULL, 'c'},
		{"rate", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 'S'},
		{"from-port", required_argument, NULL, 'F'},
		{"shape", required_argument, NULL, 'x'},
		{"ramp", no_argument, NULL, 'R'},
		{"random", no_argument, NULL, 'a'},
		{"sources", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'd':
			o->interface = optarg;
			break;
		case 'm':
			o->model.mac = ether_aton(optarg);
			break;
		case 'f':
			parse_from(optarg, &o->from);
			break;
		case 't':
			o->model.to = optarg;
			break;
		case 'P':
			o->model.protocol = optarg;
			break;
		case 'p':
			o->model.port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'v':
			if (o->model.n_tags == ARRAY_SIZE(o->model.tags))
				errx(2, "--vlan: at most twice");
			o->model.tags[o->model.n_tags++] = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			o->model.size = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			o->count = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			o->rate = strtoull(optarg, NULL, 10);
			break;
		case 'S':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'F':
			o->model.from_port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'x':
			o->model.shape = optarg;
			break;
		case 'R':
			o->is_ramp = true;
			break;
		case 'a':
			o->is_random = true;
			break;
		case 'n':
			o->sources = strtoull(optarg, NULL, 10);
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct options o = {
		.model = {.protocol = "udp", .shape = "whole", .port = 9},
		.count = UINT64_MAX,
		.seconds = SECONDS_MAX,
	};
	static struct sender s;
	uint64_t start;

	parse_options(argc, argv, &o);
	if (!o.interface || !o.model.mac || !o.from.bits || !o.model.to ||
	    o.seconds > SECONDS_MAX || (o.is_ramp && !o.rate)) {
		usage(stderr);
		return 2;
	}
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	open_sender(&s, &o);
	start = now_ns();
	send_all(&s, &o);
	print_sent(&s, now_ns() - start);
	return 0;
}
