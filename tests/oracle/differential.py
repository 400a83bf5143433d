#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random policies, packets and blocks by hand through the packet program (behind a runner, see
runner.py) and through the model: every verdict and reason, then every counter, must be the same. What is not is made as
small as it gets and printed; the exit status is 1 then.
"""

import argparse
import contextlib
import json
import secrets
import sys
from collections import Counter
from dataclasses import dataclass, replace

import generate
from model import Model
from policy import PolicyError
from runner import Ended, Runner
from shrink import shrink

PACKETS_PER_CASE = 250


@dataclass
class Difference:
    kind: str  # both sides' verdicts, "counters", or how the runner ended
    text: str
    expected: list  # the model's answers
    answers: list  # the runner's


class Differential:
    def __init__(self, runner):
        self._runner = runner
        self.outcomes = Counter()

    def difference(self, case):
        """None where both sides agree."""
        model = Model(case.policy())
        expected = [step.ask(model) for step in case.steps]
        self.outcomes += model.outcomes
        try:
            answers, counters = self._runner.ask(case)
        except Ended as error:
            return Difference(error.how, str(error), expected, error.answers)
        found = _compare(expected, answers) or _compare_counters(model.counters(), counters)
        return found and Difference(*found, expected, answers)

    def shrink(self, case, found):
        """A smaller case with the same kind of difference."""

        def fails(candidate):
            try:
                again = self.difference(candidate)
            except PolicyError:
                return False
            return again is not None and again.kind == found.kind

        return shrink(_up_to_difference(case, found), fails)


def _up_to_difference(case, found):
    for number, (wanted, got) in enumerate(zip(found.expected, found.answers)):
        if wanted != got:
            return replace(case, steps=case.steps[: number + 1])
    return case


def _compare(expected, answers):
    for number, (wanted, got) in enumerate(zip(expected, answers)):
        if wanted != got:
            kind = f"{_without_rule(wanted)}, not {_without_rule(got)}"
            return kind, f"step {number + 1}: the model says {wanted}, the runner {got}"
    return None


def _without_rule(answer):
    return answer.rpartition(" ")[0]


def _compare_counters(expected, text):
    try:
        wanted, got = Counter(_flat(expected)), Counter(_flat(json.loads(text)))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return "counters", f"the runner's counters can't be read: {error!r}: {text}"
    if wanted == got:
        return None
    lines = [f"the model has  {name}: {count}" for name, count in (wanted - got).elements()]
    lines += [f"the runner has {name}: {count}" for name, count in (got - wanted).elements()]
    return "counters", "\n".join(sorted(lines, key=lambda line: line[15:]))


def _flat(counters):
    """(name, count) of all that is not zero, in no order; an entry listed twice is here twice."""
    for source in counters["sources"]:
        for key in ("packets", "bytes", "passed", "dropped", "would_drop"):
            if source[key]:
                yield f"source {source['address']} {key}", source[key]
    for rule in counters["rules"]:
        for key in ("passed", "dropped", "would_drop"):
            for unit in ("packets", "bytes"):
                if rule[key][unit]:
                    yield f"rule {rule['name']} {key} {unit}", rule[key][unit]
    for number, outcomes in enumerate(counters["interfaces"]):
        for name, tally in outcomes.items():
            for unit in ("packets", "bytes"):
                if tally[unit]:
                    yield f"interface {number} {name} {unit}", tally[unit]


def _report(case, found):
    print(found.text)
    print("--- policy.yaml")
    print(case.policy_text(), end="")
    for name, text in case.files.items():
        print(f"--- {name}\n{text}", end="")
    print("--- steps: what the runner reads, and what each side says to it")
    answers = found.answers + ["nothing"] * (len(found.expected) - len(found.answers))
    for step, wanted, got in zip(case.steps, found.expected, answers):
        print(step.line())
        print(f"    both: {wanted}" if wanted == got else f"    model: {wanted}\n    runner: {got}")


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", required=True, help="path of the runner")
    parser.add_argument("--packets", type=int, default=100_000, help="how many, in all")
    parser.add_argument("--seed", help="of an earlier run, to repeat it; default: a new one")
    return parser.parse_args()


def _run(differential, seed, packets):
    """The exit status."""
    done = policies = 0
    while done < packets:
        size = min(PACKETS_PER_CASE, packets - done)
        case = generate.case(f"{seed} {policies}", size)
        found = differential.difference(case)
        if found is not None:
            print(f"policy {policies + 1}: {found.text}\nshrinking", flush=True)
            smallest = differential.shrink(case, found)
            _report(smallest, differential.difference(smallest))
            print(f"seed {seed}")
            return 1
        done, policies = done + size, policies + 1
    print(f"{done} packets under {policies} policies: no difference")
    for outcome, count in differential.outcomes.most_common():
        print(f"{count:8} {outcome}")
    return 0


def main():
    options = _options()
    seed = options.seed or secrets.token_hex(4)
    print(f"seed {seed}", flush=True)
    with contextlib.closing(Runner(options.runner)) as runner:
        return _run(Differential(runner), seed, options.packets)


if __name__ == "__main__":
    sys.exit(main())
