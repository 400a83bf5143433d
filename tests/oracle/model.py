# SPDX-License-Identifier: GPL-2.0-or-later
"""
What xdpguard should do with a packet, said as plainly as possible and as slowly as need be: rules
are walked one by one, sets are lists, time is an exact integer that never wraps, sources are never
evicted.

Where the policy language leaves room, this is what it is taken to mean:
- A policy in monitor mode goes the way that it would go enforced: a block of either kind ends it.
- A packet that only a monitor block would have dropped counts as would:blocked even if its rule
  would have dropped it too: the block comes first. Like one that is really blocked it counts in no
  rule, but it does take from budgets, since judging goes on.
- Watching changes no real verdict: an enforced block never counts monitor blocks as earlier
  offences, and a monitor block never takes the place of an enforced one that is still remembered.
- A block is over at its very end: it holds while now < until.
- A block by hand is an enforced one without a history, whatever was there before.
- An IPv6 prefix, blocked or in a rule, never covers an IPv4 address, however short it is.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import NamedTuple

import address
import packet as packets
from policy import BYTE_COST_SHIFT, UNITS

INTERFACES = 2
WOULD = "would:"
DROPS = {"malformed", "blocked", "rule-drop", "over-rate", "over-bandwidth", "default-drop"}
NEIGHBOUR_DISCOVERY = range(133, 138)


class Decision(NamedTuple):
    reason: str
    rule: int | None = None  # number of the rule that decided
    monitor: bool = False  # a drop that only counts

    @property
    def drops(self):
        return self.reason in DROPS and not self.monitor

    @property
    def would_drop(self):
        return self.reason in DROPS and self.monitor

    @property
    def outcome(self):
        return WOULD + self.reason if self.would_drop else self.reason


# When a block ends that has to be lifted: later than any moment.
FOREVER = 2**100


@dataclass
class BlockState:
    until: int
    forget: int
    level: int
    monitor: bool


@dataclass
class Tally:
    packets: int = 0
    bytes: int = 0

    def add(self, length):
        self.packets += 1
        self.bytes += length


class Kept:
    """The passed, dropped and would_drop tallies of a rule or a source."""

    def __init__(self):
        self.passed, self.dropped, self.would_drop = Tally(), Tally(), Tally()

    def add(self, decision, length):
        (self.dropped if decision.drops else self.passed).add(length)
        if decision.would_drop:
            self.would_drop.add(length)


class Model:
    def __init__(self, policy):
        self.policy = policy
        self.packet_tats = {}  # (rule, limit, key): theoretical arrival time
        self.byte_tats = {}
        self.blocks = {}  # prefix: BlockState
        self.sources = {}  # masked address: Kept
        self.rules = [Kept() for _ in self.policy.rules]
        self.interfaces = [{} for _ in range(INTERFACES)]  # outcome: Tally

    @property
    def outcomes(self):
        """Packets, on any interface."""
        packets = Counter()
        for tallies in self.interfaces:
            packets.update({name: tally.packets for name, tally in tallies.items()})
        return packets

    def judge(self, time_ns, frame, interface=0):
        """The runner's answer to this frame: "VERDICT OUTCOME RULE"."""
        decision = self._decide(time_ns * UNITS, frame)
        self.interfaces[interface].setdefault(decision.outcome, Tally()).add(len(frame))
        if decision.rule is not None:
            self.rules[decision.rule].add(decision, len(frame))
        verdict = "drop" if decision.drops else "pass"
        name = "-" if decision.rule is None else self.policy.rules[decision.rule].name
        return f"{verdict} {decision.outcome} {name}"

    def block_by_hand(self, time_ns, prefix, duration_ns):
        """Takes the place of any block of the same prefix. It is no offence that a relapse would count."""
        until = (time_ns + duration_ns) * UNITS if duration_ns else FOREVER
        self.blocks[prefix] = BlockState(until, until, level=0, monitor=False)

    def unblock(self, prefix):
        """Whether anything was there, be it over or not."""
        return self.blocks.pop(prefix, None) is not None

    def _decide(self, now, frame):
        try:
            packet = packets.parse(frame)
        except packets.Other:
            return Decision("other")
        except packets.Malformed:
            if self.policy.malformed_pass:
                return Decision("malformed-passed")
            return Decision("malformed", monitor=self.policy.monitor)
        decision = self._decide_ip(now, packet)
        source = self._source_of(packet)
        self.sources.setdefault(source, Kept()).add(decision, packet.length)
        return decision

    def _source_of(self, packet):
        return address.prefix_of(packet.source, self.policy.aggregate[packet.source[0]])

    def _decide_ip(self, now, packet):
        rule = first_match(self.policy.rules, packet)
        if rule is not None and self.policy.rules[rule].action == "pass":
            return Decision("rule-pass", rule)

        blocks = self._blocks_on(packet.source, now)
        if blocks and (self.policy.monitor or any(not block.monitor for block in blocks)):
            return Decision("blocked", monitor=self.policy.monitor)

        if rule is None:
            decision = self._decide_by_default(packet)
        else:
            decision = self._decide_by_rule(now, packet, rule, watched=bool(blocks))
        if blocks and not decision.drops:
            return Decision("blocked", monitor=True)
        return decision

    def _blocks_on(self, source, now):
        return [
            block
            for prefix, block in self.blocks.items()
            if prefix.contains(source) and now < block.until
        ]

    def _decide_by_default(self, packet):
        if not self.policy.default_drop:
            return Decision("default-pass")
        if is_neighbour_discovery(packet):
            return Decision("neighbour-discovery")
        return Decision("default-drop", monitor=self.policy.monitor)

    def _decide_by_rule(self, now, packet, number, watched):
        rule = self.policy.rules[number]
        monitor = rule.monitor or self.policy.monitor
        if rule.action == "drop":
            return Decision("rule-drop", number, monitor)

        for n, limit in enumerate(rule.limits):
            reason = self._exceeded(now, packet, limit, (number, n, self._key_of(limit, packet)))
            if reason is not None:
                if limit.block is not None and not (watched and monitor):
                    self._start_block(now, self._key_of(limit, packet), limit.block, monitor)
                return Decision(reason, number, monitor)

        for n, limit in enumerate(rule.limits):
            self._take(now, packet, limit, (number, n, self._key_of(limit, packet)))
        return Decision("within-limit", number)

    def _key_of(self, limit, packet):
        if limit.per == "all":
            return None
        if limit.per == "source":
            return self._source_of(packet)
        return address.prefix_of(packet.source, limit.per[packet.source[0]])

    def _exceeded(self, now, packet, limit, key):
        ahead = self.packet_tats.get(key, now) - now
        if limit.interval and ahead > limit.tolerance:
            return "over-rate"
        ahead = self.byte_tats.get(key, now) - now
        if limit.byte_cost and ahead > 0 and ahead + byte_cost(limit, packet) > limit.byte_burst:
            return "over-bandwidth"
        return None

    def _take(self, now, packet, limit, key):
        if limit.interval:
            self.packet_tats[key] = max(self.packet_tats.get(key, now), now) + limit.interval
        if limit.byte_cost:
            self.byte_tats[key] = max(self.byte_tats.get(key, now), now) + byte_cost(limit, packet)

    def _start_block(self, now, prefix, block, monitor):
        old = self.blocks.get(prefix)
        remembered = old is not None and now < old.forget
        if remembered and monitor and not old.monitor:
            return
        level = old.level + 1 if remembered and old.monitor == monitor else 0
        until = now + min(block.first * block.factor**level, block.max)
        forget = until if block.factor == 1 else until + block.max
        self.blocks[prefix] = BlockState(until, forget, level, monitor)

    def counters(self):
        """The runner's answer to "counters"."""
        return {
            "sources": [
                {
                    "address": address.address_text(source.family, source.number),
                    "packets": kept.passed.packets + kept.dropped.packets,
                    "bytes": kept.passed.bytes + kept.dropped.bytes,
                    "passed": kept.passed.packets,
                    "dropped": kept.dropped.packets,
                    "would_drop": kept.would_drop.packets,
                }
                for source, kept in self.sources.items()
            ],
            "rules": [
                {
                    "name": rule.name,
                    "passed": asdict(kept.passed),
                    "dropped": asdict(kept.dropped),
                    "would_drop": asdict(kept.would_drop),
                }
                for rule, kept in zip(self.policy.rules, self.rules)
            ],
            "interfaces": [
                {name: asdict(tally) for name, tally in tallies.items()}
                for tallies in self.interfaces
            ],
        }


