#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""plot.py GROWTH.csv FOLDER: draws growth-WHAT.svg for each thing that grew, ns a packet over how many."""

import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 50
COLOURS = {"known source": "#1b6ca8", "forged source": "#c0392b", "plain counter": "#7f8c8d"}
STYLE = ("text{font:13px sans-serif;fill:#222} .title{font-size:15px;font-weight:bold} "
         ".grid{stroke:#ddd} .axis{stroke:#222} polyline{fill:none;stroke-width:2}")


class Scale:
    """From a logarithm to a place."""

    def __init__(self, values, start, end):
        self.low, self.high = math.log(min(values)), math.log(max(values))
        self.start, self.end = start, end

    def __call__(self, value):
        part = (math.log(value) - self.low) / ((self.high - self.low) or 1)
        return round(self.start + part * (self.end - self.start), 1)


def ticks(low, high, base):
    """Powers of the base that span the values."""
    n = math.floor(math.log(low, base) + 1e-9)
    while base**n < high * (1 - 1e-9):
        yield base**n
        n += 1
    yield base**n


def short(value):
    for size, suffix in ((2**20, "M"), (2**10, "k")):
        if value >= size and value % size == 0:
            return f"{value // size}{suffix}"
    return f"{value:g}"


def line(kind, x1, y1, x2, y2):
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def text(x, y, words, anchor="middle", kind=""):
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def draw_axes(what, x, y, counts, costs):
    bottom = HEIGHT - BOTTOM
    yield text(LEFT, 24, f"ns a packet, by {what}", "start", "title")
    for cost in costs:
        yield line("grid", LEFT, y(cost), WIDTH - RIGHT, y(cost))
        yield text(LEFT - 8, y(cost) + 4, f"{cost:g}", "end")
    for count in counts[:: max(1, len(counts) // 10)]:
        yield line("axis", x(count), bottom, x(count), bottom + 5)
        yield text(x(count), bottom + 20, short(count))
    yield line("axis", LEFT, bottom, WIDTH - RIGHT, bottom)
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, what)


def draw_series(name, points, x, y):
    colour = COLOURS.get(name, "#222")
    places = " ".join(f"{x(n)},{y(ns)}" for n, ns in points)
    yield f'<polyline points="{places}" stroke="{colour}"/>'
    last_n, last_ns = points[-1]
    yield f'<text x="{x(last_n) + 8}" y="{y(last_ns) + 4}" style="fill:{colour}">{escape(name)}</text>'


def draw(what, series):
    counts = sorted({n for points in series.values() for n, _ in points})
    every = [ns for points in series.values() for _, ns in points]
    costs = list(ticks(min(every), max(every), 2))
    x = Scale(counts, LEFT, WIDTH - RIGHT)
    y = Scale(costs, HEIGHT - BOTTOM, TOP)
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'width="{WIDTH}" height="{HEIGHT}"><style>{STYLE}</style>')
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield from draw_axes(what, x, y, counts, costs)
    for name, points in series.items():
        yield from draw_series(name, points, x, y)
    yield "</svg>"


def read(path):
    growth = {}
    with open(path, encoding="utf-8") as file:
        for row in file:
            what, count, name, ns = row.rstrip("\n").split(",")
            growth.setdefault(what, {}).setdefault(name, []).append((int(count), float(ns)))
    return growth


def main(path, folder):
    for what, series in read(path).items():
        with open(f"{folder}/growth-{what}.svg", "w", encoding="utf-8") as file:
            file.write("\n".join(draw(what, series)) + "\n")


main(*sys.argv[1:])
