# SPDX-License-Identifier: GPL-2.0-or-later
"""
A policy's text as plain values. Refuses what the contract calls an error as far as shrinking a case
can run into it; the messages are nobody's contract.
"""

import os
import re
from dataclasses import dataclass, field

import yaml

import address

UNITS = 128  # time units a nanosecond
BYTE_COST_SHIFT = 16
SECOND = 10**9  # ns
BURST_NS = SECOND // 10  # what a default burst holds
SPAN_MAX_NS = 400 * 86400 * SECOND
LIMITS_MAX = 4

PERIOD_NS = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
DURATION_NS = {"ms": 10**6, **PERIOD_NS, "d": 86400 * SECOND}
BITS = {"bit": 1, "kbit": 10**3, "Mbit": 10**6, "Gbit": 10**9, "kB": 8 * 10**3, "MB": 8 * 10**6}
MULTIPLE = {"": 1, "k": 10**3, "M": 10**6}
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "icmpv6": 58, "sctp": 132}
WITH_PORTS = {PROTOCOLS[name] for name in ("tcp", "udp", "sctp")}
TCP_FLAGS = {name: 1 << n for n, name in enumerate("fin syn rst psh ack urg ece cwr".split())}
SERVICES = {"ssh": 22, "domain": 53, "http": 80, "ntp": 123, "https": 443}

TOP_KEYS = {"version", "mode", "default", "malformed", "sources", "sets", "rules"}
SOURCES_KEYS = {"capacity", "aggregate", "admission"}
MATCH_KEYS = {"from", "not_from", "to", "not_to", "protocol", "to_port", "from_port", "tcp_flags"}
RULE_KEYS = MATCH_KEYS | {"name", "mode", "fragment", "action", "limit", "limits"}
LIMIT_KEYS = {"rate", "burst", "bandwidth", "per", "block"}


class PolicyError(Exception):
    pass


@dataclass
class Block:
    first: int  # time units
    factor: int
    max: int


@dataclass
class Limit:
    per: object  # "source", "all" or {4: bits, 6: bits}
    interval: int = 0  # time units a packet; 0: no rate
    tolerance: int = 0
    byte_cost: int = 0  # time units a byte << BYTE_COST_SHIFT; 0: no bandwidth
    byte_burst: int = 0
    block: Block | None = None


@dataclass
class Rule:
    name: str
    action: str  # "pass", "drop" or "limit"
    monitor: bool
    source: list | None  # prefixes; None: any
    not_source: list
    destination: list | None
    not_destination: list
    protocols: set | None
    to_ports: list | None  # (first, last)
    from_ports: list | None
    flags: tuple | None  # (must be set, must be clear)
    fragment: bool | None
    limits: list = field(default_factory=list)  # narrowest first


@dataclass
class Policy:
    monitor: bool
    default_drop: bool
    malformed_pass: bool
    aggregate: dict  # family: bits
    rules: list


