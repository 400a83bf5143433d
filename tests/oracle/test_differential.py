# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole program, with runners of their own process that are the model with a bug."""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import differential
import generate
import runner

FOLDER = os.path.dirname(os.path.abspath(__file__))
SEED = "documentation"
NOTHING = {"packets": 0, "bytes": 0}


class Counters(unittest.TestCase):
    def difference(self, *sources):
        text = json.dumps({"sources": sources, "rules": [], "interfaces": [{"other": NOTHING}]})
        found = differential._compare_counters(self.expected, text)
        return found and found[1]

    def setUp(self):
        self.source = {"address": "192.0.2.1", "packets": 1, "bytes": 42, "passed": 1}
        self.source |= {"dropped": 0, "would_drop": 0}
        self.expected = {"sources": [self.source], "rules": [], "interfaces": [{}]}

    def test_zeros_and_order_do_not_matter(self):
        self.assertIsNone(self.difference(self.source))

    def test_a_source_listed_twice_is_told(self):
        self.assertIn("192.0.2.1 packets: 1", self.difference(self.source, self.source))

    def test_both_values_are_told(self):
        text = self.difference({**self.source, "bytes": 28})
        self.assertIn("the model has  source 192.0.2.1 bytes: 42", text)
        self.assertIn("the runner has source 192.0.2.1 bytes: 28", text)

    def test_what_is_no_json_is_told(self):
        self.assertIn("can't be read", differential._compare_counters(self.expected, "{")[1])


class Processes(unittest.TestCase):
    """The whole program, with a runner of its own process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runner = os.path.join(folder.name, "runner")

    def write_runner(self, *lines):
        with open(self.runner, "w", encoding="utf-8") as file:
            head = ["#!/usr/bin/python3", "import sys", f"sys.path.insert(0, {FOLDER!r})"]
            file.write("\n".join([*head, "import fake_runner, model, policy", *lines]) + "\n")
        os.chmod(self.runner, stat.S_IRWXU)

    def run_with(self, *lines, packets=2000):
        self.write_runner(*lines)
        program = os.path.join(FOLDER, "differential.py")
        command = [sys.executable, program, "--runner", self.runner, "--packets", str(packets)]
        done = subprocess.run(
            command + ["--seed", SEED], capture_output=True, text=True, check=False
        )
        self.assertIn(f"seed {SEED}\n", done.stdout)
        return done

    def test_no_difference(self):
        done = self.run_with("fake_runner.serve()")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("2000 packets under 8 policies: no difference", done.stdout)

    def test_a_wrong_counter(self):
        done = self.run_with(
            "class Wrong(model.Model):",
            "    def counters(self):",
            "        right = super().counters()",
            "        right['interfaces'][1].pop('other', None)",
            "        return right",
            "fake_runner.serve(Wrong)",
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the model has  interface 1 other packets: 1", done.stdout)
        self.assertIn("--- policy.yaml\nversion: 1\n--- steps", done.stdout)
        self.assertEqual(len(re.findall(r"^\d+ [01] [0-9a-f]+$", done.stdout, re.M)), 1)

    def test_a_crash(self):
        done = self.run_with(
            "class Crash(model.Model):",
            "    def judge(self, time_ns, frame, interface):",
            "        answer = super().judge(time_ns, frame, interface)",
            "        return sys.exit('it hurts') if ' malformed ' in answer else answer",
            "fake_runner.serve(Crash)",
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the runner ended with status 1: it hurts", done.stdout)
        self.assertEqual(len(re.findall(r"^\d+ [01] [0-9a-f]+$", done.stdout, re.M)), 1)
        self.assertIn("    model: drop malformed -\n    runner: nothing\n", done.stdout)

    def test_a_policy_that_is_refused(self):
        done = self.run_with(
            "class Refuse(model.Model):",
            "    def __init__(self, policy):",
            "        super().__init__(policy)",
            "        if any(rule.not_source for rule in policy.rules): sys.exit('what is not_from?')",
            "fake_runner.serve(Refuse)",
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the runner ended with status 1: what is not_from?", done.stdout)
        self.assertEqual(len(re.findall(r"^- name", done.stdout, re.M)), 1)
        self.assertEqual(len(re.findall(r"^\d+ [01] [0-9a-f]+$", done.stdout, re.M)), 0)

    def test_a_runner_that_answers_too_little(self):
        done = self.run_with("sys.stdin.readline()", packets=1)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("the runner did not answer line by line\n--- policy", done.stdout)

    def test_a_runner_that_hangs_is_ended(self):
        self.write_runner("import time", "time.sleep(60)")
        case = generate.case(SEED, 1)
        with mock.patch.object(runner, "PATIENCE_SECONDS", 0.2):
            with self.assertRaises(runner.Ended) as ended:
                runner.Runner(self.runner).ask(case)
        self.assertIn("still busy after 0.2 seconds", str(ended.exception))


if __name__ == "__main__":
    unittest.main()
