/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame bytes to what rules can ask for. Every rule drops, so that its name tells how the frame was
 * read: those with a port only match where the program found it.
 */
#include "check.h"

static const char policy[] = "version: 1\n"
			     "rules:\n"
			     "  - {name: first-53, fragment: true, to_port: 53, action: drop}\n"
			     "  - {name: from-7, from_port: 7, action: drop}\n"
			     "  - {name: tcp-53, protocol: tcp, to_port: 53, action: drop}\n"
			     "  - {name: udp-53, protocol: udp, to_port: 53, action: drop}\n"
			     "  - {name: sctp-53, protocol: sctp, to_port: 53, action: drop}\n"
			     "  - {name: part-udp, protocol: udp, fragment: true, action: drop}\n"
			     "  - {name: part, fragment: true, action: drop}\n"
			     "  - {name: tcp, protocol: tcp, action: drop}\n"
			     "  - {name: udp, protocol: udp, action: drop}\n"
			     "  - {name: sctp, protocol: sctp, action: drop}\n"
			     "  - {name: icmp, protocol: icmp, action: drop}\n"
			     "  - {name: icmpv6, protocol: icmpv6, action: drop}\n"
			     "  - {name: gre, protocol: gre, action: drop}\n"
			     "  - {name: esp, protocol: esp, action: drop}\n"
			     "  - {name: ah, protocol: 51, action: drop}\n"
			     "  - {name: nothing, protocol: 59, action: drop}\n";

enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140,
};

static void check_read(const struct check_case *cases, size_t n_cases)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policy);

	check_cases(fixture, cases, n_cases);
}

static const struct check_case protocol_cases[] = {
	{"TCP over IPv4", FRAME(IPV4(), TCP(53)), "rule-drop tcp-53"},
	{"UDP over IPv4", FRAME(IPV4(), UDP(53)), "rule-drop udp-53"},
	{"SCTP over IPv4", FRAME(IPV4(), SCTP(53)), "rule-drop sctp-53"},
	{"TCP over IPv6", FRAME(IPV6(), TCP(53)), "rule-drop tcp-53"},
	{"UDP over IPv6", FRAME(IPV6(), UDP(53)), "rule-drop udp-53"},
	{"SCTP over IPv6", FRAME(IPV6(), SCTP(53)), "rule-drop sctp-53"},
	{"TCP's source port", FRAME(IPV4(), TCP(1, .from_port = 7)), "rule-drop from-7"},
	{"UDP's source port", FRAME(IPV6(), UDP(1, .from_port = 7)), "rule-drop from-7"},
	{"SCTP's source port", FRAME(IPV4(), SCTP(1, .from_port = 7)), "rule-drop from-7"},
	{"another port of TCP", FRAME(IPV4(), TCP(52)), "rule-drop tcp"},
	{"another port of UDP", FRAME(IPV4(), UDP(54)), "rule-drop udp"},
	{"port 53 in the other byte order", FRAME(IPV4(), UDP(53 << 8)), "rule-drop udp"},
	{"another port of SCTP", FRAME(IPV4(), SCTP(0)), "rule-drop sctp"},
	{"ICMP", FRAME(IPV4(), ICMP(8)), "rule-drop icmp"},
	{"ICMPv6", FRAME(IPV6(), ICMPV6(128)), "rule-drop icmpv6"},
	{"GRE over IPv4", FRAME(IPV4(), GRE()), "rule-drop gre"},
	{"GRE over IPv6", FRAME(IPV6(), GRE()), "rule-drop gre"},
	{"ESP over IPv4", FRAME(IPV4(), ESP()), "rule-drop esp"},
	{"ESP over IPv6", FRAME(IPV6(), ESP()), "rule-drop esp"},
	{"AH over IPv4 is not walked",
	 FRAME(IPV4(), EXTENSION(AUTHENTICATION, .options = 16), UDP(53)), "rule-drop ah"},
	{"no next header", FRAME(IPV6(), NOTHING()), "rule-drop nothing"},
	{"no next header, with bytes behind it", FRAME(IPV6(), NOTHING(), PAYLOAD(20)),
	 "rule-drop nothing"},
	{"a protocol that nobody knows", FRAME(IPV4(), PAYLOAD(20)), "default-pass"},
	{"a datagram without anything", FRAME(IPV4()), "default-pass"},
};

static void protocols_are_told_apart(void **state)
{
	check_read(protocol_cases, ARRAY_SIZE(protocol_cases));
}

