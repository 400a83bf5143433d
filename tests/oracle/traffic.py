# SPDX-License-Identifier: GPL-2.0-or-later
"""Random frames: mostly sound ones, and every way of being unsound that the parser knows."""

import frames
import packet
import universe
from frames import FRAGMENT_HEADER

LENGTH_MAX = 1514
EXTENSIONS = (0, 43, 51, 60, 135, 139, 140)
TAG_TYPES = (0x8100, 0x88A8, 0x9100)
TCP_FLAGS = (0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x00, 0xC2, 0xFF)
PAYLOADS = (0, 0, 1, 8, 12, 40, 64, 200, 500, 1300)


def busy_sources(random):
    """Those that send most: a source meets several rules then."""
    return {family: random.sample(universe.ADDRESSES[family], 2) for family in (4, 6)}


def frame(random, busy):
    family = random.choice((4, 6))
    source = random.choice(busy[family] if random.random() < 0.7 else universe.ADDRESSES[family])
    destination = random.choice(universe.ADDRESSES[family])
    protocol, payload = _transport(random, family)
    if family == 4:
        data = _ipv4(random, source, destination, protocol, payload)
    else:
        data = _ipv6(random, source, destination, protocol, payload)
    ethertype = frames.IPV4_TYPE if family == 4 else frames.IPV6_TYPE
    if random.random() < 0.03:
        ethertype = random.choice((frames.ARP_TYPE, 0x88CC, 60, frames.IPV4_TYPE, frames.IPV6_TYPE))
    tags = [random.choice(TAG_TYPES) for _ in range(random.choice((0, 0, 0, 0, 0, 1, 2, 2, 3)))]
    data = frames.ethernet(ethertype, data, tags if random.random() < 0.4 else ())
    return _finish(random, data)


def _finish(random, data):
    """Cut short, or padded as a network card pads short frames."""
    if random.random() < 0.06:
        data = data[: random.randint(14, len(data))]
    elif random.random() < 0.3:
        data += bytes(random.choice((1, 4, max(0, 60 - len(data)))))
    return data[:LENGTH_MAX]


def _transport(random, family):
    kind = random.random()
    if kind < 0.35:
        return packet.TCP, _tcp(random)
    if kind < 0.65:
        return packet.UDP, _udp(random)
    if kind < 0.82:
        return _icmp(random, family)
    if kind < 0.9:
        return packet.SCTP, frames.sctp(_port(random), _port(random), _payload(random))
    protocol = random.choice((packet.GRE, packet.ESP, *universe.ODD_PROTOCOLS))
    return protocol, bytes(random.randint(0, 30))


def _port(random):
    return random.choice(universe.PORTS)


def _payload(random):
    return bytes(random.choice(PAYLOADS))


def _tcp(random):
    options = random.choice((0, 0, 0, 1, 3, 10))
    words = 5 + options
    if random.random() < 0.06:  # options that are not there, or a header shorter than the shortest
        words = random.choice((0, 4, min(words + 1, 15), 15))
    return frames.tcp(
        _port(random),
        _port(random),
        random.choice(TCP_FLAGS),
        b"" if random.random() < 0.3 else _payload(random),
        words,
        bytes(options * 4),
    )


def _udp(random):
    payload = _payload(random)
    size = 8 + len(payload)
    if random.random() < 0.1:
        size = random.choice((0, 1, 7, 8, max(8, size - 1), size + 1, 65535))
    return frames.udp(_port(random), _port(random), payload, size)


def _icmp(random, family):
    if random.random() < 0.1:
        family = 10 - family  # each is a protocol number like any other in the other family
    if family == 4:
        return packet.ICMP, frames.icmp(random.choice(universe.ICMP_TYPES), _payload(random))
    return packet.ICMPV6, frames.icmp(random.choice(universe.ICMPV6_TYPES), _payload(random))


def _short(random, payload):
    """Sometimes cut, so that the transport header runs past the datagram (never past the frame)."""
    if random.random() < 0.04:
        return payload[: random.randint(0, 20)]
    return payload


def _ipv4(random, source, destination, protocol, payload):
    options = bytes(4 * random.choice((0, 0, 0, 0, 1, 3, 10)))
    payload = _short(random, payload)
    total = 20 + len(options) + len(payload)
    totals = (0, 19, 20 + len(options) - 1, total - 1, total + 1, 65535)
    wrong = {}
    if random.random() < 0.05:
        wrong = random.choice(
            (
                {"words": random.choice((0, 4, 6, 15))},
                {"version": random.choice((0, 5, 6))},
                {"total": random.choice(totals)},
            )
        )
    fragment = random.choice((0, 0x4000)) if random.random() < 0.8 else _fragment_word(random)
    return frames.ipv4(source, destination, protocol, payload, options, fragment, **wrong)


def _fragment_word(random):
    more, offset = 0x2000, random.choice((1, 185, 0x1FFF))
    return random.choice((more, more, more | offset, offset, 0x8000, 0x4000 | offset))


def _ipv6(random, source, destination, protocol, payload):
    payload = _short(random, payload)
    if random.random() < 0.4:
        protocol, payload = _with_extensions(random, protocol, payload)
    wrong = {}
    if random.random() < 0.05:
        sizes = (0, 1, max(0, len(payload) - 1), len(payload) + 1, 65535)
        wrong = random.choice(
            ({"version": random.choice((0, 4, 15))}, {"size": random.choice(sizes)})
        )
    return frames.ipv6(source, destination, protocol, payload, **wrong)


def _with_extensions(random, protocol, payload):
    """Built from the innermost outwards."""
    count = random.choice((1, 1, 1, 2, 2, 3, 5, 7, 8, 9))
    fragments = random.sample(range(count), min(count, random.choice((0, 0, 0, 1, 1, 1, 2))))
    for number in range(count):
        if number in fragments:
            head, kind = _fragment_extension(random, protocol), FRAGMENT_HEADER
        else:
            kind = random.choice(EXTENSIONS)
            head = frames.extension(kind, protocol, random.choice((0, 0, 0, 1, 2, 5)))
            if random.random() < 0.02:
                head = head[:1] + bytes([random.choice((7, 100, 255))]) + head[2:]
        protocol, payload = kind, head + payload
    return protocol, payload


def _fragment_extension(random, protocol):
    offset = random.choice((0, 0, 0, 1, 0x1FFF))
    reserved = random.choice((0, 0, 0, 1, 2))
    return frames.fragment_extension(protocol, offset, random.random() < 0.6, reserved)