def byte_cost(limit, packet):
    return packet.length * limit.byte_cost >> BYTE_COST_SHIFT


def first_match(rules, packet):
    for number, rule in enumerate(rules):
        if matches(rule, packet):
            return number
    return None


def matches(rule, packet):
    return (
        matches_address(rule.source, rule.not_source, packet.source)
        and matches_address(rule.destination, rule.not_destination, packet.destination)
        and (rule.protocols is None or packet.protocol in rule.protocols)
        and matches_port(rule.to_ports, packet.to_port)
        and matches_port(rule.from_ports, packet.from_port)
        and matches_flags(rule.flags, packet.tcp_flags)
        and (rule.fragment is None or rule.fragment == (packet.fragment != "whole"))
    )


def matches_address(among, beside, which):
    if any(prefix.contains(which) for prefix in beside):
        return False
    return among is None or any(prefix.contains(which) for prefix in among)


def matches_port(ranges, port):
    if ranges is None:
        return True
    return port is not None and any(first <= port <= last for first, last in ranges)


def matches_flags(wanted, flags):
    if wanted is None:
        return True
    must_be_set, must_be_clear = wanted
    return flags is not None and flags & must_be_set == must_be_set and not flags & must_be_clear


def is_neighbour_discovery(packet):
    return (
        packet.source[0] == 6
        and packet.protocol == packets.ICMPV6
        and packet.icmp_type in NEIGHBOUR_DISCOVERY
    )
