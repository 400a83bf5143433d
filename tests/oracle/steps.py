# SPDX-License-Identifier: GPL-2.0-or-later
"""
What happens in a case, in turn: a packet arrives, somebody blocks a prefix or lifts its block. Each step
is a line for the runner (tests/packet/runner.c) and a question to the model, and both answer alike.
"""

from typing import NamedTuple

from address import parse_prefix


class Packet(NamedTuple):
    time_ns: int
    interface: int
    frame: bytes

    def line(self):
        return f"{self.time_ns} {self.interface} {self.frame.hex()}"

    def ask(self, model):
        return model.judge(self.time_ns, self.frame, self.interface)


class Block(NamedTuple):
    """As `xdpguard block`."""

    time_ns: int
    prefix: str
    duration_ns: int  # 0: until it is lifted

    def line(self):
        return f"block {self.time_ns} {self.prefix} {self.duration_ns}"

    def ask(self, model):
        model.block_by_hand(self.time_ns, parse_prefix(self.prefix), self.duration_ns)
        return "ok"


class Unblock(NamedTuple):
    """As `xdpguard unblock`."""

    prefix: str

    def line(self):
        return f"unblock {self.prefix}"

    def ask(self, model):
        return "lifted" if model.unblock(parse_prefix(self.prefix)) else "nothing"


def read_line(line):
    """The step of that line."""
    match line.split():
        case ["block", time_ns, prefix, duration_ns]:
            return Block(int(time_ns), prefix, int(duration_ns))
        case ["unblock", prefix]:
            return Unblock(prefix)
        case [time_ns, interface, frame]:
            return Packet(int(time_ns), int(interface), bytes.fromhex(frame))
        case _:
            raise ValueError(f"no step: {line}")
