# SPDX-License-Identifier: GPL-2.0-or-later
"""The model against expectations worked out by hand, so that it is not only right about itself."""

import pathlib
import re
import unittest

import frames
import model
import policy
from address import parse_address
from support import ARP, DAY, IPV6, MALFORMED, MS, SECOND, ModelTest, build, icmpv6, tcp, udp

ABI = pathlib.Path(__file__).parents[2] / "bpf" / "abi.h"


class Reasons(unittest.TestCase):
    def test_every_outcome_of_the_model_is_named_in_the_abi(self):
        named = set(re.findall(r'X\(\w+, "([a-z-]+)"', ABI.read_text(encoding="utf-8")))
        passes = {"other", "malformed-passed", "rule-pass", "within-limit", "default-pass"}
        ours = passes | {"neighbour-discovery"} | model.DROPS
        self.assertEqual(ours, named - {"unguarded"})

    def test_time_units_are_those_of_the_abi(self):
        text = ABI.read_text(encoding="utf-8")
        shift = int(re.search(r"GUARD_TIME_SHIFT (\d+)", text)[1])
        self.assertEqual(policy.UNITS, 1 << shift)


class Rates(ModelTest):
    def test_a_burst_of_two_then_one_packet_an_interval(self):
        judge = build("rules: [{name: r, limit: {rate: 10/s, burst: 2}}]")
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "drop over-rate r"),
            (SECOND + 100 * MS - 1, udp(), "drop over-rate r"),
            (SECOND + 100 * MS, udp(), "pass within-limit r"),
            (SECOND + 100 * MS, udp(), "drop over-rate r"),
            (SECOND + 200 * MS, udp(), "pass within-limit r"),
        )

    def test_an_idle_source_saves_up_no_more_than_its_burst(self):
        judge = build("rules: [{name: r, limit: {rate: 10/s, burst: 2}}]")
        steps = [(SECOND, udp(), "pass within-limit r")]
        steps += [(DAY, udp(), "pass within-limit r")] * 2 + [(DAY, udp(), "drop over-rate r")]
        self.expect(judge, *steps)

    def test_the_default_burst_is_100_ms_of_the_rate_and_at_least_one(self):
        for rate, burst in (("500/s", 50), ("1k/s", 100), ("3k/m", 5), ("9/s", 1), ("19/s", 1)):
            judge = build(f"rules: [{{name: r, limit: {{rate: {rate}}}}}]")
            answers = [judge.judge(SECOND, udp()) for _ in range(burst + 1)]
            self.assertEqual(answers.count("pass within-limit r"), burst, rate)

    def test_an_interval_is_rounded_to_the_nearest_unit(self):
        for rate, units in (("3/s", 42666666667), ("7/s", 18285714286), ("100M/s", 1280)):
            judge = build(f"rules: [{{name: r, limit: {{rate: {rate}}}}}]")
            self.assertEqual(judge.policy.rules[0].limits[0].interval, units)

    def test_sources_have_budgets_of_their_own(self):
        judge = build("rules: [{name: r, limit: {rate: 1/s}}]")
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
            (SECOND, udp("192.0.2.2"), "pass within-limit r"),
            (SECOND, udp("192.0.2.1"), "drop over-rate r"),
        )

    def test_an_aggregate_is_one_source(self):
        judge = build("sources: {aggregate: {ipv4: 24}}\nrules: [{name: r, limit: {rate: 1/s}}]")
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
            (SECOND, udp("192.0.2.255"), "drop over-rate r"),
            (SECOND, udp("203.0.113.1"), "pass within-limit r"),
        )

    def test_all_share_one_budget_across_families(self):
        judge = build("rules: [{name: r, limit: {rate: 1/s, per: all}}]")
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
            (SECOND, udp(**IPV6), "drop over-rate r"),
        )

    def test_a_prefix_shares_one_budget(self):
        judge = build("rules: [{name: r, limit: {rate: 1/s, per: {ipv4: 24, ipv6: 48}}}]")
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
            (SECOND, udp("192.0.2.2"), "drop over-rate r"),
            (SECOND, udp("2001:db8::1", "2001:db8::2"), "pass within-limit r"),
            (SECOND, udp("2001:db8:0:1::1", "2001:db8::2"), "drop over-rate r"),
            (SECOND, udp("2001:db8:1::1", "2001:db8::2"), "pass within-limit r"),
        )

    def test_a_rule_counts_only_its_own_packets(self):
        judge = build(
            "rules: [{name: dns, protocol: udp, limit: {rate: 1/s}},"
            " {name: rest, limit: {rate: 1/s}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit dns"),
            (SECOND, tcp(2), "pass within-limit rest"),
        )


