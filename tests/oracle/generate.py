# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random cases: a policy, and packets that arrive where it matters: at the moments when a budget has
just room again, a block has just ended or is just forgotten, and a nanosecond beside them. In some
cases somebody blocks prefixes by hand meanwhile, and lifts blocks.
"""

import os
from dataclasses import dataclass, replace
from random import Random

import yaml

import address
import packet
import policy
import traffic
from model import FOREVER, INTERFACES, Model
from policies import SHORT_DURATIONS, PolicyMaker
from policy import BYTE_COST_SHIFT, UNITS
from steps import Block, Packet, Unblock

DAY = 86400 * policy.SECOND
# Where 64 bits of time units change their sign, and where they wrap.
SIGN_NS, WRAP_NS = 2**63 // UNITS, 2**64 // UNITS
STARTS = (policy.SECOND, DAY, 700 * DAY, SIGN_NS - policy.SECOND, SIGN_NS + DAY, WRAP_NS - DAY)
# State older than half the clock's range can't be told from state ahead of it.
SPAN_MAX = 800 * DAY
FLOWS = 12
HAND_DURATIONS = [policy.read_duration(text) for text in SHORT_DURATIONS]


class Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True


@dataclass(frozen=True)
class Case:
    tree: dict  # the policy
    files: dict  # list files that it names: their text
    steps: tuple

    @property
    def packets(self):
        return [step for step in self.steps if isinstance(step, Packet)]

    def policy_text(self):
        return yaml.dump(self.tree, Dumper=Dumper, sort_keys=False, width=100)

    def policy(self):
        return policy.read(self.policy_text(), self.files.__getitem__)

    def write(self, folder):
        """Returns the policy's path."""
        for name, text in self.files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write(path, text)
        path = os.path.join(folder, "policy.yaml")
        _write(path, self.policy_text())
        return path


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def case(seed, packets, has_operator=True):
    """Always the same one for the same seed. Without an operator nobody blocks by hand."""
    random = Random(seed)
    maker = PolicyMaker(random)
    empty = Case(maker.policy(), maker.files, ())
    sender = Sender(random, Model(empty.policy()), maker.prefix)
    chance = random.choice((0, 0, 0.01, 0.05)) if has_operator else 0
    return replace(empty, steps=tuple(sender.steps(packets, chance)))


class Sender:
    """Sends a few flows most of the time, and now and then floods with one."""

    def __init__(self, random, model, make_prefix):
        self.random = random
        self.model = model
        self.make_prefix = make_prefix
        self.busy = traffic.busy_sources(random)
        self.flows = [self._flow() for _ in range(FLOWS)]
        self.now = random.choice(STARTS[:3] * 5 + STARTS[3:]) + random.randrange(1000)
        self.end = self.now + SPAN_MAX

    def steps(self, packets, operator_chance):
        for packet in self._packets(packets):
            if self.random.random() < operator_chance:
                step = self._operate(packet.time_ns)
                step.ask(self.model)
                yield step
            packet.ask(self.model)
            yield packet

    def _operate(self, now):
        prefix = self._prefix_to_operate_on()
        if self.random.random() < 0.4:
            return Unblock(prefix)
        return Block(now, prefix, self.random.choice((0, *HAND_DURATIONS)))

    def _prefix_to_operate_on(self):
        kind = self.random.random()
        if self.model.blocks and kind < 0.6:
            prefix = self.random.choice(list(self.model.blocks))
            return f"{address.address_text(*prefix[:2])}/{prefix.bits}"
        if kind < 0.8:
            family = self.random.choice((4, 6))
            return address.address_text(*self.random.choice(self.busy[family]))
        return self.make_prefix()

    def _packets(self, count):
        while count > 0:
            run = self.random.randrange(150) if self.random.random() < 0.008 else 1
            send = self.random.choice((self._flood, self._offend)) if run > 1 else self._send_one
            for step, frame in send(min(run, count)):
                self.now = min(self.now + step, self.end)
                yield Packet(self.now, self.random.randrange(INTERFACES), frame)
            count -= run

    def _flow(self):
        """Mostly one that reaches the rules."""
        frame = traffic.frame(self.random, self.busy)
        while self.random.random() < 0.8 and not _is_sound(frame):
            frame = traffic.frame(self.random, self.busy)
        return frame

    def _frame(self):
        if self.random.random() < 0.2:
            return traffic.frame(self.random, self.busy)
        return self.flows[self._low_index(FLOWS)]

    def _low_index(self, count):
        return int(count * self.random.random() ** 3)

    def _send_one(self, count):
        frame = self._frame()
        yield self._step(len(frame)), frame

    def _flood(self, count):
        """Deep budgets are emptied by nothing else."""
        frame = self.random.choice((max(self.flows, key=len), self._frame()))
        for _ in range(count):
            yield self.random.choice((0, 0, 1, 100)), frame

    def _offend(self, count):
        """Comes back as soon as it may, and exceeds again."""
        frame = self._frame()
        for _ in range(count):
            ends = _nanoseconds({block.until for block in self.model.blocks.values()})
            ahead = [end - self.now for end in ends if end > self.now]
            yield self.random.choice((0, min(ahead, default=0))), frame

    def _step(self, length):
        kind = self.random.random()
        if kind < 0.35:
            return 0
        if kind < 0.75:
            model = self.model
            points = _budget_points(model, length) if kind < 0.55 else _block_points(model)
            ahead = sorted(point - self.now for point in points if point > self.now)
            if ahead:
                return ahead[self._low_index(len(ahead))] + self.random.choice((-1, 0, 0, 1))
        return int(10 ** self.random.uniform(0, 15 if kind > 0.98 else 9))


def _is_sound(frame):
    try:
        return packet.parse(frame) is not None
    except (packet.Other, packet.Malformed):
        return False


def _budget_points(model, length):
    """Times, in ns, from which on a frame of this length has room, or finds a budget untouched."""
    units = set()
    for (rule, number, _), tat in model.packet_tats.items():
        units |= {tat, tat - model.policy.rules[rule].limits[number].tolerance}
    for (rule, number, _), tat in model.byte_tats.items():
        limit = model.policy.rules[rule].limits[number]
        cost = length * limit.byte_cost >> BYTE_COST_SHIFT
        units |= {tat, tat + cost - limit.byte_burst}
    return _nanoseconds(units)


def _block_points(model):
    """Times, in ns, from which on a block is over, or forgotten."""
    blocks = model.blocks.values()
    return _nanoseconds({unit for block in blocks for unit in (block.until, block.forget)})


def _nanoseconds(units):
    """Of those that come, the first whole ones."""
    return {-(-unit // UNITS) for unit in units if unit != FOREVER}
