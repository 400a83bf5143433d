# SPDX-License-Identifier: GPL-2.0-or-later
"""From a frame's bytes to what rules ask about."""

from dataclasses import dataclass

VLAN_TYPES = {0x8100, 0x88A8, 0x9100}
VLAN_TAGS_MAX = 2

ICMP, TCP, UDP, GRE, ESP, ICMPV6, NO_NEXT, SCTP = 1, 6, 17, 47, 50, 58, 59, 132
HOP_BY_HOP, ROUTING, FRAGMENT, AH, DESTINATION = 0, 43, 44, 51, 60
MOBILITY, HIP, SHIM6 = 135, 139, 140
EXTENSIONS = {HOP_BY_HOP, ROUTING, FRAGMENT, AH, DESTINATION, MOBILITY, HIP, SHIM6}
EXTENSIONS_MAX = 8


class Other(Exception):
    """Neither IPv4 nor IPv6."""


class Malformed(Exception):
    """A header runs past the packet or contradicts it."""


@dataclass(slots=True)
class Packet:
    source: tuple  # (family, number)
    destination: tuple
    protocol: int
    length: int  # of the frame as received
    fragment: str  # "whole", "first" or "later"
    from_port: int | None = None
    to_port: int | None = None
    tcp_flags: int | None = None
    icmp_type: int | None = None


def parse(frame):
    ethertype, start = _ethernet(frame)
    if ethertype == 0x0800:
        return _ipv4(frame, start)
    if ethertype == 0x86DD:
        return _ipv6(frame, start)
    raise Other


def _require(condition):
    if not condition:
        raise Malformed


def _number(data, start, size):
    return int.from_bytes(data[start : start + size], "big")


def _ethernet(frame):
    _require(len(frame) >= 14)
    ethertype, start = _number(frame, 12, 2), 14
    for _ in range(VLAN_TAGS_MAX):
        if ethertype not in VLAN_TYPES:
            break
        _require(len(frame) >= start + 4)
        ethertype, start = _number(frame, start + 2, 2), start + 4
    return ethertype, start


def _ipv4(frame, start):
    data = frame[start:]
    _require(len(data) >= 20)
    version, header_size = data[0] >> 4, (data[0] & 15) * 4
    total_size = _number(data, 2, 2)
    _require(version == 4 and header_size >= 20)
    _require(header_size <= total_size <= len(data))

    offset, more = _number(data, 6, 2) & 0x1FFF, bool(data[6] & 0x20)
    packet = Packet(
        source=(4, _number(data, 12, 4)),
        destination=(4, _number(data, 16, 4)),
        protocol=data[9],
        length=len(frame),
        fragment="later" if offset else "first" if more else "whole",
    )
    if packet.fragment != "later":
        _transport(packet, data[header_size:total_size])
    return packet


def _ipv6(frame, start):
    data = frame[start:]
    _require(len(data) >= 40 and data[0] >> 4 == 6)
    payload_size = _number(data, 4, 2)
    if payload_size == 0:  # a jumbogram
        payload_size = len(data) - 40
    _require(payload_size <= len(data) - 40)
    _require(_number(data, 8, 12) != 0xFFFF)  # an IPv4 address, mapped

    packet = Packet(
        source=(6, _number(data, 8, 16)),
        destination=(6, _number(data, 24, 16)),
        protocol=data[6],
        length=len(frame),
        fragment="whole",
    )
    payload = _skip_extensions(packet, data[40 : 40 + payload_size])
    if packet.fragment != "later":
        _transport(packet, payload)
    return packet


def _skip_extensions(packet, payload):
    """What is left behind them; a later fragment ends the walk, whatever its next header."""
    seen = 0
    while packet.protocol in EXTENSIONS and packet.fragment != "later":
        seen += 1
        _require(seen <= EXTENSIONS_MAX)
        _require(len(payload) >= 8)
        size = _extension_size(packet.protocol, payload[1])
        _require(len(payload) >= size)
        if packet.protocol == FRAGMENT:
            _note_fragment(packet, payload)
        packet.protocol, payload = payload[0], payload[size:]
    return payload


def _extension_size(kind, size_field):
    if kind == FRAGMENT:
        return 8
    if kind == AH:
        return (size_field + 2) * 4
    return (size_field + 1) * 8


def _note_fragment(packet, header):
    if _number(header, 2, 2) >> 3:
        packet.fragment = "later"
    elif header[3] & 1:
        packet.fragment = "first"
    # neither: an atomic fragment changes nothing


def _transport(packet, payload):
    size = len(payload)
    if packet.protocol == TCP:
        _require(size >= 20)
        _require(20 <= (payload[12] >> 4) * 4 <= size)
        packet.tcp_flags = payload[13]
    elif packet.protocol == UDP:
        _require(size >= 8)
        udp_size = _number(payload, 4, 2)
        _require(udp_size == 0 or udp_size >= 8)
        _require(udp_size <= size or packet.fragment != "whole")
    elif packet.protocol == SCTP:
        _require(size >= 12)
    elif packet.protocol in (ICMP, ICMPV6):
        _require(size >= 4)
        packet.icmp_type = payload[0]
    if packet.protocol in (TCP, UDP, SCTP):
        packet.from_port, packet.to_port = _number(payload, 0, 2), _number(payload, 2, 2)
