# SPDX-License-Identifier: GPL-2.0-or-later
"""
Plants bugs in a runner that is otherwise the model itself: each must be found among random cases,
and be shrunk to a case that shows little else.
"""

import contextlib
import json
import unittest
from unittest import mock

import address
import differential
import generate
import model
import packet
import policy
from model import Model
from packet import Malformed

SEED = "documentation"
POLICIES_MAX = 400  # what a run has by default


class ModelRunner:
    """The model in the runner's place; `planted` makes a context in which it has a bug."""

    def __init__(self, planted=contextlib.nullcontext):
        self._planted = planted

    def ask(self, case):
        with self._planted():
            judge = Model(case.policy())
            answers = [step.ask(judge) for step in case.steps]
            return answers, json.dumps(judge.counters())


def replaced(target, name, make):
    """A bug: `target.name` is make(what it was)."""
    return lambda: mock.patch.object(target, name, make(getattr(target, name)))


def in_limits(change):
    """A bug in every limit of a policy."""

    def make(real):
        def read_limit(tree):
            limit = real(tree)
            change(limit)
            return limit

        return read_limit

    return replaced(policy, "_read_limit", make)


def in_packets(change):
    """A bug in every packet that was parsed."""

    def make(real):
        def parse(frame):
            parsed = real(frame)
            change(parsed, frame)
            return parsed

        return parse

    return replaced(packet, "parse", make)


def wider_tolerance(limit):
    limit.tolerance += limit.interval


def shorter_maximum(limit):
    if limit.block:
        limit.block.max = limit.block.first


def gives_no_ports(parsed, frame):
    if parsed.fragment == "first":
        parsed.to_port = parsed.from_port = None


def covers_mapped(real):
    def contains(prefix, which):
        if prefix.family == 6 and which[0] == 4:
            which = 6, 0xFFFF << 32 | which[1]
        return real(prefix, which)

    return contains


def takes_empty_for_any(real):
    return lambda among, beside, which: real(among or None, beside, which)


def takes_no_port_for_any(real):
    return lambda ranges, port: port is None or real(ranges, port)


def forgets_the_family(_):
    return lambda parsed: parsed.protocol == 58 and parsed.icmp_type in model.NEIGHBOUR_DISCOVERY


def ends_inclusively(_):
    def blocks_on(judge, source, now):
        blocks = judge.blocks.items()
        return [block for prefix, block in blocks if prefix.contains(source) and now <= block.until]

    return blocks_on


def blocks_the_source(real):
    def start_block(judge, now, prefix, *rest):
        source = address.prefix_of(prefix[:2], judge.policy.aggregate[prefix.family])
        real(judge, now, source, *rest)

    return start_block


def relapses_while_watched(real):
    return lambda judge, now, parsed, rule, watched: real(judge, now, parsed, rule, False)


def takes_before_it_fails(real):
    def decide(judge, now, parsed, number, watched):
        decision = real(judge, now, parsed, number, watched)
        if decision.reason == "over-rate":
            limit = judge.policy.rules[number].limits[0]
            judge._take(now, parsed, limit, (number, 0, judge._key_of(limit, parsed)))
        return decision

    return decide


def counts_blocked_in_rules(real):
    def decide(judge, now, parsed):
        decision = real(judge, now, parsed)
        rule = model.first_match(judge.policy.rules, parsed)
        if decision.reason == "blocked" and rule is not None:
            judge.rules[rule].add(decision, parsed.length)
        return decision

    return decide


def counts_without_ethernet(real):
    def judge(judging, time_ns, frame, interface=0):
        answer = real(judging, time_ns, frame, interface)
        judging.interfaces[interface][answer.split()[1]].bytes -= 14
        return answer

    return judge


def counts_on_the_first_interface(real):
    return lambda judging, time_ns, frame, interface=0: real(judging, time_ns, frame)


def counts_as_an_offence(real):
    def block_by_hand(judge, time_ns, prefix, duration_ns):
        real(judge, time_ns, prefix, duration_ns)
        if duration_ns:
            judge.blocks[prefix].forget += duration_ns * policy.UNITS

    return block_by_hand


def keeps_what_a_rule_remembers(real):
    def block_by_hand(judge, time_ns, prefix, duration_ns):
        old = judge.blocks.get(prefix)
        real(judge, time_ns, prefix, duration_ns)
        if old and time_ns * policy.UNITS < old.forget:
            judge.blocks[prefix].forget = max(old.forget, judge.blocks[prefix].forget)

    return block_by_hand


def leaves_what_has_a_rule(real):
    def unblock(judge, prefix):
        found = judge.blocks.get(prefix)
        return real(judge, prefix) if found and found.until == found.forget else bool(found)

    return unblock


def asks_for_the_source(real):
    def blocks_on(judge, source, now):
        return real(judge, address.prefix_of(source, judge.policy.aggregate[source[0]])[:2], now)

    return blocks_on


def forgets_prefixes_beside_others(real):
    def read_sets(tree, read_list):
        tree = {
            name: {"prefixes": "203.0.113.99", **{k: v for k, v in entry.items() if k != "prefixes"}}
            if isinstance(entry, dict)
            else entry
            for name, entry in tree.items()
        }
        return real(tree, read_list)

    return read_sets


