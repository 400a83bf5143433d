# SPDX-License-Identifier: GPL-2.0-or-later
"""What the oracle reads from a frame's bytes, and what it calls malformed."""

import unittest

import frames
from address import address_text, parse_address, parse_prefix, prefix_of
from packet import Malformed, Other, parse

FROM4, TO4 = parse_address("192.0.2.1"), parse_address("198.51.100.53")
FROM6, TO6 = parse_address("2001:db8::1"), parse_address("2001:db8::2")
UDP = frames.udp(1024, 53)
HOP_BY_HOP, ROUTING, FRAGMENT, AH, DESTINATION = 0, 43, 44, 51, 60


def ipv4(protocol, payload, tags=(), tail=b"", **more):
    return frames.ethernet(0x0800, frames.ipv4(FROM4, TO4, protocol, payload, **more), tags) + tail


def ipv6(protocol, payload, tail=b"", **wrong):
    return frames.ethernet(0x86DD, frames.ipv6(FROM6, TO6, protocol, payload, **wrong)) + tail


def chain(kinds, protocol, payload):
    """IPv6 with these extension headers, in this order."""
    for kind in reversed(kinds):
        payload = frames.extension(kind, protocol) + payload
        protocol = kind
    return ipv6(protocol, payload)


class ParseTest(unittest.TestCase):
    def expect(self, frame, **fields):
        packet = parse(frame)
        for name, value in fields.items():
            self.assertEqual(getattr(packet, name), value, name)

    def expect_all(self, error, cases):
        for sentence, frame in cases:
            with self.subTest(sentence), self.assertRaises(error):
                parse(frame)


class Sound(ParseTest):
    def test_a_udp_datagram_by_its_bytes(self):
        frame = bytes.fromhex(
            "020000000001 020000000002 0800"
            "4500 001c 0001 4000 40 11 0000 c0000201 c6336435"
            "0400 0035 0008 0000"
        )
        self.expect(
            frame,
            source=FROM4,
            destination=TO4,
            protocol=17,
            length=42,
            fragment="whole",
            from_port=1024,
            to_port=53,
            tcp_flags=None,
        )
        self.assertEqual(frame, ipv4(17, UDP, fragment=0x4000))

    def test_ipv6_tcp_by_its_bytes(self):
        frame = bytes.fromhex(
            "020000000001 020000000002 86dd"
            "60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
            "0400 01bb 00000001 00000000 50 12 0400 0000 0000"
        )
        self.expect(frame, source=FROM6, destination=TO6, protocol=6, tcp_flags=0x12, to_port=443)
        self.assertEqual(frame, ipv6(6, frames.tcp(1024, 443, 0x12)))

    def test_ports_behind_tags_options_and_extensions(self):
        for sentence, frame in (
            ("one tag", ipv4(17, UDP, tags=[0x8100])),
            ("two tags", ipv4(17, UDP, tags=[0x88A8, 0x8100])),
            ("two tags of the old type", ipv4(17, UDP, tags=[0x9100, 0x9100])),
            ("40 bytes of IPv4 options", ipv4(17, UDP, options=bytes(40))),
            ("padding", ipv4(17, UDP, tail=bytes(18))),
            ("a hop-by-hop header", chain([HOP_BY_HOP], 17, UDP)),
            ("an authentication header", chain([AH], 17, UDP)),
            ("all kinds", chain([0, 60, 43, 51, 135, 139, 140], 17, UDP)),
            ("eight extension headers", chain([DESTINATION] * 8, 17, UDP)),
            ("a jumbogram", ipv6(17, UDP, size=0)),
            ("an atomic fragment", ipv6(44, frames.fragment_extension(17, 0, False, 3) + UDP)),
            ("UDP of no length", ipv4(17, frames.udp(1024, 53, size=0))),
        ):
            with self.subTest(sentence):
                self.expect(frame, protocol=17, from_port=1024, to_port=53, fragment="whole")

    def test_the_length_is_the_frames(self):
        self.expect(ipv4(17, UDP, tags=[0x8100], tail=bytes(14)), length=60)

    def test_fragments(self):
        first = {"fragment": "first", "protocol": 17, "to_port": 53}
        later = {"fragment": "later", "protocol": 17, "to_port": None}
        for frame, fields in (
            (ipv4(17, UDP, fragment=0x2000), first),
            (ipv4(17, UDP, fragment=0x2001), later),
            (ipv4(17, b"", fragment=0x1FFF), later),
            (ipv6(44, frames.fragment_extension(17, 0, True) + UDP), first),
            (ipv6(44, frames.fragment_extension(17, 1, False)), later),
            (ipv6(44, frames.fragment_extension(60, 1, True)), {**later, "protocol": 60}),
            (ipv4(17, frames.udp(1024, 53, size=9000), fragment=0x2000), first),
        ):
            self.expect(frame, **fields)

    def test_a_fragment_stays_one_behind_an_atomic_fragment(self):
        inner = frames.fragment_extension(17, 0, False) + UDP
        self.expect(
            ipv6(44, frames.fragment_extension(44, 0, True) + inner), fragment="first", to_port=53
        )

    def test_protocols_without_a_header_to_check(self):
        for protocol in (47, 50, 59, 89, 255):
            self.expect(ipv4(protocol, b""), protocol=protocol, to_port=None)
            self.expect(ipv6(protocol, b"", tail=bytes(6)), protocol=protocol, to_port=None)
        self.expect(chain([DESTINATION], 50, bytes(8)), protocol=50)
        self.expect(ipv4(51, b""), protocol=51)

    def test_icmp(self):
        self.expect(ipv4(1, frames.icmp(8)), icmp_type=8)
        self.expect(ipv6(58, frames.icmp(135)), icmp_type=135)