static const struct check_case link_cases[] = {
	{"one tag", FRAME(TAG(0x8100), IPV4(), UDP(53)), "rule-drop udp-53"},
	{"one service tag", FRAME(TAG(0x88a8), IPV6(), UDP(53)), "rule-drop udp-53"},
	{"one old service tag", FRAME(TAG(0x9100), IPV4(), UDP(53)), "rule-drop udp-53"},
	{"two tags (QinQ)", FRAME(TAG(0x88a8), TAG(0x8100), IPV4(), TCP(53)), "rule-drop tcp-53"},
	{"two tags alike", FRAME(TAG(0x8100), TAG(0x8100), IPV6(), TCP(53)), "rule-drop tcp-53"},
	{"two tags of the old kind", FRAME(TAG(0x9100), TAG(0x8100), IPV6(), UDP(53)),
	 "rule-drop udp-53"},
	{"a third tag is not read", FRAME(TAG(0x88a8), TAG(0x8100), TAG(0x8100), IPV4(), UDP(53)),
	 "other"},
	{"ARP", FRAME(OTHER(0x0806)), "other"},
	{"ARP in a VLAN", FRAME(TAG(0x8100), OTHER(0x0806)), "other"},
	{"LLDP", FRAME(OTHER(0x88cc)), "other"},
	{"MPLS", FRAME(OTHER(0x8847)), "other"},
	{"PPPoE", FRAME(OTHER(0x8864)), "other"},
	{"a length instead of a type (802.3)", FRAME(OTHER(46)), "other"},
	{"type 0", FRAME(OTHER(0)), "other"},
};

static void the_link_layer_is_read_to_two_tags(void **state)
{
	check_read(link_cases, ARRAY_SIZE(link_cases));
}

static const struct check_case ipv4_cases[] = {
	{"4 bytes of options", FRAME(IPV4(.options = 4), UDP(53)), "rule-drop udp-53"},
	{"40 bytes of options", FRAME(IPV4(.options = 40), TCP(53)), "rule-drop tcp-53"},
	{"a header of 16 bytes", FRAME(IPV4(.header = EXACTLY(4)), UDP(53)), "malformed"},
	{"a header of none", FRAME(IPV4(.header = EXACTLY(0)), UDP(53)), "malformed"},
	{"a header as long as the datagram", FRAME(IPV4(.header = EXACTLY(7)), PAYLOAD(8)),
	 "default-pass"},
	{"a header longer than the datagram", FRAME(IPV4(.header = EXACTLY(8)), PAYLOAD(8)),
	 "malformed"},
	{"a total length of 0", FRAME(IPV4(.total = EXACTLY(0)), UDP(53)), "malformed"},
	{"a total length below the header's", FRAME(IPV4(.total = EXACTLY(19)), UDP(53)),
	 "malformed"},
	{"a total length below that of its options",
	 FRAME(IPV4(.total = EXACTLY(23), .options = 4), UDP(53)), "malformed"},
	{"a total length beyond the frame by one", FRAME(IPV4(.total = EXACTLY(29)), UDP(53)),
	 "malformed"},
	{"the longest total length", FRAME(IPV4(.total = EXACTLY(65535)), UDP(53)), "malformed"},
	{"version 6 behind IPv4's type", FRAME(IPV4(.version = EXACTLY(6)), UDP(53)), "malformed"},
	{"version 0", FRAME(IPV4(.version = EXACTLY(0)), UDP(53)), "malformed"},
	{"padding behind the datagram", FRAME(IPV4(), UDP(53), PADDING(18)), "rule-drop udp-53"},
};

static void ipv4_headers_are_held_to_their_word(void **state)
{
	check_read(ipv4_cases, ARRAY_SIZE(ipv4_cases));
}

