# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks and monitor mode in the model, against expectations worked out by hand."""

import unittest

import policy
from address import parse_prefix
from support import DAY, MINUTE, MS, SECOND, ModelTest, build, tcp, udp


class Blocks(ModelTest):
    def offend(self, judge, time_ns, source="192.0.2.1"):
        """Two packets at once where one is allowed: the second one starts a block."""
        judge.judge(time_ns, udp(source))
        return judge.judge(time_ns, udp(source))

    def test_a_block_ends_to_the_nanosecond_and_is_not_made_longer(self):
        judge = build("rules: [{name: r, limit: {rate: 100/s, burst: 1, block: 1m}}]")
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "drop over-rate r"),
            (2 * SECOND, udp(), "drop blocked -"),
            (SECOND + MINUTE - 1, udp(), "drop blocked -"),
            (SECOND + MINUTE, udp(), "pass within-limit r"),
        )

    def test_the_plain_form_never_grows(self):
        judge = build("rules: [{name: r, limit: {rate: 100/s, burst: 1, block: 1m}}]")
        for start in (SECOND, SECOND + MINUTE, SECOND + 2 * MINUTE):
            self.offend(judge, start)
            (block,) = judge.blocks.values()
            self.assertEqual(block.until, (start + MINUTE) * policy.UNITS)
            self.assertEqual(block.forget, block.until)

    def test_relapses_block_longer_up_to_the_maximum(self):
        judge = build(
            "rules: [{name: r, limit: {rate: 100/s, burst: 1,"
            " block: {first: 1m, factor: 4, max: 10m}}}]"
        )
        now = SECOND
        for minutes in (1, 4, 10, 10):
            self.assertEqual(self.offend(judge, now), "drop over-rate r")
            (block,) = judge.blocks.values()
            self.assertEqual(block.until, (now + minutes * MINUTE) * policy.UNITS)
            now += minutes * MINUTE

    def test_a_relapse_counts_until_the_maximum_has_passed_after_the_end(self):
        for late, minutes in ((-1, 4), (0, 1)):
            judge = build(
                "rules: [{name: r, limit: {rate: 100/s, burst: 1,"
                " block: {first: 1m, factor: 4, max: 10m}}}]"
            )
            self.offend(judge, SECOND)
            again = SECOND + MINUTE + 10 * MINUTE + late
            self.offend(judge, again)
            (block,) = judge.blocks.values()
            self.assertEqual(block.until, (again + minutes * MINUTE) * policy.UNITS)

    def test_growing_blocks_double_up_to_a_day_by_default(self):
        for text, first, factor, longest in (
            ("{first: 1m}", MINUTE, 2, DAY),
            ("{first: 2d, factor: 3}", 2 * DAY, 3, 2 * DAY),
            ("1h30m", 90 * MINUTE, 1, 90 * MINUTE),
        ):
            judge = build(f"rules: [{{name: r, limit: {{rate: 1/s, block: {text}}}}}]")
            block = judge.policy.rules[0].limits[0].block
            wanted = (first * policy.UNITS, factor, longest * policy.UNITS)
            self.assertEqual((block.first, block.factor, block.max), wanted)

    def test_a_limit_per_prefix_blocks_the_prefix(self):
        judge = build(
            "rules: [{name: r, limit: {rate: 1/s, per: {ipv4: 24, ipv6: 48}, block: 1m}}]"
        )
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
            (SECOND, udp("192.0.2.2"), "drop over-rate r"),
            (SECOND, udp("192.0.2.3"), "drop blocked -"),
            (SECOND, udp("203.0.113.1"), "pass within-limit r"),
        )

    def test_a_block_is_looked_up_by_the_full_address(self):
        judge = build(
            "sources: {aggregate: {ipv4: 24}}\n"
            "rules: [{name: r, limit: {rate: 1/s, per: {ipv4: 32, ipv6: 64}, block: 1m}}]"
        )
        self.offend(judge, SECOND, "192.0.2.1")
        self.expect(
            judge,
            (SECOND, udp("192.0.2.1"), "drop blocked -"),
            (SECOND, udp("192.0.2.2"), "pass within-limit r"),
        )

    def test_blocking_the_ipv6_prefix_of_the_mapped_addresses_blocks_no_ipv4(self):
        judge = build("rules: [{name: r, limit: {rate: 1/s, block: 1m}}]")
        unspecified = {"source": "::", "to": "2001:db8::2"}
        self.expect(
            judge,
            (SECOND, udp(**unspecified), "pass within-limit r"),
            (SECOND, udp(**unspecified), "drop over-rate r"),
            (SECOND, udp(**unspecified), "drop blocked -"),
            (SECOND, udp("192.0.2.1"), "pass within-limit r"),
        )


