#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
`xdpguard replay` against the model: captures of random traffic, judged by random policies. Every count of a
source, a rule and a reason is the model's. And what `xdpguard suggest` makes of them limits none of it.

XDPGUARD names the tool.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import generate
from model import WOULD, Model

PACKETS = 3000
SEEDS = range(4)
START = 1767225600 * 10**9  # 2026-01-01
SNAPLEN = 262144


def write_capture(path, packets):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAPLEN, 1))
        for packet in packets:
            seconds, rest = divmod(START + packet.time_ns, 10**9)
            size = len(packet.frame)
            file.write(struct.pack("<IIII", seconds, rest, size, size) + packet.frame)


def xdpguard(*arguments):
    command = [os.environ["XDPGUARD"], *arguments]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        raise AssertionError(answer.stderr)
    return answer.stdout


def replay(case):
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        capture = os.path.join(folder, "capture.pcap")
        write_capture(capture, case.packets)
        return json.loads(xdpguard("replay", capture, "--json", "--policy", case.write(folder)))


def replay_suggested(packets):
    """By the policy that is suggested for the same capture."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        capture = os.path.join(folder, "capture.pcap")
        policy = os.path.join(folder, "suggested.yaml")
        write_capture(capture, packets)
        with open(policy, "w", encoding="utf-8") as file:
            file.write(xdpguard("suggest", "--pcap", capture, "--margin", "1"))
        return json.loads(xdpguard("replay", capture, "--json", "--policy", policy))


def outcomes(report):
    counts = {entry["reason"]: entry["packets"] for entry in report["reasons"]}
    counts |= {WOULD + entry["reason"]: entry["would_drop"] for entry in report["reasons"]}
    return {name: count for name, count in counts.items() if count}


def losses(sources):
    keys = ("packets", "bytes", "passed", "dropped", "would_drop")
    return {
        source["address"].partition("/")[0]: [source[key] for key in keys]
        for source in sources
        if source["dropped"] or source["would_drop"]
    }


class ReplayTest(unittest.TestCase):
    def test_a_suggested_policy_limits_nothing_that_it_comes_from(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                counts = outcomes(replay_suggested(generate.case(seed, PACKETS, has_operator=False).packets))
                counts.pop("within-limit")
                # What is malformed has no limit.
                others = {"other", WOULD + "malformed"}
                self.assertLessEqual(counts.keys(), others)

    def test_every_count_is_the_models(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                case = generate.case(seed, PACKETS, has_operator=False)
                model = Model(case.policy())
                for packet in case.packets:
                    packet.ask(model)
                expected, report = model.counters(), replay(case)
                self.assertEqual(report["frames"]["judged"], len(case.packets))
                self.assertEqual(outcomes(report), model.outcomes)
                self.assertEqual(losses(report["sources"]), losses(expected["sources"]))
                for rule, kept in zip(report["rules"], expected["rules"]):
                    for key in ("passed", "dropped", "would_drop"):
                        self.assertEqual(rule[key], kept[key]["packets"], (rule["name"], key))
                for entry in report["verdicts"]:
                    over_time = sum(point[entry["verdict"]] for point in report["timeline"])
                    self.assertEqual(over_time, entry["packets"], entry["verdict"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skip: needs root")
        sys.exit(77)
    unittest.main()