static const struct check_case ipv6_cases[] = {
	{"a payload length beyond the frame by one", FRAME(IPV6(.total = EXACTLY(9)), UDP(53)),
	 "malformed"},
	{"the longest payload length", FRAME(IPV6(.total = EXACTLY(65535)), UDP(53)), "malformed"},
	{"from an IPv4 address, mapped", FRAME(IPV6(.from = "::ffff:192.0.2.1"), UDP(53)),
	 "malformed"},
	{"to an IPv4 address, mapped", FRAME(IPV6(.to = "::ffff:192.0.2.1"), UDP(53)),
	 "rule-drop udp-53"},
	{"from near the mapped addresses", FRAME(IPV6(.from = "::fffe:192.0.2.1"), UDP(53)),
	 "rule-drop udp-53"},
	{"version 4 behind IPv6's type", FRAME(IPV6(.version = EXACTLY(4)), UDP(53)), "malformed"},
	{"a jumbogram fills the frame",
	 FRAME(IPV6(.total = EXACTLY(0)), EXTENSION(HOP_BY_HOP), UDP(53, .total = EXACTLY(0)),
	       PAYLOAD(2000)),
	 "rule-drop udp-53"},
	{"padding behind the datagram", FRAME(IPV6(), UDP(53), PADDING(18)), "rule-drop udp-53"},
	{"hop-by-hop options", FRAME(IPV6(), EXTENSION(HOP_BY_HOP), UDP(53)), "rule-drop udp-53"},
	{"routing", FRAME(IPV6(), EXTENSION(ROUTING, .options = 16), UDP(53)), "rule-drop udp-53"},
	{"destination options", FRAME(IPV6(), EXTENSION(DESTINATION), TCP(53)), "rule-drop tcp-53"},
	{"mobility", FRAME(IPV6(), EXTENSION(MOBILITY), TCP(53)), "rule-drop tcp-53"},
	{"HIP", FRAME(IPV6(), EXTENSION(HIP, .options = 32), TCP(53)), "rule-drop tcp-53"},
	{"Shim6", FRAME(IPV6(), EXTENSION(SHIM6), TCP(53)), "rule-drop tcp-53"},
	{"AH of 24 bytes", FRAME(IPV6(), EXTENSION(AUTHENTICATION, .options = 16), UDP(53)),
	 "rule-drop udp-53"},
	{"AH of 12 bytes", FRAME(IPV6(), EXTENSION(AUTHENTICATION, .options = 4), UDP(53)),
	 "rule-drop udp-53"},
	{"the longest extension header",
	 FRAME(IPV6(), EXTENSION(DESTINATION, .options = 2040), UDP(53)), "rule-drop udp-53"},
	{"the longest AH", FRAME(IPV6(), EXTENSION(AUTHENTICATION, .options = 1020), UDP(53)),
	 "rule-drop udp-53"},
	{"ESP behind extensions", FRAME(IPV6(), EXTENSION(HOP_BY_HOP), EXTENSION(ROUTING), ESP()),
	 "rule-drop esp"},
	{"nothing behind extensions", FRAME(IPV6(), EXTENSION(HOP_BY_HOP), NOTHING()),
	 "rule-drop nothing"},
	{"an extension header as long as the datagram",
	 FRAME(IPV6(), EXTENSION(DESTINATION, .header = EXACTLY(1)), PAYLOAD(8)), "default-pass"},
	{"an extension header longer than the datagram",
	 FRAME(IPV6(), EXTENSION(DESTINATION, .header = EXACTLY(2)), PAYLOAD(8)), "malformed"},
	{"an extension header that is not there",
	 FRAME(IPV6(), EXTENSION(DESTINATION, .protocol = EXACTLY(DESTINATION))), "malformed"},
	{"a chain of eight",
	 FRAME(IPV6(), EXTENSION(HOP_BY_HOP), EXTENSION(DESTINATION), EXTENSION(ROUTING),
	       EXTENSION(AUTHENTICATION, .options = 4), EXTENSION(MOBILITY), EXTENSION(HIP),
	       EXTENSION(SHIM6), FRAGMENT(), UDP(53)),
	 "rule-drop udp-53"},
	{"a chain of nine",
	 FRAME(IPV6(), EXTENSION(HOP_BY_HOP), EXTENSION(DESTINATION), EXTENSION(ROUTING),
	       EXTENSION(AUTHENTICATION, .options = 4), EXTENSION(MOBILITY), EXTENSION(HIP),
	       EXTENSION(SHIM6), FRAGMENT(), EXTENSION(DESTINATION), UDP(53)),
	 "malformed"},
	{"a chain of nine that starts alike",
	 FRAME(IPV6(), EXTENSION(DESTINATION), EXTENSION(DESTINATION), EXTENSION(DESTINATION),
	       EXTENSION(DESTINATION), EXTENSION(DESTINATION), EXTENSION(DESTINATION),
	       EXTENSION(DESTINATION), EXTENSION(DESTINATION), EXTENSION(DESTINATION), NOTHING()),
	 "malformed"},
};

static void ipv6_headers_are_walked(void **state)
{
	check_read(ipv6_cases, ARRAY_SIZE(ipv6_cases));
}

