# SPDX-License-Identifier: GPL-2.0-or-later
"""Which packets a rule asks for, against expectations worked out by hand."""

import unittest

from support import IPV6, SECOND, ModelTest, build, icmpv6, tcp, udp


class Matching(ModelTest):
    def first_matches(self, narrowing, yes, no, **lists):
        """The narrowing is the whole of a rule."""
        judge = build(f"rules: [{{name: r, action: drop, {narrowing}}}]", **lists)
        for frame in yes:
            self.assertEqual(judge.judge(SECOND, frame), "drop rule-drop r", narrowing)
        for frame in no:
            self.assertEqual(judge.judge(SECOND, frame), "pass default-pass -", narrowing)

    def test_addresses(self):
        inside, outside, ipv6 = udp("192.0.2.1"), udp("203.0.113.1"), udp(**IPV6)
        for narrowing, yes, no in (
            ("from: 192.0.2.0/24", [inside], [outside, ipv6]),
            ("from: 192.0.2.77/24", [inside], [outside]),
            ("from: 192.0.2.2", [], [inside]),
            ('from: "::ffff:192.0.2.0/120"', [inside], [outside]),
            ('from: [192.0.2.0/24, "2001:db8::/32"]', [inside, ipv6], [outside]),
            ("not_from: 192.0.2.0/24", [outside, ipv6], [inside]),
            ("from: 192.0.2.0/24, not_from: 192.0.2.0/31", [udp("192.0.2.2")], [inside, outside]),
            ("from: 0.0.0.0/0", [inside, outside], [ipv6]),
            ('from: "2001:db8::/127"', [ipv6], [udp("2001:db8::2", "2001:db8::1")]),
            ('from: "::/0"', [ipv6], [inside, outside]),
            ("to: 198.51.100.53", [inside], [udp(to="198.51.100.54"), ipv6]),
            ("not_to: 198.51.100.0/24", [ipv6], [inside]),
        ):
            self.first_matches(narrowing, yes, no)

    def test_a_rule_asks_for_the_full_address_not_the_aggregate(self):
        judge = build(
            "sources: {aggregate: {ipv4: 24}}\nrules: [{name: r, from: 192.0.2.1, action: drop}]"
        )
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "drop rule-drop r"),
            (SECOND, udp("192.0.2.2"), "pass default-pass -"),
        )

    def test_sets_from_lists_files_and_sets(self):
        judge = build(
            "sets: {all: {sets: [office], file: list}, office: [192.0.2.0/31], none: []}\n"
            "rules: [{name: none, from: none, action: drop},"
            " {name: all, from: all, not_from: none, action: drop}]",
            list="# ours\n\n 203.0.113.0/24 # all of it\n",
        )
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "drop rule-drop all"),
            (SECOND, udp("203.0.113.7"), "drop rule-drop all"),
            (SECOND, udp("192.0.2.2"), "pass default-pass -"),
        )

    def test_protocols_and_ports(self):
        for narrowing, yes, no in (
            ("protocol: udp", [udp()], [tcp(2)]),
            ("protocol: [6, icmpv6]", [tcp(2), icmpv6(1)], [udp()]),
            ("to_port: 53", [udp(), tcp(2, port=53)], [udp(port=54), icmpv6(1)]),
            ("to_port: domain", [udp()], [udp(port=54)]),
            ("to_port: [22, 54-60]", [udp(port=54), udp(port=60)], [udp(port=61), udp()]),
            ("protocol: tcp, to_port: 53", [tcp(2, port=53)], [udp()]),
            ("from_port: 1024", [udp()], []),
        ):
            self.first_matches(narrowing, yes, no)

    def test_tcp_flags_ask_for_tcp(self):
        syn, syn_ack, ack = tcp(0x02), tcp(0x12), tcp(0x10)
        for narrowing, yes, no in (
            ('tcp_flags: [syn, "!ack"]', [syn], [syn_ack, ack, udp()]),
            ("tcp_flags: [syn]", [syn, syn_ack], [ack]),
            ('tcp_flags: ["!syn"]', [ack], [syn, udp()]),
            ("protocol: [udp, tcp], tcp_flags: [cwr]", [tcp(0x80)], [syn, udp()]),
        ):
            self.first_matches(narrowing, yes, no)

    def test_fragments(self):
        whole, first, later = tcp(2), tcp(2, fragment=0x2000), tcp(2, fragment=1)
        last = tcp(2, fragment=0x2001)
        for narrowing, yes, no in (
            ("fragment: true", [first, later, last], [whole]),
            ("fragment: false", [whole], [first, later, last]),
            ("protocol: tcp", [whole, first, later, last], []),
            ("to_port: 80", [whole, first], [later, last]),
            ("to_port: 1-65535", [whole, first], [later, last]),
            ("tcp_flags: [syn]", [whole, first], [later, last]),
            ('tcp_flags: ["!ack"]', [whole, first], [later, last]),
        ):
            self.first_matches(narrowing, yes, no)


if __name__ == "__main__":
    unittest.main()
