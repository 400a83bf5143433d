# SPDX-License-Identifier: GPL-2.0-or-later
"""A runner made of the model itself, so that tests can plant a bug and see it found."""

import json
import sys

import policy
from model import Model
from steps import read_line


def serve(make_model=Model):
    for line in sys.stdin:
        words = line.split()
        if words[0] == "policy":
            model = make_model(policy.load(words[1]))
            print("ok")
        elif words == ["counters"]:
            print(json.dumps(model.counters()), flush=True)
        else:
            print(read_line(line).ask(model))