static const struct check_case transport_cases[] = {
	{"TCP with 40 bytes of options", FRAME(IPV4(), TCP(53, .options = 40)), "rule-drop tcp-53"},
	{"TCP's header of 16 bytes", FRAME(IPV4(), TCP(53, .header = EXACTLY(4))), "malformed"},
	{"TCP's header of none", FRAME(IPV6(), TCP(53, .header = EXACTLY(0))), "malformed"},
	{"TCP's header beyond the datagram", FRAME(IPV4(), TCP(53, .header = EXACTLY(6))),
	 "malformed"},
	{"TCP's header that reaches into the padding",
	 FRAME(IPV6(), TCP(53, .header = EXACTLY(6)), PADDING(4)), "malformed"},
	{"UDP without a length", FRAME(IPV4(), UDP(53, .total = EXACTLY(0)), PAYLOAD(9)),
	 "rule-drop udp-53"},
	{"UDP's length below its header's", FRAME(IPV4(), UDP(53, .total = EXACTLY(7))),
	 "malformed"},
	{"UDP's length of the header alone",
	 FRAME(IPV6(), UDP(53, .total = EXACTLY(8)), PAYLOAD(9)), "rule-drop udp-53"},
	{"UDP's length beyond the datagram by one",
	 FRAME(IPV4(), UDP(53, .total = EXACTLY(18)), PAYLOAD(9), PADDING(9)), "malformed"},
	{"half a UDP header", FRAME(IPV4(.protocol = EXACTLY(17)), PAYLOAD(7)), "malformed"},
	{"half a TCP header", FRAME(IPV4(.protocol = EXACTLY(6)), PAYLOAD(19, .fill = 0xff)),
	 "malformed"},
	{"half an SCTP header", FRAME(IPV6(.protocol = EXACTLY(132)), PAYLOAD(11)), "malformed"},
	{"4 bytes of ICMP", FRAME(IPV4(.protocol = EXACTLY(1)), PAYLOAD(4)), "rule-drop icmp"},
	{"3 bytes of ICMP", FRAME(IPV4(.protocol = EXACTLY(1)), PAYLOAD(3)), "malformed"},
	{"4 bytes of ICMPv6", FRAME(IPV6(.protocol = EXACTLY(58)), PAYLOAD(4)), "rule-drop icmpv6"},
	{"3 bytes of ICMPv6", FRAME(IPV6(.protocol = EXACTLY(58)), PAYLOAD(3)), "malformed"},
	{"nothing of GRE", FRAME(IPV4(.protocol = EXACTLY(47))), "rule-drop gre"},
};

static void transport_headers_are_held_to_their_word(void **state)
{
	check_read(transport_cases, ARRAY_SIZE(transport_cases));
}

static const struct check_case fragment_cases[] = {
	{"a first fragment has its ports",
	 FRAME(IPV4(.more = true), UDP(53, .total = EXACTLY(3000))), "rule-drop first-53"},
	{"a later fragment has none", FRAME(IPV4(.more = true, .offset = 1), UDP(53)),
	 "rule-drop part-udp"},
	{"nor has the last", FRAME(IPV4(.offset = 0x1fff), UDP(53)), "rule-drop part-udp"},
	{"a later fragment may be short",
	 FRAME(IPV4(.offset = 185, .protocol = EXACTLY(6)), PAYLOAD(1)), "rule-drop part"},
	{"a first fragment without a whole header is malformed",
	 FRAME(IPV4(.more = true, .protocol = EXACTLY(6)), PAYLOAD(16)), "malformed"},
	{"a first fragment of TCP", FRAME(IPV4(.more = true), TCP(53)), "rule-drop first-53"},
	{"a first fragment of SCTP", FRAME(IPV6(), FRAGMENT(.more = true), SCTP(53)),
	 "rule-drop first-53"},
	{"a first fragment of ICMP", FRAME(IPV4(.more = true), ICMP(8)), "rule-drop part"},
	{"IPv6's first fragment",
	 FRAME(IPV6(), FRAGMENT(.more = true), UDP(53, .total = EXACTLY(3000))),
	 "rule-drop first-53"},
	{"IPv6's later fragment", FRAME(IPV6(), FRAGMENT(.more = true, .offset = 1), UDP(53)),
	 "rule-drop part-udp"},
	{"IPv6's last fragment", FRAME(IPV6(), FRAGMENT(.offset = 0x1fff), UDP(53)),
	 "rule-drop part-udp"},
	{"an atomic fragment is a whole packet", FRAME(IPV6(), FRAGMENT(), UDP(53)),
	 "rule-drop udp-53"},
	{"an atomic fragment's UDP length counts",
	 FRAME(IPV6(), FRAGMENT(), UDP(53, .total = EXACTLY(3000))), "malformed"},
	{"extension headers before a fragment",
	 FRAME(IPV6(), EXTENSION(HOP_BY_HOP), EXTENSION(ROUTING), FRAGMENT(.more = true), UDP(53)),
	 "rule-drop first-53"},
	{"extension headers in a first fragment",
	 FRAME(IPV6(), FRAGMENT(.more = true), EXTENSION(DESTINATION), UDP(53)),
	 "rule-drop first-53"},
	{"a later fragment's extension headers are not read: it may hold none",
	 FRAME(IPV6(), FRAGMENT(.offset = 9, .protocol = EXACTLY(DESTINATION)),
	       PAYLOAD(3, .fill = 0xff)),
	 "rule-drop part"},
	{"a first fragment whose chain goes on in the next is malformed",
	 FRAME(IPV6(), FRAGMENT(.more = true), EXTENSION(DESTINATION, .header = EXACTLY(1))),
	 "malformed"},
	{"don't-fragment makes no fragment", FRAME(IPV4(.offset = 0x4000), UDP(53)),
	 "rule-drop udp-53"},
	{"a fragment header cut short", FRAME(IPV6(.protocol = EXACTLY(44)), PAYLOAD(7)),
	 "malformed"},
};