class SeveralLimits(ModelTest):
    def test_a_dropped_packet_takes_nothing_from_any_budget(self):
        judge = build(
            "rules: [{name: r, limits: [{rate: 10/s, burst: 3}, {rate: 1/s, burst: 1, per: all}]}]"
        )
        self.expect(
            judge,
            (SECOND, udp("192.0.2.2"), "pass within-limit r"),
            *[(SECOND, udp(), "drop over-rate r")] * 5,
            (2 * SECOND, udp(), "pass within-limit r"),
        )
        budgets = {key[2]: tat for key, tat in judge.packet_tats.items() if key[1] == 0}
        source = judge._source_of(model.packets.parse(udp()))
        self.assertEqual(budgets[source], (2 * SECOND + 100 * MS) * policy.UNITS)

    def test_the_narrowest_that_fails_gives_the_reason_and_the_block(self):
        judge = build(
            "rules: [{name: r, limits: [{rate: 1/s, per: all},"
            " {rate: 1/s, per: {ipv4: 24, ipv6: 48}, block: 1m}, {bandwidth: 1kbit/s}]}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "drop over-bandwidth r"),
            (SECOND, udp("192.0.2.2"), "drop over-rate r"),
            (SECOND, udp("192.0.2.3"), "drop blocked -"),
            (SECOND, udp("203.0.113.1"), "drop over-rate r"),
            (SECOND, udp("203.0.113.1"), "drop over-rate r"),
        )

    def test_prefixes_go_from_long_to_short_and_equals_in_the_files_order(self):
        judge = build(
            "rules: [{name: r, limits: [{rate: 1/s, per: {ipv4: 16, ipv6: 48}},"
            " {rate: 2/s, per: {ipv4: 24, ipv6: 32}}, {rate: 3/s}, {rate: 4/s}]}]"
        )
        intervals = [limit.interval for limit in judge.policy.rules[0].limits]
        rates = [round(policy.UNITS * SECOND / interval) for interval in intervals]
        self.assertEqual(rates, [3, 4, 2, 1])

    def test_within_one_limit_the_rate_comes_before_the_bandwidth(self):
        judge = build("rules: [{name: r, limit: {rate: 1/s, bandwidth: 1kbit/s}}]")
        self.expect(
            judge, (SECOND, udp(), "pass within-limit r"), (SECOND, udp(), "drop over-rate r")
        )


class Bandwidth(ModelTest):
    def test_a_burst_holds_100_ms(self):
        judge = build("rules: [{name: r, limit: {bandwidth: 80kbit/s}}]")  # 1000 bytes
        self.expect(
            judge,
            (SECOND, udp(size=400), "pass within-limit r"),
            (SECOND, udp(size=600), "pass within-limit r"),
            (SECOND, udp(size=42), "drop over-bandwidth r"),
            (SECOND + 4_200_000 - 1, udp(size=42), "drop over-bandwidth r"),
            (SECOND + 4_200_000, udp(size=42), "pass within-limit r"),
        )

    def test_a_frame_larger_than_the_burst_passes_when_the_budget_is_untouched(self):
        judge = build("rules: [{name: r, limit: {bandwidth: 8kbit/s}}]")  # 1 ms a byte
        self.expect(
            judge,
            (SECOND, udp(size=1000), "pass within-limit r"),
            (2 * SECOND - 1, udp(size=1000), "drop over-bandwidth r"),
            (2 * SECOND, udp(size=1000), "pass within-limit r"),
        )

    def test_a_byte_costs_fractions_of_a_unit(self):
        for bandwidth, byte_cost, of_1514_bytes in (
            ("400Gbit/s", 167772, 3875),  # 2.56 units a byte
            ("1Gbit/s", 67108864, 1514 * 1024),
            ("3kbit/s", 22369621333333, 516778666666),
        ):
            judge = build(f"rules: [{{name: r, limit: {{bandwidth: {bandwidth}}}}}]")
            limit = judge.policy.rules[0].limits[0]
            self.assertEqual(limit.byte_cost, byte_cost)
            parsed = model.packets.parse(udp(size=1514))
            self.assertEqual(model.byte_cost(limit, parsed), of_1514_bytes)

    def test_padding_and_the_ethernet_header_count(self):
        judge = build("rules: [{name: r, limit: {bandwidth: 80kbit/s}}]")
        self.expect(
            judge,
            (SECOND, udp(size=500) + bytes(500), "pass within-limit r"),
            (SECOND, udp(), "drop over-bandwidth r"),
        )