class Monitor(ModelTest):
    def test_a_policy_in_monitor_mode_drops_nothing(self):
        judge = build(
            "mode: monitor\ndefault: drop\nrules: [{name: a, to_port: 53, action: drop},"
            " {name: b, protocol: udp, limit: {rate: 1/s}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass would:rule-drop a"),
            (SECOND, udp(port=54), "pass within-limit b"),
            (SECOND, udp(port=54), "pass would:over-rate b"),
            (SECOND, tcp(2), "pass would:default-drop -"),
        )

    def test_a_monitor_rule_alone_drops_nothing_and_takes_nothing_for_what_it_would_drop(self):
        judge = build("rules: [{name: r, mode: monitor, limit: {rate: 10/s, burst: 1}}]")
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit r"),
            (SECOND, udp(), "pass would:over-rate r"),
            (SECOND + 100 * MS, udp(), "pass within-limit r"),
        )
        self.expect_tallies(judge, 0, passed=(3, 126), dropped=(0, 0), would_drop=(1, 42))

    def test_a_watched_source_counts_as_blocked_but_is_judged_on(self):
        judge = build(
            "default: drop\nrules: [{name: w, to_port: 53, mode: monitor,"
            " limit: {rate: 1/h, block: 1m}}, {name: d, to_port: 54, action: drop},"
            " {name: m, to_port: 55, mode: monitor, action: drop},"
            " {name: p, to_port: 56, action: pass},"
            " {name: l, to_port: 57, limit: {rate: 1/h}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit w"),
            (SECOND, udp(), "pass would:over-rate w"),
            (SECOND, udp(), "pass would:blocked -"),
            (SECOND, udp(port=54), "drop rule-drop d"),
            (SECOND, udp(port=55), "pass would:blocked -"),
            (SECOND, udp(port=56), "pass rule-pass p"),
            (SECOND, udp(port=57), "pass would:blocked -"),
            (SECOND, udp(port=57), "drop over-rate l"),
            (SECOND, udp(port=58), "drop default-drop -"),
            (SECOND + MINUTE, udp(), "pass would:over-rate w"),
        )
        self.expect_tallies(judge, 0, passed=(3, 126), dropped=(0, 0), would_drop=(2, 84))
        self.expect_tallies(judge, 2, passed=(0, 0), dropped=(0, 0), would_drop=(0, 0))

    def test_a_policy_in_monitor_mode_goes_the_way_it_would_go_enforced(self):
        judge = build(
            "mode: monitor\nrules: [{name: w, to_port: 53, limit: {rate: 1/h, block: 1m}},"
            " {name: a, limit: {rate: 1/h, per: all}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit w"),
            (SECOND, udp(), "pass would:over-rate w"),
            (SECOND, udp(port=54), "pass would:blocked -"),
            (SECOND, udp("192.0.2.2", port=54), "pass within-limit a"),
        )

    def test_exceeding_while_watched_is_no_relapse(self):
        judge = build(
            "rules: [{name: w, mode: monitor, limit: {rate: 1/h, block: {first: 1m, factor: 2}}}]"
        )
        for time_ns in (SECOND, SECOND, 2 * SECOND, 3 * SECOND):
            judge.judge(time_ns, udp())
        (block,) = judge.blocks.values()
        self.assertEqual((block.until, block.level), ((SECOND + MINUTE) * policy.UNITS, 0))
        judge.judge(SECOND + MINUTE, udp())
        (block,) = judge.blocks.values()
        self.assertEqual((block.until, block.level), ((SECOND + 3 * MINUTE) * policy.UNITS, 1))

    def test_an_enforced_block_replaces_a_watching_one_and_starts_anew(self):
        judge = build(
            "rules: [{name: w, to_port: 53, mode: monitor,"
            " limit: {rate: 1/h, block: {first: 1h}}},"
            " {name: e, limit: {rate: 1/h, block: {first: 1m}}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(), "pass within-limit w"),
            (SECOND, udp(), "pass would:over-rate w"),
            (SECOND, udp(port=54), "pass would:blocked -"),
            (SECOND, udp(port=54), "drop over-rate e"),
            (SECOND + MINUTE - 1, udp(), "drop blocked -"),
            (SECOND + MINUTE, udp(), "pass would:over-rate w"),
        )

    def test_a_watching_block_never_replaces_an_enforced_one_that_is_remembered(self):
        judge = build(
            "rules: [{name: w, to_port: 53, mode: monitor, limit: {rate: 1/h, block: 10m}},"
            " {name: e, limit: {rate: 100/s, burst: 1, block: {first: 1m}}}]"
        )
        self.expect(
            judge,
            (SECOND, udp(port=54), "pass within-limit e"),
            (SECOND, udp(port=54), "drop over-rate e"),
            (SECOND + MINUTE, udp(), "pass within-limit w"),
            (SECOND + MINUTE, udp(), "pass would:over-rate w"),
            (SECOND + MINUTE, udp(port=54), "pass within-limit e"),
            (SECOND + MINUTE, udp(port=54), "drop over-rate e"),
            (SECOND + 3 * MINUTE - 1, udp(), "drop blocked -"),
        )