static void fragments_are_told_apart(void **state)
{
	check_read(fragment_cases, ARRAY_SIZE(fragment_cases));
}

struct source_case {
	const char *title;
	const struct layer *frame;
	const char *source;
};

static const struct source_case source_cases[] = {
	{"IPv4", FRAME(IPV4(.from = "203.0.113.1"), PAYLOAD(99)), "203.0.113.1"},
	{"IPv4 options", FRAME(IPV4(.from = "203.0.113.2", .options = 40), UDP(53)), "203.0.113.2"},
	{"IPv4 in two VLANs", FRAME(TAG(0x88a8), TAG(0x8100), IPV4(.from = "203.0.113.3"), UDP(53)),
	 "203.0.113.3"},
	{"padding counts: it was received", FRAME(IPV4(.from = "203.0.113.4"), UDP(1), PADDING(18)),
	 "203.0.113.4"},
	{"IPv6", FRAME(IPV6(.from = "2001:db8:1:2:3:4:5:6"), UDP(53)), "2001:db8:1:2::"},
	{"IPv6 in a VLAN", FRAME(TAG(0x8100), IPV6(.from = "2001:db8:1:3::1"), NOTHING()),
	 "2001:db8:1:3::"},
};

static void the_source_has_each_packet_and_all_its_bytes(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct guard_source source;

	for (size_t i = 0; i < ARRAY_SIZE(source_cases); i++) {
		const struct source_case *c = &source_cases[i];
		struct frame frame = frame_of(c->frame);

		check_sent(fixture, c->title, &frame, "default-pass");
		assert_true(fixture_source(fixture, c->source, &source));
		assert_int_equal(source.passed, 1ull << GUARD_TALLY_BYTES_BITS | frame.size);
	}
}

static void what_is_malformed_or_other_makes_no_source(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\n");
	struct guard_source source;

	check_frame(fixture, "IPv4", FRAME(IPV4(.total = EXACTLY(0))), "malformed");
	check_frame(fixture, "IPv6", FRAME(IPV6(.total = EXACTLY(9))), "malformed");
	check_frame(fixture, "UDP", FRAME(IPV4(), UDP(53, .total = EXACTLY(7))), "malformed");
	check_frame(fixture, "ARP", FRAME(OTHER(0x0806)), "other");
	assert_false(fixture_source(fixture, "192.0.2.1", &source));
	assert_false(fixture_source(fixture, "2001:db8::", &source));
	assert_false(fixture_source(fixture, "0.0.0.0", &source));
	assert_false(fixture_source(fixture, "::", &source));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_are_told_apart),
		cmocka_unit_test(the_link_layer_is_read_to_two_tags),
		cmocka_unit_test(ipv4_headers_are_held_to_their_word),
		cmocka_unit_test(ipv6_headers_are_walked),
		cmocka_unit_test(transport_headers_are_held_to_their_word),
		cmocka_unit_test(fragments_are_told_apart),
		cmocka_unit_test(the_source_has_each_packet_and_all_its_bytes),
		cmocka_unit_test(what_is_malformed_or_other_makes_no_source),
	};

	return CHECK_RUN(tests);
}
