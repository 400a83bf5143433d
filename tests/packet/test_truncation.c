/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames cut short, and frames whose headers announce less than there is. */
#include "check.h"

/* Every rule drops, so that its name tells how the frame was read. */
static const char policy[] = "version: 1\n"
			     "rules:\n"
			     "  - {name: first-53, fragment: true, to_port: 53, action: drop}\n"
			     "  - {name: tcp-53, protocol: tcp, to_port: 53, action: drop}\n"
			     "  - {name: udp-53, protocol: udp, to_port: 53, action: drop}\n"
			     "  - {name: sctp-53, protocol: sctp, to_port: 53, action: drop}\n"
			     "  - {name: part, fragment: true, action: drop}\n"
			     "  - {name: icmp, protocol: icmp, action: drop}\n"
			     "  - {name: icmpv6, protocol: icmpv6, action: drop}\n"
			     "  - {name: gre, protocol: gre, action: drop}\n"
			     "  - {name: esp, protocol: esp, action: drop}\n";

enum {
	HOP_BY_HOP = 0,
	AUTHENTICATION = 51,
	DESTINATION = 60,
};

static const struct check_case whole_frames[] = {
	{"TCP", FRAME(IPV4(), TCP(53, .options = 12), PAYLOAD(5)), "rule-drop tcp-53"},
	{"UDP", FRAME(IPV4(), UDP(53), PAYLOAD(5)), "rule-drop udp-53"},
	{"SCTP", FRAME(IPV4(), SCTP(53), PAYLOAD(5)), "rule-drop sctp-53"},
	{"ICMP", FRAME(IPV4(), ICMP(8), PAYLOAD(5)), "rule-drop icmp"},
	{"GRE", FRAME(IPV4(), GRE(), PAYLOAD(5)), "rule-drop gre"},
	{"ESP", FRAME(IPV4(), ESP(), PAYLOAD(5)), "rule-drop esp"},
	{"IPv4 options", FRAME(IPV4(.options = 40), TCP(53)), "rule-drop tcp-53"},
	{"a first fragment", FRAME(IPV4(.more = true), UDP(53)), "rule-drop first-53"},
	{"a later fragment", FRAME(IPV4(.offset = 5), UDP(53)), "rule-drop part"},
	{"a VLAN", FRAME(TAG(0x8100), IPV4(), UDP(53)), "rule-drop udp-53"},
	{"two VLANs", FRAME(TAG(0x88a8), TAG(0x8100), IPV6(), UDP(53)), "rule-drop udp-53"},
	{"TCP over IPv6", FRAME(IPV6(), TCP(53)), "rule-drop tcp-53"},
	{"SCTP over IPv6", FRAME(IPV6(), SCTP(53)), "rule-drop sctp-53"},
	{"ICMPv6", FRAME(IPV6(), ICMPV6(135), PAYLOAD(16)), "rule-drop icmpv6"},
	{"extension headers",
	 FRAME(TAG(0x8100), IPV6(), EXTENSION(HOP_BY_HOP, .options = 8),
	       EXTENSION(AUTHENTICATION, .options = 16), FRAGMENT(), TCP(53)),
	 "rule-drop tcp-53"},
	{"IPv6's later fragment", FRAME(IPV6(), FRAGMENT(.offset = 1), UDP(53)), "rule-drop part"},
};

static void check_every_cut(struct fixture *fixture, const struct check_case *whole)
{
	struct frame frame = frame_of(whole->frame);
	const size_t full = frame.size;
	char title[96];

	check_sent(fixture, whole->title, &frame, whole->expect);
	/* The kernel takes no frame without a whole Ethernet header. */
	for (frame.size = 14; frame.size < full; frame.size++) {
		snprintf(title, sizeof(title), "%s, cut to %zu of %zu bytes", whole->title,
			 frame.size, full);
		check_sent(fixture, title, &frame, "malformed");
	}
}

static void frames_cut_at_every_byte_are_malformed(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);

	for (size_t i = 0; i < ARRAY_SIZE(whole_frames); i++)
		check_every_cut(fixture, &whole_frames[i]);
}

/* No length field stands before the headers of a jumbogram: each has to be looked for by itself. */
static void jumbograms_are_malformed_until_the_last_header_is_whole(void **state)
{
	const struct layer *const layers = FRAME(IPV6(.total = EXACTLY(0)), EXTENSION(HOP_BY_HOP),
						 EXTENSION(DESTINATION, .options = 8),
						 EXTENSION(AUTHENTICATION, .options = 16),
						 FRAGMENT(), UDP(53, .total = EXACTLY(0)),
						 PAYLOAD(20));
	const size_t headers = 14 + 40 + 8 + 16 + 24 + 8 + 8;
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);
	struct frame frame = frame_of(layers);
	const size_t full = frame.size;
	char title[64];

	for (frame.size = 14; frame.size <= full; frame.size++) {
		snprintf(title, sizeof(title), "cut to %zu of %zu bytes", frame.size, full);
		check_sent(fixture, title, &frame,
			   frame.size < headers ? "malformed" : "rule-drop udp-53");
	}
}

struct announced_case {
	const char *title;
	struct layer ip; /* announces fewer bytes than the frame has */
	struct layer transport;
	size_t headers; /* of both: what has to be announced */
	const char *expect;
};

static const struct announced_case announced_cases[] = {
	{"UDP", IPV4(), UDP(53, .total = EXACTLY(0)), 28, "rule-drop udp-53"},
	{"TCP", IPV4(), TCP(53), 40, "rule-drop tcp-53"},
	{"TCP with options", IPV4(), TCP(53, .options = 8), 48, "rule-drop tcp-53"},
	{"SCTP", IPV4(), SCTP(53), 32, "rule-drop sctp-53"},
	{"ICMP", IPV4(), ICMP(8), 24, "rule-drop icmp"},
	{"IPv4 options", IPV4(.options = 12), UDP(53, .total = EXACTLY(0)), 40, "rule-drop udp-53"},
	{"UDP's whole length", IPV4(), UDP(53, .total = EXACTLY(20)), 40, "rule-drop udp-53"},
};

static void check_every_announcement(struct fixture *fixture, const struct announced_case *c)
{
	struct layer layers[] = {c->ip, c->transport, PAYLOAD(40, .fill = 53), {}};
	char title[64];

	for (unsigned total = 0; total <= c->headers + 12; total++) {
		layers[0].total = EXACTLY(total);
		snprintf(title, sizeof(title), "%s, %u bytes announced", c->title, total);
		check_frame(fixture, title, layers, total < c->headers ? "malformed" : c->expect);
	}
}

/* What lies behind the announced end is Ethernet padding: a port read there is one the host never sees. */
static void headers_count_only_inside_what_is_announced(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);

	for (size_t i = 0; i < ARRAY_SIZE(announced_cases); i++)
		check_every_announcement(fixture, &announced_cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_cut_at_every_byte_are_malformed),
		cmocka_unit_test(jumbograms_are_malformed_until_the_last_header_is_whole),
		cmocka_unit_test(headers_count_only_inside_what_is_announced),
	};

	return CHECK_RUN(tests);
}