def load(path):
    folder = os.path.dirname(path)

    def read_list(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()

    with open(path, encoding="utf-8") as file:
        return read(file.read(), read_list)


def read(text, read_list):
    """read_list gives the text of a list file, by the name in the policy."""
    tree = yaml.load(text, yaml.CSafeLoader)
    _check_keys(tree, TOP_KEYS)
    _require(tree.get("version") == 1, "version: 1 is missing")
    sources = tree.get("sources", {})
    _check_keys(sources, SOURCES_KEYS)
    aggregate = {"ipv4": 32, "ipv6": 64, **sources.get("aggregate", {})}
    sets = _read_sets(tree.get("sets", {}), read_list)
    rules = [_read_rule(entry, sets) for entry in tree.get("rules", [])]
    _require(len({rule.name for rule in rules}) == len(rules), "two rules of one name")
    return Policy(
        monitor=_choice(tree, "mode", "enforce", "monitor"),
        default_drop=_choice(tree, "default", "pass", "drop"),
        malformed_pass=_choice(tree, "malformed", "drop", "pass"),
        aggregate={4: aggregate["ipv4"], 6: aggregate["ipv6"]},
        rules=rules,
    )


def _require(condition, why):
    if not condition:
        raise PolicyError(why)


def _check_keys(tree, allowed):
    _require(isinstance(tree, dict), "a mapping is wanted")
    _require(tree.keys() <= allowed, f"unknown key of {sorted(tree)}")


def _choice(tree, key, default, other):
    value = tree.get(key, default)
    _require(value in (default, other), f"{key}: {value}")
    return value == other


def _as_list(value):
    return value if isinstance(value, list) else [value]


def _read_sets(tree, read_list):
    def flatten(name, above):
        _require(name in tree and name not in above, f"no such set, or a cycle: {name}")
        entry = tree[name]
        if not isinstance(entry, dict):
            return [address.parse_prefix(text) for text in _as_list(entry)]
        _check_keys(entry, {"prefixes", "file", "sets"})
        _require(entry and entry.get("prefixes") != [], "an empty set")
        prefixes = [address.parse_prefix(text) for text in _as_list(entry.get("prefixes", []))]
        prefixes += _read_list(read_list(entry["file"])) if "file" in entry else []
        for inner in entry.get("sets", []):
            prefixes += flatten(inner, above + [name])
        return prefixes

    return {name: flatten(name, []) for name in tree}


def _read_list(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [address.parse_prefix(line) for line in lines if line]


def _read_rule(tree, sets):
    _check_keys(tree, RULE_KEYS)
    _require("name" in tree, "a rule without a name")
    _require(sum(key in tree for key in ("action", "limit", "limits")) == 1, "not one action")
    protocols = _read_protocols(tree)
    return Rule(
        name=tree["name"],
        action=tree.get("action", "limit"),
        monitor=_choice(tree, "mode", "enforce", "monitor"),
        source=_read_prefixes(tree, "from", sets, None),
        not_source=_read_prefixes(tree, "not_from", sets, []),
        destination=_read_prefixes(tree, "to", sets, None),
        not_destination=_read_prefixes(tree, "not_to", sets, []),
        protocols=protocols,
        to_ports=_read_ports(tree, "to_port", protocols),
        from_ports=_read_ports(tree, "from_port", protocols),
        flags=_read_flags(tree, protocols),
        fragment=tree.get("fragment"),
        limits=_read_limits(tree),
    )


def _read_prefixes(tree, key, sets, default):
    if key not in tree:
        return default
    _require(tree[key] != [], f"an empty {key}")
    prefixes = []
    for entry in _as_list(tree[key]):
        if entry in sets:
            prefixes += sets[entry]
        else:
            try:
                prefixes.append(address.parse_prefix(entry))
            except ValueError as error:
                raise PolicyError(str(error)) from error
    return prefixes


def _read_protocols(tree):
    if "protocol" not in tree:
        return None
    _require(tree["protocol"] != [], "an empty protocol")
    return {PROTOCOLS.get(entry, entry) for entry in _as_list(tree["protocol"])}


def _read_ports(tree, key, protocols):
    if key not in tree:
        return None
    _require(tree[key] != [], f"an empty {key}")
    _require(protocols is None or protocols <= WITH_PORTS, "a protocol without ports")
    return [_read_port(entry) for entry in _as_list(tree[key])]


def _read_port(entry):
    if isinstance(entry, str) and "-" in entry:
        first, last = entry.split("-")
        return int(first), int(last)
    number = SERVICES.get(entry, entry)
    return number, number


def _read_flags(tree, protocols):
    if "tcp_flags" not in tree:
        return None
    _require(tree["tcp_flags"] != [], "an empty tcp_flags")
    _require(protocols is None or PROTOCOLS["tcp"] in protocols, "tcp_flags without tcp")
    wanted = sum(TCP_FLAGS[name] for name in tree["tcp_flags"] if name[0] != "!")
    clear = sum(TCP_FLAGS[name[1:]] for name in tree["tcp_flags"] if name[0] == "!")
    return wanted, clear


def _read_limits(tree):
    entries = tree.get("limits", [tree["limit"]] if "limit" in tree else [])
    _require(len(entries) <= LIMITS_MAX, "too many limits")
    _require(entries or "action" in tree, "no limits")
    return sorted((_read_limit(entry) for entry in entries), key=_breadth)


def _breadth(limit):
    if limit.per == "source":
        return (0,)
    if limit.per == "all":
        return (2,)
    return 1, -limit.per[4], -limit.per[6]


def _read_limit(tree):
    _check_keys(tree, LIMIT_KEYS)
    _require("rate" in tree or "bandwidth" in tree, "a limit of nothing")
    _require("rate" in tree or "burst" not in tree, "burst without rate")
    per = tree.get("per", "source")
    if isinstance(per, dict):
        _require(per.keys() == {"ipv4", "ipv6"}, "per wants both families")
        per = {4: per["ipv4"], 6: per["ipv6"]}
    _require(per != "all" or "block" not in tree, "block with per: all")
    limit = Limit(per=per)
    if "rate" in tree:
        packets, period_ns = read_rate(tree["rate"])
        burst = read_count(tree.get("burst", max(1, packets * BURST_NS // period_ns)))
        limit.interval = _nearest(UNITS * period_ns, packets)
        limit.tolerance = limit.interval * (burst - 1)
        _require(limit.interval * burst < SPAN_MAX_NS * UNITS, "burst over 400 days")
    if "bandwidth" in tree:
        bits = read_bandwidth(tree["bandwidth"])
        limit.byte_cost = _nearest(UNITS * SECOND * 8 << BYTE_COST_SHIFT, bits)
        limit.byte_burst = BURST_NS * UNITS
    limit.block = _read_block(tree["block"]) if "block" in tree else None
    return limit


def _nearest(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def _read_block(tree):
    if isinstance(tree, str):
        duration = read_duration(tree) * UNITS
        return Block(first=duration, factor=1, max=duration)
    _check_keys(tree, {"first", "factor", "max"})
    _require("first" in tree, "a block without first")
    first = read_duration(tree["first"])
    longest = read_duration(tree["max"]) if "max" in tree else max(first, DURATION_NS["d"])
    _require(longest >= first, "max below first")
    return Block(first=first * UNITS, factor=tree.get("factor", 2), max=longest * UNITS)


def read_rate(text):
    number, multiple, period = re.fullmatch(r"(\d+)([kM]?)/([smh])", text).groups()
    return int(number) * MULTIPLE[multiple], PERIOD_NS[period]


def read_bandwidth(text):
    number, unit = re.fullmatch(r"(\d+)([a-zA-Z]+)/s", text).groups()
    return int(number) * BITS[unit]


def read_duration(text):
    _require(re.fullmatch(r"(\d+(ms|s|m|h|d))+", text), f"no duration: {text}")
    return sum(int(n) * DURATION_NS[unit] for n, unit in re.findall(r"(\d+)(ms|s|m|h|d)", text))


def read_count(value):
    if isinstance(value, int):
        return value
    number, multiple = re.fullmatch(r"(\d+)([kM]?)", value).groups()
    return int(number) * MULTIPLE[multiple]