class ByHand(ModelTest):
    def test_from_that_moment_to_its_end(self):
        judge = build("rules: [{name: r, limit: {rate: 1k/s}}]")
        judge.block_by_hand(SECOND, parse_prefix("192.0.2.0/24"), MINUTE)
        self.expect(
            judge,
            (SECOND, udp(), "drop blocked -"),
            (SECOND, udp("192.0.3.1"), "pass within-limit r"),
            (SECOND + MINUTE - 1, udp(), "drop blocked -"),
            (SECOND + MINUTE, udp(), "pass within-limit r"),
        )

    def test_until_it_is_lifted(self):
        judge = build("")
        judge.block_by_hand(SECOND, parse_prefix("192.0.2.1"), 0)
        self.expect(judge, (900 * DAY, udp(), "drop blocked -"))
        self.assertFalse(judge.unblock(parse_prefix("192.0.2.0/24")))
        self.expect(judge, (900 * DAY, udp(), "drop blocked -"))
        self.assertTrue(judge.unblock(parse_prefix("192.0.2.1/32")))
        self.expect(judge, (900 * DAY, udp(), "pass default-pass -"))

    def test_a_rule_that_passes_comes_first(self):
        judge = build("rules: [{name: trusted, from: 192.0.2.1, action: pass}]")
        judge.block_by_hand(SECOND, parse_prefix("192.0.2.0/24"), 0)
        self.expect(
            judge,
            (SECOND, udp(), "pass rule-pass trusted"),
            (SECOND, udp("192.0.2.2"), "drop blocked -"),
        )

    def test_a_policy_that_watches_only_counts_it(self):
        judge = build("mode: monitor\nrules: [{name: r, limit: {rate: 1/s}}]")
        judge.block_by_hand(SECOND, parse_prefix("192.0.2.1"), MINUTE)
        self.expect(judge, (SECOND, udp(), "pass would:blocked -"))

    def test_it_takes_the_place_of_a_block_and_of_what_a_relapse_would_count(self):
        judge = build("rules: [{name: r, limit: {rate: 100/s, burst: 1, block: {first: 10m}}}]")
        for _ in range(2):
            judge.judge(SECOND, udp())
        judge.block_by_hand(SECOND, parse_prefix("192.0.2.1"), MINUTE)
        now = SECOND + MINUTE
        self.expect(
            judge,
            (now - 1, udp(), "drop blocked -"),
            (now, udp(), "pass within-limit r"),
            (now, udp(), "drop over-rate r"),
            (now + 10 * MINUTE - 1, udp(), "drop blocked -"),
            (now + 10 * MINUTE, udp(), "pass within-limit r"),
        )


if __name__ == "__main__":
    unittest.main()
