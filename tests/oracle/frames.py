# SPDX-License-Identifier: GPL-2.0-or-later
"""
Builds frames, layer on layer, each layer as bytes. Addresses are (family, number) pairs. Checksums
are left zero: nobody on the packet's way looks at them. What contradicts itself is built by
overriding a length.
"""

import struct

IPV4_TYPE, IPV6_TYPE, ARP_TYPE = 0x0800, 0x86DD, 0x0806
FRAGMENT_HEADER, AH_HEADER = 44, 51


def ethernet(ethertype, payload, tags=()):
    """tags: the types of the VLAN tags, outermost first."""
    head = bytes.fromhex("020000000001020000000002")
    for number, tag in enumerate(tags):
        head += struct.pack("!HH", tag, 100 + number)
    return head + struct.pack("!H", ethertype) + payload


def ipv4(source, destination, protocol, payload, options=b"", fragment=0, **wrong):
    """fragment: the flags and offset word. Wrong on purpose: version, words, total."""
    words = wrong.get("words", 5 + len(options) // 4)
    total = wrong.get("total", 20 + len(options) + len(payload))
    head = struct.pack(
        "!BBHHHBBHII",
        wrong.get("version", 4) << 4 | words,
        0,
        total,
        1,
        fragment,
        64,
        protocol,
        0,
        source[1],
        destination[1],
    )
    return head + options + payload


def ipv6(source, destination, next_header, payload, **wrong):
    """Wrong on purpose: version, size (of the payload)."""
    head = struct.pack(
        "!IHBB",
        wrong.get("version", 6) << 28,
        wrong.get("size", len(payload)),
        next_header,
        64,
    )
    return head + source[1].to_bytes(16, "big") + destination[1].to_bytes(16, "big") + payload


def extension(kind, next_header, words=0):
    """One extension header; words beyond its smallest size, each of 8 bytes (AH: of 4)."""
    if kind == AH_HEADER:
        return bytes([next_header, words + 1]) + bytes(10 + words * 4)
    return bytes([next_header, words]) + bytes(6 + words * 8)


def fragment_extension(next_header, offset, more, reserved=0):
    """offset: in units of 8 bytes. reserved: the two bits beside it, which mean nothing."""
    return struct.pack("!BBHI", next_header, 0, offset << 3 | reserved << 1 | more, 1)


def tcp(from_port, to_port, flags, payload=b"", words=5, options=b""):
    return (
        struct.pack("!HHIIBBHHH", from_port, to_port, 1, 0, words << 4, flags, 1024, 0, 0)
        + options
        + payload
    )


def udp(from_port, to_port, payload=b"", size=None):
    size = 8 + len(payload) if size is None else size
    return struct.pack("!HHHH", from_port, to_port, size, 0) + payload


def sctp(from_port, to_port, payload=b""):
    return struct.pack("!HHII", from_port, to_port, 1, 0) + payload


def icmp(kind, payload=b""):
    """ICMP and ICMPv6 alike."""
    return struct.pack("!BBH", kind, 0, 0) + payload
