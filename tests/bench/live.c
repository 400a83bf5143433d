// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends as many frames a second as one processor can, out of an interface of a test network, and prints as
 * JSON how many: nothing in user space comes near to what an XDP program on the other end takes.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "packet/frame.h"
#include "tests/bench/live.skel.h"

#define SECONDS_MAX 10
#define BATCH 256	  /* frames that the kernel sends at once, at most */
#define CHUNK 262144	  /* frames between looks at the clock */
#define REAL 0xc0000201	  /* 192.0.2.1, for documentation */
#define FORGED 0xf0000000 /* 240.0.0.0/4: nobody's */
#define FORGED_MAX (1u << 28)
#define NETWORK 14 /* where IPv4 starts */

struct options {
	unsigned ifindex;
	const struct ether_addr *mac; /* of the receiver */
	double seconds;
	uint32_t sources; /* forged ones, a power of two; 0: one that is real */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + t.tv_nsec / 1e9;
}

static struct frame make_frame(const struct options *o)
{
	struct frame frame = frame_of(FRAME(IPV4(), UDP(9), PAYLOAD(22)));

	memcpy(frame.bytes, o->mac, ETH_ALEN);
	return frame;
}

/* Of all but the source and the checksum itself. */
static uint32_t header_sum(const struct frame *frame)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 20; i += 2)
		if (i < 10 || i >= 16)
			sum += frame->bytes[NETWORK + i] << 8 | frame->bytes[NETWORK + i + 1];
	return sum;
}

static struct live_bpf *load(const struct options *o, const struct frame *frame)
{
	struct live_bpf *live = live_bpf__open();

	if (!live)
		err(1, "cannot open the sending program");
	live->rodata->cfg_is_forged = o->sources > 0;
	live->rodata->cfg_first = o->sources ? FORGED : REAL;
	live->rodata->cfg_sources = o->sources ?: 1;
	live->rodata->cfg_sum = header_sum(frame);
	if (live_bpf__load(live) < 0)
		err(1, "cannot load the sending program");
	return live;
}

static void send_chunk(int program, const struct options *o, struct frame *frame)
{
	struct xdp_md context = {.data_end = frame->size, .ingress_ifindex = o->ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->size,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = CHUNK,
		    .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(program, &run) < 0)
		err(1, "cannot send");
}

/* As stream.c: what is measured is the receiver, not who else wants the processor. */
static void go_first(void)
{
	if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) < 0)
		err(1, "cannot go before other processes");
}

static void usage(FILE *out)
{
	fputs("usage: live --dev IF --mac RECEIVER [--seconds N] [--forged N]\n"
	      "  --forged N   from so many addresses in turn, a power of two; else all from one\n",
	      out);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option names[] = {
		{"dev", required_argument, NULL, 'd'},	   {"mac", required_argument, NULL, 'm'},
		{"seconds", required_argument, NULL, 's'}, {"forged", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},	   {},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'd':
			o->ifindex = if_nametoindex(optarg);
			break;
		case 'm':
			o->mac = ether_aton(optarg);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'f':
			o->sources = (uint32_t)strtoul(optarg, NULL, 10);
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
	struct options o = {.seconds = 1};
	struct live_bpf *live;
	struct frame frame;
	double start, end;

	parse_options(argc, argv, &o);
	if (!o.ifindex || !o.mac || o.seconds > SECONDS_MAX || o.sources > FORGED_MAX ||
	    (o.sources & (o.sources - 1))) {
		usage(stderr);
		return 2;
	}
	frame = make_frame(&o);
	live = load(&o, &frame);
	go_first();
	start = now();
	do {
		send_chunk(bpf_program__fd(live->progs.send), &o, &frame);
		end = now();
	} while (end - start < o.seconds);
	printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)live->bss->sent,
	       end - start);
	live_bpf__destroy(live);
	return 0;
}