class Unsound(ParseTest):
    def test_other(self):
        self.expect_all(
            Other,
            (
                ("ARP", frames.ethernet(0x0806, bytes(28))),
                ("an 802.3 length", frames.ethernet(60, bytes(60))),
                ("a third tag", ipv4(17, UDP, tags=[0x8100] * 3)),
            ),
        )

    def test_malformed_network_headers(self):
        self.expect_all(
            Malformed,
            (
                ("a tag cut short", frames.ethernet(0x8100, b"\0\1\x08")),
                ("an IPv4 header cut short", ipv4(17, UDP)[: 14 + 19]),
                ("IPv4 of version 6", ipv4(17, UDP, version=6)),
                ("four words of IPv4 header", ipv4(17, UDP, words=4)),
                ("options past the total length", ipv4(47, b"", words=6, tail=bytes(4))),
                ("a total length below the header's", ipv4(47, b"", total=19)),
                ("a total length past the frame", ipv4(47, b"", total=21)),
                ("an IPv6 header cut short", ipv6(59, b"")[:-1]),
                ("IPv6 of version 4", ipv6(17, UDP, version=4)),
                ("a payload length past the frame", ipv6(17, UDP, size=9)),
            ),
        )

    def test_malformed_extension_headers(self):
        self.expect_all(
            Malformed,
            (
                ("a ninth", chain([DESTINATION] * 9, 17, UDP)),
                ("one cut short", ipv6(60, b"\x11\0\0\0\0\0\0")),
                ("one longer than the packet", ipv6(60, b"\x3b\1" + bytes(6))),
                ("AH longer than the packet", ipv6(51, b"\x3b\4" + bytes(18))),
                ("one in the padding", ipv6(60, b"", tail=bytes([59, 0]) + bytes(6), size=4)),
                ("a fragment header cut short", ipv6(44, b"\x11\0\0\1")),
            ),
        )

    def test_malformed_transport_headers(self):
        tcp, udp, more = frames.tcp, frames.udp, 0x2000
        self.expect_all(
            Malformed,
            (
                ("19 bytes of TCP", ipv4(6, tcp(1, 2, 0)[:19])),
                ("the rest of TCP in the padding", ipv4(6, tcp(1, 2, 0)[:19], tail=bytes(9))),
                ("four words of TCP", ipv4(6, tcp(1, 2, 0, words=4))),
                ("TCP options past the packet", ipv4(6, tcp(1, 2, 0, words=6))),
                ("a tiny first fragment", ipv4(6, tcp(1, 2, 0)[:8], fragment=more)),
                ("7 bytes of UDP", ipv4(17, UDP[:7])),
                ("a UDP length of 7", ipv4(17, udp(1, 2, size=7))),
                ("a UDP length past the packet", ipv4(17, udp(1, 2, size=9), tail=b"\0")),
                ("a fragment's UDP length of 7", ipv4(17, udp(1, 2, size=7), fragment=more)),
                ("11 bytes of SCTP", ipv4(132, frames.sctp(1, 2)[:11])),
                ("3 bytes of ICMP", ipv4(1, frames.icmp(8)[:3])),
                ("3 bytes of ICMPv6", ipv6(58, frames.icmp(135)[:3])),
            ),
        )


class Addresses(unittest.TestCase):
    def test_a_prefix_contains_its_own_familys_addresses_only(self):
        prefix = parse_prefix("192.0.2.0/25")
        for text, inside in (("192.0.2.127", True), ("192.0.2.128", False), ("::1", False)):
            self.assertEqual(prefix.contains(parse_address(text)), inside)
        self.assertFalse(parse_prefix("::/0").contains(FROM4))

    def test_masked_addresses_as_text(self):
        for text, bits, masked in (
            ("192.0.2.129", 25, "192.0.2.128"),
            ("2001:db8:0:1::1", 48, "2001:db8::"),
            ("2001:db8:0:0:1:0:0:1", 128, "2001:db8::1:0:0:1"),
        ):
            prefix = prefix_of(parse_address(text), bits)
            self.assertEqual(address_text(prefix.family, prefix.number), masked)


if __name__ == "__main__":
    unittest.main()
