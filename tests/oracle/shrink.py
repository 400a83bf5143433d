# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a failing case smaller for as long as it still fails."""

import copy
import dataclasses
import time

PATIENCE_SECONDS = 600


def shrink(case, fails):
    """fails(case) says whether a case still shows the same kind of failure."""
    deadline = time.monotonic() + PATIENCE_SECONDS

    def fails_in_time(candidate):
        return time.monotonic() < deadline and fails(candidate)

    before = None
    while case != before:
        before = case
        for smaller in (_fewer_rules, _fewer_steps, _fewer_fields, _fewer_lines):
            case = smaller(case, fails_in_time)
    return case


def _fewer_steps(case, fails):
    steps = _fewest(case.steps, lambda some: fails(dataclasses.replace(case, steps=some)))
    return dataclasses.replace(case, steps=steps)


def _fewer_rules(case, fails):
    def with_rules(rules):
        return dataclasses.replace(case, tree={**case.tree, "rules": rules})

    if not case.tree.get("rules"):
        return case
    return with_rules(_fewest(case.tree["rules"], lambda rules: fails(with_rules(rules))))


def _fewer_fields(case, fails):
    number = 0
    while number < len(paths := list(_paths(case.tree))):
        candidate = dataclasses.replace(case, tree=_without(case.tree, paths[number]))
        if fails(candidate):
            case = candidate
        else:
            number += 1
    return case


def _fewer_lines(case, fails):
    """Of list files; those that no set names any more go."""
    sets = case.tree.get("sets", {}).values()
    named = {entry["file"] for entry in sets if "file" in entry}
    case = dataclasses.replace(case, files={name: case.files[name] for name in sorted(named)})

    for name in case.files:

        def with_lines(lines):
            return dataclasses.replace(case, files={**case.files, name: "".join(lines)})

        lines = case.files[name].splitlines(keepends=True)
        case = with_lines(_fewest(lines, lambda lines: fails(with_lines(lines))))
    return case


def _fewest(items, fails):
    """Drops ever smaller runs of items."""
    size = len(items)
    while size:
        start = 0
        while start < len(items):
            candidate = items[:start] + items[start + size :]
            if fails(candidate):
                items = candidate
            else:
                start += size
        size //= 2
    return items


def _paths(tree, path=()):
    """Every key and list element, outermost first."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield (*path, key)
        yield from _paths(tree[key], (*path, key))


def _without(tree, path):
    tree = copy.deepcopy(tree)
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return tree
