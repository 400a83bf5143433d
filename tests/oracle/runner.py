# SPDX-License-Identifier: GPL-2.0-or-later
"""
A runner is a process that judges packets. It answers its input line by line: "policy FILE", which
begins anew, with "ok"; the line of a step with what the model says to it (steps.py); "counters" with a line of
JSON, at once. It goes from policy to policy, for a program takes longer to load than to run.
"""

import contextlib
import subprocess
import tempfile
import threading

PATIENCE_SECONDS = 120


class Ended(Exception):
    """The runner did not get to the end of a case."""

    def __init__(self, how, said, answers):
        super().__init__(f"the runner {how}" + (f": {said}" if said else ""))
        self.how = how
        self.answers = answers  # those that it gave before


class Runner:
    """Starts the process when it is asked, and again when it has ended. To be closed."""

    def __init__(self, path):
        self._path = path
        self._process = self._said = None

    def ask(self, case):
        """The answers to the case's steps, and the text of the counters after them."""
        with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
            lines = [f"policy {case.write(folder)}"]
            lines += [step.line() for step in case.steps]
            answers = self._talk([*lines, "counters"])
        return answers[1:-1], answers[-1]

    def close(self):
        """How it ended, or None; and what it said to stderr."""
        process, said = self._process, self._said
        self._process = self._said = None
        if process is None:
            return None, ""
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        status = process.wait()
        said.seek(0)
        with said:
            return f"ended with status {status}" if status else None, said.read().strip()

    def _start(self):
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [self._path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def _talk(self, lines):
        if self._process is None:
            self._start()
        is_late = threading.Event()
        timer = threading.Timer(PATIENCE_SECONDS, _end, (self._process, is_late))
        writer = threading.Thread(target=_write, args=(self._process.stdin, lines))
        timer.start()
        writer.start()
        answers = []
        for line in self._process.stdout:
            answers.append(line.rstrip("\n"))
            if len(answers) == len(lines):
                break
        timer.cancel()
        writer.join()
        if len(answers) == len(lines):
            return answers
        how, said = self.close()
        if is_late.is_set():
            how = f"was still busy after {PATIENCE_SECONDS} seconds"
        raise Ended(how or "did not answer line by line", said, answers[1:])


def _end(process, is_late):
    is_late.set()
    process.kill()


def _write(stdin, lines):
    # One that has ended reads no more; that is seen by what it answers.
    with contextlib.suppress(BrokenPipeError):
        stdin.write("\n".join(lines) + "\n")
        stdin.flush()