def reads_padding(real):
    def ipv4(frame, start):
        try:
            return real(frame, start)
        except Malformed:
            if frame[start + 9 : start + 10] != b"\1":
                raise
            size = (len(frame) - start).to_bytes(2, "big")
            return real(frame[: start + 2] + size + frame[start + 4 :], start)

    return ipv4


def starts_at_zero(real):
    def exceeded(judge, now, parsed, limit, key):
        ahead = (-now + 2**63) % 2**64 - 2**63  # 64 bits of time, and a budget that says 0
        if limit.interval and key not in judge.packet_tats and ahead > limit.tolerance:
            return "over-rate"
        return real(judge, now, parsed, limit, key)

    return exceeded


# A bug, and how many steps and rules are enough to show it.
BUGS = {
    "a burst is one packet larger": (in_limits(wider_tolerance), 3, 1),
    "relapses do not grow": (in_limits(shorter_maximum), 8, 2),
    "limits are judged in the file's order": (
        replaced(policy, "_breadth", lambda _: lambda limit: 0),
        8,
        2,
    ),
    "first fragments have no ports": (in_packets(gives_no_ports), 1, 2),
    "a ninth extension header is read": (replaced(packet, "EXTENSIONS_MAX", lambda _: 9), 1, 1),
    "a third tag is read": (replaced(packet, "VLAN_TAGS_MAX", lambda _: 3), 1, 0),
    "the padding is read": (replaced(packet, "_ipv4", reads_padding), 1, 1),
    "IPv6 prefixes cover mapped IPv4": (
        replaced(address.Prefix, "contains", covers_mapped),
        3,
        1,
    ),
    "an empty set is every address": (
        replaced(model, "matches_address", takes_empty_for_any),
        1,
        2,
    ),
    "later fragments have every port": (
        replaced(model, "matches_port", takes_no_port_for_any),
        1,
        2,
    ),
    "neighbour discovery is IPv4's, too": (
        replaced(model, "is_neighbour_discovery", forgets_the_family),
        1,
        0,
    ),
    "rules beyond the 64th are lost": (
        replaced(model, "first_match", lambda real: lambda rules, parsed: real(rules[:64], parsed)),
        1,
        65,
    ),
    "a block lasts a moment longer": (replaced(Model, "_blocks_on", ends_inclusively), 5, 2),
    "a prefix's limit blocks the source": (
        replaced(Model, "_start_block", blocks_the_source),
        5,
        2,
    ),
    "exceeding while watched is a relapse": (
        replaced(Model, "_decide_by_rule", relapses_while_watched),
        12,
        2,
    ),
    "a dropped packet takes from a budget": (
        replaced(Model, "_decide_by_rule", takes_before_it_fails),
        8,
        1,
    ),
    "blocked packets count in rules": (
        replaced(Model, "_decide_ip", counts_blocked_in_rules),
        3,
        1,
    ),
    "bytes of reasons lack the Ethernet header": (
        replaced(Model, "judge", counts_without_ethernet),
        1,
        0,
    ),
    "packets of all interfaces count on the first": (
        replaced(Model, "judge", counts_on_the_first_interface),
        1,
        0,
    ),
    "a block by hand counts as an earlier offence": (
        replaced(Model, "block_by_hand", counts_as_an_offence),
        8,
        2,
    ),
    "a block by hand keeps an offence before it": (
        replaced(Model, "block_by_hand", keeps_what_a_rule_remembers),
        10,
        2,
    ),
    "a growing block is not lifted": (replaced(Model, "unblock", leaves_what_has_a_rule), 6, 2),
    "a block within a source's prefix is not seen": (
        replaced(Model, "_blocks_on", asks_for_the_source),
        4,
        2,
    ),
    "prefixes beside a set's file or sets are lost": (
        replaced(policy, "_read_sets", forgets_prefixes_beside_others),
        1,
        2,
    ),
    "a budget starts at 0": (replaced(Model, "_exceeded", starts_at_zero), 1, 1),
}


class PlantedBugs(unittest.TestCase):
    def find(self, differ):
        for number in range(POLICIES_MAX):
            case = generate.case(f"{SEED} {number}", differential.PACKETS_PER_CASE)
            found = differ.difference(case)
            if found is not None:
                return case, found
        return None, None

    def test_each_is_found_and_shrunk(self):
        for sentence, (planted, steps, rules) in BUGS.items():
            with self.subTest(sentence):
                differ = differential.Differential(ModelRunner(planted))
                case, found = self.find(differ)
                self.assertIsNotNone(found, "not found")
                case = differ.shrink(case, found)
                again = differ.difference(case)
                self.assertEqual(again.kind, found.kind)
                self.assertLessEqual(len(case.steps), steps)
                self.assertLessEqual(len(case.tree.get("rules", [])), rules)

    def test_without_a_bug_nothing_is_found(self):
        differ = differential.Differential(ModelRunner())
        self.assertEqual(self.find(differ), (None, None))
        drops = model.DROPS | {model.WOULD + reason for reason in model.DROPS}
        passes = {"other", "malformed-passed", "rule-pass", "within-limit", "default-pass"}
        wanted = drops | passes | {"neighbour-discovery"}
        self.assertEqual(set(differ.outcomes), wanted, "every outcome is reached")


if __name__ == "__main__":
    unittest.main()
