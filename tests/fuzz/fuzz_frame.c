/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames to the packet program in the kernel, by BPF_PROG_TEST_RUN, and to its parser compiled for here;
 * a model that shares nothing with either says what must become of them. Needs root.
 */
#include <string.h>

#include <arpa/inet.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "bpf/parse.h"
#include "frame/head.h"
#include "fuzz.h"
#include "model.h"
#include "packet/fixture.h"
#include "script.h"

#define FRAME_SIZE_MIN 14  /* the kernel runs none shorter */
#define STEP_NS 1000000000 /* between frames: the limit's budget is whole again */

#define SYN 0x02
#define ACK 0x10

static const char policy[] =
	"version: 1\n"
	"default: drop\n"
	"rules:\n"
	"  - {name: trusted, from: [192.0.2.0/25, '2001:db8:1::/48'], action: pass}\n"
	"  - {name: fragments, fragment: true, not_to: 203.0.113.0/24, action: drop}\n"
	"  - {name: open, tcp_flags: [syn, '!ack'], to_port: 443, limit: {rate: 100/s}}\n"
	"  - {name: low, protocol: [tcp, udp, sctp], from_port: 1-1023, action: drop}\n"
	"  - {name: web, protocol: tcp, to_port: [80, 443], action: pass}\n"
	"  - {name: dns, protocol: udp, to: [198.51.100.0/24, '2001:db8:ffff::/48'],\n"
	"     to_port: domain, action: pass}\n"
	"  - {name: tunnels, protocol: [gre, esp, 41], mode: monitor, action: drop}\n";

/* What becomes of a packet that the model has read. */
struct expected {
	enum guard_reason reason;
	const char *rule;
	bool is_monitored;
};

