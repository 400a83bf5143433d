# SPDX-License-Identifier: GPL-2.0-or-later
"""
Asks a runner, a process that judges packets by one policy. It is started as `RUNNER POLICY.yaml`
and answers line by line: "TIME_NS HEXFRAME" with "VERDICT OUTCOME RULE", "counters" with a line of
JSON.
"""

import subprocess
import tempfile

PATIENCE_SECONDS = 120


class Ended(Exception):
    """The runner did not get to the end of its input."""

    def __init__(self, how, said, answers):
        super().__init__(f"the runner {how}" + (f": {said}" if said else ""))
        self.how = how
        self.answers = answers  # those that it gave before


def ask(runner, case):
    """The answers to the case's packets, and the text of the counters after them."""
    lines = [f"{time_ns} {frame.hex()}" for time_ns, frame in case.packets] + ["counters"]
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        process = subprocess.Popen(
            [runner, case.write(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, said, how = _talk(process, "\n".join(lines) + "\n")
    answers = output.splitlines()
    if how or len(answers) != len(lines):
        raise Ended(how or "did not answer line by line", said, answers)
    return answers[:-1], answers[-1]


def _talk(process, text):
    """(what it answered, what it said to stderr, how it failed)"""
    try:
        output, said = process.communicate(text, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, said = process.communicate()
        return output, said.strip(), f"was still busy after {PATIENCE_SECONDS} seconds"
    how = f"ended with status {process.returncode}" if process.returncode else None
    return output, said.strip(), how
