#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables and JSON of what scripts/bench measured between namespaces.

    report.py peers FILE      lines: traffic, peer, packets a second; one a round
    report.py memory FILE     lines: peer, bytes
    report.py apply FILE      lines: prefixes, seconds first, seconds again, KiB of the tool, bytes of maps
    report.py growth FILE     lines: what, how many, series, ns
    report.py json CASES PEERS OUT
"""

import json
import statistics
import sys


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def table(titles, lines):
    lines = [titles, *lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
    for line in lines:
        first, *rest = zip(line, widths)
        print(first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest), sep="  ")
    print()


def peers(path):
    """Of each traffic and peer: packets a second of every round."""
    found = {}
    for traffic, peer, pps in rows(path):
        found.setdefault(traffic, {}).setdefault(peer, []).append(float(pps))
    return found


def to_xdpguard(rounds, guard):
    return statistics.median(pps / ours for pps, ours in zip(rounds, guard))


def print_peers(path):
    found = peers(path)
    for traffic, by_peer in found.items():
        guard = by_peer.get("xdpguard")
        table([traffic, "packets/s", "least", "most", "to xdpguard"], [
            [peer, *(f"{n / 1e6:.2f} M" for n in (statistics.median(rounds), min(rounds), max(rounds))),
             f"{to_xdpguard(rounds, guard):.2f}" if guard else "-"]
            for peer, rounds in by_peer.items()])


def print_memory(path):
    table(["1,048,576 sources", "MiB"],
          [[peer, f"{int(size) / 2**20:.0f}"] for peer, size in rows(path)])


def print_apply(path):
    table(["prefixes", "first apply", "again", "tool, at most", "maps"], [
        [f"{int(n):,}", f"{first} s", f"{again} s", f"{int(kib) / 1024:.0f} MiB", f"{int(size) / 2**20:.0f} MiB"]
        for n, first, again, kib, size in rows(path)])


def print_growth(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split(",") for line in file]
    for what in dict.fromkeys(line[0] for line in lines):
        mine = [line for line in lines if line[0] == what]
        series = list(dict.fromkeys(line[2] for line in mine))
        ns = {(line[1], line[2]): line[3] for line in mine}
        table([what, *(f"{name}, ns" for name in series)], [
            [f"{int(n):,}", *(ns[n, name] for name in series)] for n in dict.fromkeys(line[1] for line in mine)])


def write_json(cases, peers_path, out):
    with open(cases, encoding="utf-8") as file:
        result = {"cases": json.load(file)["cases"], "peers": []}
    for traffic, by_peer in peers(peers_path).items():
        guard = by_peer.get("xdpguard")
        for peer, rounds in by_peer.items():
            result["peers"].append({
                "name": f"{peer}, {traffic}",
                "pps": statistics.median(rounds),
                "ratio_to_xdpguard": to_xdpguard(rounds, guard) if guard else None,
            })
    with open(out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


COMMANDS = {"peers": print_peers, "memory": print_memory, "apply": print_apply, "growth": print_growth,
            "json": write_json}

COMMANDS[sys.argv[1]](*sys.argv[2:])