/* An IPv6 address that looks like a mapped IPv4 one is in no prefix of IPv4. */
static bool is_in(const struct model_packet *packet, const uint8_t address[16], const char *prefix,
		  unsigned bits)
{
	uint8_t wanted[16];

	if (packet->is_ipv6 == (strncmp(prefix, "::ffff:", 7) == 0))
		return false;
	FUZZ_EXPECT(inet_pton(AF_INET6, prefix, wanted) == 1);
	for (unsigned i = 0; i < bits; i++)
		if ((address[i / 8] ^ wanted[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static bool is_from_trusted(const struct model_packet *packet)
{
	return is_in(packet, packet->from, "::ffff:192.0.2.0", 96 + 25) ||
	       is_in(packet, packet->from, "2001:db8:1::", 48);
}

static bool is_to_servers(const struct model_packet *packet)
{
	return is_in(packet, packet->to, "::ffff:198.51.100.0", 96 + 24) ||
	       is_in(packet, packet->to, "2001:db8:ffff::", 48);
}

static struct expected judge_ports(const struct model_packet *packet)
{
	bool is_tcp = packet->protocol == 6;

	if (is_tcp && (packet->flags & SYN) && !(packet->flags & ACK) && packet->to_port == 443)
		return (struct expected){GUARD_PASS_LIMIT, "open"};
	if (packet->from_port >= 1 && packet->from_port <= 1023)
		return (struct expected){GUARD_DROP_RULE, "low"};
	if (is_tcp && (packet->to_port == 80 || packet->to_port == 443))
		return (struct expected){GUARD_PASS_RULE, "web"};
	if (packet->protocol == 17 && packet->to_port == 53 && is_to_servers(packet))
		return (struct expected){GUARD_PASS_RULE, "dns"};
	return (struct expected){GUARD_DROP_DEFAULT};
}

static struct expected judge(const struct model_packet *packet)
{
	if (packet->kind == MODEL_OTHER)
		return (struct expected){GUARD_PASS_OTHER};
	if (packet->kind == MODEL_MALFORMED)
		return (struct expected){GUARD_DROP_MALFORMED};
	if (is_from_trusted(packet))
		return (struct expected){GUARD_PASS_RULE, "trusted"};
	if (packet->fragment != MODEL_WHOLE &&
	    !is_in(packet, packet->to, "::ffff:203.0.113.0", 96 + 24))
		return (struct expected){GUARD_DROP_RULE, "fragments"};
	if (packet->has_ports)
		return judge_ports(packet);
	if (packet->protocol == 47 || packet->protocol == 50 || packet->protocol == 41)
		return (struct expected){GUARD_DROP_RULE, "tunnels", true};
	if (packet->is_ipv6 && packet->protocol == 58 && packet->icmp_type >= 133 &&
	    packet->icmp_type <= 137)
		return (struct expected){GUARD_PASS_NEIGHBOUR};
	return (struct expected){GUARD_DROP_DEFAULT};
}

/* In a piece of memory of just that size, so that a byte read behind the frame is seen. */
static void check_bounds(const struct frame *frame)
{
	_cleanup_free_ uint8_t *memory = malloc(2 + frame->size);
	struct packet packet = {.length = (uint32_t)frame->size};
	uint8_t *start = memory + 2; /* aligns IP */

	FUZZ_EXPECT(memory);
	memcpy(start, frame->bytes, frame->size);
	parse_packet(start, start + frame->size, 0, &packet);
}

static void check_parser(const struct frame *frame, const struct model_packet *packet)
{
	struct head head = head_read(frame->bytes, frame->size);

	FUZZ_EXPECT((int)head.kind == (int)packet->kind);
	if (packet->kind != MODEL_IP)
		return;
	FUZZ_EXPECT(head.is_ipv6 == packet->is_ipv6);
	FUZZ_EXPECT(memcmp(&head.from, packet->from, sizeof(packet->from)) == 0);
	FUZZ_EXPECT(memcmp(&head.to, packet->to, sizeof(packet->to)) == 0);
	FUZZ_EXPECT(head.protocol == packet->protocol);
	FUZZ_EXPECT((int)head.fragment == (int)packet->fragment);
	FUZZ_EXPECT(head.flags == packet->flags);
	FUZZ_EXPECT(head.from_port == (packet->has_ports ? packet->from_port : GUARD_NO_PORT));
	FUZZ_EXPECT(head.to_port == (packet->has_ports ? packet->to_port : GUARD_NO_PORT));
}

/* fixture_send sees to it that the packet is counted once, and as it was judged. */
static void check_verdict(struct fixture *fixture, const struct frame *frame,
			  const struct expected *expected)
{
	struct outcome outcome = fixture_send(fixture, frame->bytes, frame->size);

	FUZZ_EXPECT(outcome.reason == expected->reason);
	FUZZ_EXPECT(outcome.is_monitored == expected->is_monitored);
	FUZZ_EXPECT(!outcome.rule == !expected->rule);
	FUZZ_EXPECT(!outcome.rule || strcmp(outcome.rule, expected->rule) == 0);
}

static void check_frame_is_kept(const struct fixture *fixture, const struct frame *frame)
{
	unsigned char out[FRAME_SIZE_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->size,
		    .data_out = out, .data_size_out = sizeof(out), .repeat = 1);

	FUZZ_EXPECT(bpf_prog_test_run_opts(program_fd(fixture->program), &run) == 0);
	FUZZ_EXPECT(run.retval == XDP_PASS || run.retval == XDP_DROP);
	FUZZ_EXPECT(run.data_size_out == frame->size);
	FUZZ_EXPECT(memcmp(out, frame->bytes, frame->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture *fixture;
	static uint64_t now;
	const struct frame frame = script_frame(data, size);
	const struct model_packet packet = model_read(frame.bytes, frame.size);
	const struct expected expected = judge(&packet);

	check_bounds(&frame);
	check_parser(&frame, &packet);
	if (frame.size < FRAME_SIZE_MIN)
		return 0;
	if (!fixture)
		fixture = fixture_from_text(policy);
	fixture_set_time(fixture, now += STEP_NS);
	check_verdict(fixture, &frame, &expected);
	check_frame_is_kept(fixture, &frame);
	return 0;
}