class Order(ModelTest):
    def test_what_is_not_ip_passes_whatever_the_policy(self):
        judge = build("default: drop\nrules: [{name: r, action: drop}]")
        self.expect(judge, (SECOND, ARP, "pass other -"))
        self.assertEqual(judge.counters()["sources"], [])

    def test_malformed_packets_are_dropped_or_passed_and_no_ones(self):
        for text, answer in (
            ("rules: [{name: r, action: pass}]", "drop malformed -"),
            ("malformed: drop", "drop malformed -"),
            ("malformed: pass\ndefault: drop", "pass malformed-passed -"),
            ("mode: monitor", "pass would:malformed -"),
        ):
            judge = build(text)
            self.expect(judge, (SECOND, MALFORMED, answer))
            self.assertEqual(judge.counters()["sources"], [])

    def test_the_first_rule_that_matches_decides(self):
        judge = build(
            "rules: [{name: a, to_port: 53, action: drop}, {name: b, action: pass},"
            " {name: c, action: drop}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "drop rule-drop a"),
            (SECOND, udp(port=54), "pass rule-pass b"),
        )

    def test_a_block_does_not_reach_a_rule_with_action_pass(self):
        judge = build(
            "rules: [{name: ok, to_port: 22, action: pass},"
            " {name: r, protocol: udp, limit: {rate: 1/s, block: 1m}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "drop over-rate r"),
            (SECOND, tcp(2, port=80), "drop blocked -"),
            (SECOND, tcp(2, port=22), "pass rule-pass ok"),
        )

    def test_neighbour_discovery_passes_under_default_drop_unless_a_rule_names_it(self):
        judge = build("default: drop")
        self.expect(
            judge,
            (SECOND, icmpv6(132), "drop default-drop -"),
            (SECOND, icmpv6(133), "pass neighbour-discovery -"),
            (SECOND, icmpv6(137), "pass neighbour-discovery -"),
            (SECOND, icmpv6(138), "drop default-drop -"),
            (SECOND, udp(), "drop default-drop -"),
        )
        judge = build("default: drop\nrules: [{name: r, protocol: icmpv6, action: drop}]")
        self.expect(judge, (SECOND, icmpv6(135), "drop rule-drop r"))
        self.expect(build(""), (SECOND, icmpv6(135), "pass default-pass -"))

    def test_neighbour_discovery_is_ipv6_and_no_later_fragment(self):
        judge = build("default: drop")
        source, to = parse_address("2001:db8::1"), parse_address("2001:db8::2")
        solicitation = frames.icmp(135)
        for offset, answer in ((0, "pass neighbour-discovery -"), (1, "drop default-drop -")):
            fragment = frames.fragment_extension(58, offset, True) + solicitation
            frame = frames.ethernet(0x86DD, frames.ipv6(source, to, 44, fragment))
            self.expect(judge, (SECOND, frame, answer))
        ipv4 = frames.ipv4(parse_address("192.0.2.1"), parse_address("192.0.2.2"), 58, solicitation)
        self.expect(judge, (SECOND, frames.ethernet(0x0800, ipv4), "drop default-drop -"))

    def test_a_blocked_source_loses_neighbour_discovery_too(self):
        judge = build(
            "default: drop\n"
            "rules: [{name: r, protocol: udp, limit: {rate: 1/s, block: 1m}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(**IPV6), "pass within-limit r"),
            (SECOND, udp(**IPV6), "drop over-rate r"),
            (SECOND, icmpv6(135), "drop blocked -"),
        )


class Counters(ModelTest):
    def test_sources_rules_and_interfaces(self):
        judge = build(
            "sources: {aggregate: {ipv4: 24, ipv6: 48}}\n"
            "rules: [{name: w, to_port: 54, mode: monitor, action: drop},"
            " {name: r, limit: {rate: 1/s, block: 1m}}]"
        )
        for frame in (udp(port=54), udp(), udp(), udp(), udp(**IPV6), ARP):
            judge.judge(SECOND, frame)
        for frame in (ARP, MALFORMED):
            judge.judge(SECOND, frame, interface=1)
        self.assertEqual(
            judge.counters(),
            {
                "sources": [
                    source("192.0.2.0", packets=4, bytes=168, passed=2, dropped=2, would_drop=1),
                    source("2001:db8::", packets=1, bytes=62, passed=1, dropped=0, would_drop=0),
                ],
                "rules": [
                    rule("w", passed=(1, 42), dropped=(0, 0), would_drop=(1, 42)),
                    rule("r", passed=(2, 104), dropped=(1, 42), would_drop=(0, 0)),
                ],
                "interfaces": [
                    {
                        "would:rule-drop": tally(1, 42),
                        "within-limit": tally(2, 104),
                        "over-rate": tally(1, 42),
                        "blocked": tally(1, 42),
                        "other": tally(1, len(ARP)),
                    },
                    {"other": tally(1, len(ARP)), "malformed": tally(1, len(MALFORMED))},
                ],
            },
        )


def source(address, **counts):
    return {"address": address, **counts}


def rule(name, **tallies):
    return {
        "name": name,
        **{key: tally(*counts) for key, counts in tallies.items()},
    }


def tally(packets, length):
    return {"packets": packets, "bytes": length}


if __name__ == "__main__":
    unittest.main()
