# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames and policies that the hand-written tests have in common."""

import unittest

import frames
import policy
from address import parse_address
from model import Model

MS = 10**6  # ns
SECOND = 10**9
MINUTE = 60 * SECOND
DAY = 86400 * SECOND


def udp(source="192.0.2.1", to="198.51.100.53", port=53, size=42):
    """A whole UDP datagram in a frame of so many bytes."""
    source, to = parse_address(source), parse_address(to)
    if source[0] == 6:
        return frames.ethernet(0x86DD, frames.ipv6(source, to, 17, frames.udp(1024, port)))
    data = frames.udp(1024, port, bytes(size - 42))
    return frames.ethernet(0x0800, frames.ipv4(source, to, 17, data))


def tcp(flags, source="192.0.2.1", port=80, fragment=0):
    data = frames.tcp(1024, port, flags)
    to = parse_address("198.51.100.53")
    return frames.ethernet(
        0x0800, frames.ipv4(parse_address(source), to, 6, data, fragment=fragment)
    )


def icmpv6(kind):
    source, to = parse_address("2001:db8::1"), parse_address("2001:db8::2")
    return frames.ethernet(0x86DD, frames.ipv6(source, to, 58, frames.icmp(kind)))


ARP = frames.ethernet(0x0806, bytes(28))
MALFORMED = udp()[:-1]
IPV6 = {"source": "2001:db8::1", "to": "2001:db8::2"}


def build(text, **lists):
    return Model(policy.read("version: 1\n" + text, lambda name: lists[name]))


class ModelTest(unittest.TestCase):
    def expect(self, judge, *steps):
        """steps: (time_ns, frame, answer)"""
        for number, (time_ns, frame, answer) in enumerate(steps):
            with self.subTest(step=number, time_ns=time_ns):
                self.assertEqual(judge.judge(time_ns, frame), answer)

    def expect_tallies(self, judge, rule, passed, dropped, would_drop):
        """(packets, bytes) each"""
        kept = judge.rules[rule]
        for tally, wanted in (
            (kept.passed, passed),
            (kept.dropped, dropped),
            (kept.would_drop, would_drop),
        ):
            self.assertEqual((tally.packets, tally.bytes), wanted)
