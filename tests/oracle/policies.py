# SPDX-License-Identifier: GPL-2.0-or-later
"""Random policies, as the tree that their YAML text is written from, and the lists they name."""

import address
import universe

RATES = """
    1/s 2/s 3/s 7/s 10/s 100/s 333/s 1k/s 30k/s 131072/s 1M/s 3M/s 7M/s 99999999/s 100M/s
    1/m 7/m 100/m 2k/m 1/h 3/h 1M/h
""".split()
SLOW_RATES = RATES[:5]
BANDWIDTHS = """
    1kbit/s 2500bit/s 4kbit/s 64kbit/s 100kbit/s 333kbit/s 1Mbit/s 3Mbit/s 7Mbit/s 1Gbit/s 400Gbit/s
    1kB/s 5kB/s 33kB/s 1MB/s
""".split()
DURATIONS = "1ms 20ms 500ms 1s 7s 1m 1m30s 10m 1h30m 1d 90d 365d".split()  # ascending
SHORT_DURATIONS = DURATIONS[:6]
SET_NAMES = ("office", "abuse", "partners", "scanners")
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "esp")
WITH_PORTS = ("tcp", "udp", "sctp", 6)
FLAGS = "fin syn rst psh ack urg ece cwr".split()
RULES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12)
WORD_RULES = (62, 63, 64, 65, 100, 127, 128, 129)  # around what 64-bit words of a vector hold


class PolicyMaker:
    """A policy has a temper: many of its limits block, or few; many of its rules watch, or few."""

    def __init__(self, random):
        self.random = random
        self.files = {}
        self.sets = {}
        self.block_chance = random.choice((0.2, 0.5, 0.95))
        self.monitor_chance = random.choice((0.05, 0.2, 0.5))
        self.durations = random.choice((DURATIONS, SHORT_DURATIONS, SHORT_DURATIONS))
        self.rates = random.choice((RATES, SLOW_RATES))

    def policy(self):
        """Also fills self.files."""
        tree = {"version": 1}
        self._maybe(tree, 0.25, "mode", ("enforce", "monitor"))
        self._maybe(tree, 0.7, "default", ("pass", "drop"))
        self._maybe(tree, 0.4, "malformed", ("pass", "drop"))
        tree["sources"] = self._sources()
        self.sets = self._sets()
        rules = self._rules()
        if self.sets:
            tree["sets"] = self.sets
        if rules:
            tree["rules"] = rules
        return tree

    def _chance(self, chance):
        return self.random.random() < chance

    def _maybe(self, tree, chance, key, values):
        if self._chance(chance):
            tree[key] = self.random.choice(values)

    def _one_or_list(self, values):
        return values[0] if len(values) == 1 and self._chance(0.7) else values

    def _sources(self):
        sources = {"capacity": "16k"}
        if self._chance(0.6):
            sources["aggregate"] = {
                "ipv4": self.random.choice((32, 32, 31, 24, 16, 1)),
                "ipv6": self.random.choice((64, 64, 128, 127, 65, 63, 48, 32, 1)),
            }
        self._maybe(sources, 0.5, "admission", ("auto", "always"))
        return sources

    def prefix(self):
        """Text; sometimes with host bits set, sometimes v4-mapped."""
        family = self.random.choice((4, 6))
        which = self.random.choice(universe.ADDRESSES[family])
        bits = self.random.choice(universe.PREFIX_BITS[family])
        if self._chance(0.9):
            which = address.prefix_of(which, bits)[:2]
        text = address.address_text(*which)
        if family == 4 and self._chance(0.05):
            return f"::ffff:{text}/{96 + bits}"
        return text if bits == address.WIDTH[family] and self._chance(0.7) else f"{text}/{bits}"

    def _prefixes(self):
        return [self.prefix() for _ in range(self.random.choice((0, 1, 1, 2, 3, 5)))]

    def _sets(self):
        """Each may be built from those before it, but stands anywhere in the file."""
        sets = {}
        for name in SET_NAMES[: self.random.randrange(len(SET_NAMES) + 1)]:
            sets[name] = self._set(name, list(sets))
        names = list(sets)
        self.random.shuffle(names)
        return {name: sets[name] for name in names}

    def _set(self, name, earlier):
        if self._chance(0.5):
            return self._one_or_list(self._prefixes())
        entry = {}
        if earlier and self._chance(0.7):
            entry["sets"] = self.random.sample(earlier, self.random.randint(1, len(earlier)))
        if self._chance(0.5):
            entry["prefixes"] = self._one_or_list(self._prefixes() or [self.prefix()])
        if not entry or self._chance(0.5):
            entry["file"] = f"lists/{name}.txt"
            self.files[entry["file"]] = self._list_file()
        return entry

    def _list_file(self):
        lines = ["# prefixes", ""]
        for text in self._prefixes():
            lines.append(self.random.choice((text, text, text + " # seen here", "  " + text)))
        return "\n".join(lines) + "\n"

    def _rules(self):
        return self._block_rules() if self._chance(0.15) else self._mixed_rules()

    def _block_rules(self):
        """All of them block for little: a source falls foul of several, watching and enforcing."""
        self.durations, self.rates = SHORT_DURATIONS[:4], SLOW_RATES
        self.block_chance, self.monitor_chance = 0.95, 0.5
        rules = []
        for number, protocol in enumerate((["tcp"], ["udp", "sctp"], ["icmp", "icmpv6"], None)):
            rule = {"name": f"r{number}", "limit": self._limit()}
            if protocol:
                rule["protocol"] = protocol
            self._maybe(rule, self.monitor_chance, "mode", ("monitor",))
            rules.append(rule)
        return rules

    def _mixed_rules(self):
        count = self.random.choice(RULES)
        rules = [self._rule(n, n == count - 1) for n in range(count)]
        if rules and self._chance(0.06):
            fillers = max(0, self.random.choice(WORD_RULES) - self.random.randrange(count))
            at = self.random.randrange(count)
            rules[at:at] = [self._filler(n) for n in range(fillers)]
        return rules

    def _filler(self, number):
        """Takes up room; nobody in the universe comes from there."""
        return {"name": f"filler{number}", "from": f"203.0.113.{100 + number}", "action": "drop"}

    def _rule(self, number, last):
        rule = {"name": f"r{number}"}
        narrowings = self.random.choice((0, 0, 1, 2) if last else (1, 1, 1, 2, 2, 3))
        for which in sorted(self.random.sample(range(len(NARROWINGS)), narrowings)):
            NARROWINGS[which](self, rule)
        self._maybe(rule, self.monitor_chance, "mode", ("monitor",))
        kind = self.random.random()
        if kind < 0.12:
            rule["action"] = "pass"
        elif kind < 0.25:
            rule["action"] = "drop"
        elif kind < 0.7:
            rule["limit"] = self._limit()
        else:
            rule["limits"] = [self._limit() for _ in range(self.random.randint(1, 4))]
        return rule

    def _among(self):
        def one():
            from_sets = self.sets and self._chance(0.5)
            return self.random.choice(list(self.sets)) if from_sets else self.prefix()

        return self._one_or_list([one() for _ in range(self.random.choice((1, 1, 1, 2, 3, 4)))])

    def _narrow_from(self, rule):
        rule["from"] = self._among()
        if self._chance(0.3):
            rule["not_from"] = self._among()

    def _narrow_not_from(self, rule):
        rule["not_from"] = self._among()

    def _narrow_to(self, rule):
        rule["to"] = self._among()
        if self._chance(0.3):
            rule["not_to"] = self._among()

    def _narrow_not_to(self, rule):
        rule["not_to"] = self._among()

    def _narrow_protocol(self, rule):
        names = self.random.sample(PROTOCOLS, self.random.randint(1, 3))
        if self._chance(0.3):
            names.append(self.random.choice(universe.ODD_PROTOCOLS))
        rule["protocol"] = self._one_or_list(names)

    def _narrow_ports(self, rule):
        if "protocol" not in rule and self._chance(0.6):
            rule["protocol"] = self.random.choice((*WITH_PORTS, ["udp", "tcp"]))
        if not _protocols(rule) <= set(WITH_PORTS):
            return
        keys = (["to_port"], ["to_port"], ["from_port"], ["to_port", "from_port"])
        for key in self.random.choice(keys):
            ports = [self._port() for _ in range(self.random.choice((1, 1, 2, 3, 4)))]
            rule[key] = self._one_or_list(ports)

    def _port(self):
        kind = self.random.random()
        if kind < 0.15:
            return self.random.choice(("ssh", "domain", "http", "ntp", "https"))
        if kind < 0.5:
            first, last = sorted(self.random.sample(universe.PORTS, 2))
            return f"{first}-{last}"
        return self.random.choice(universe.PORTS)

    def _narrow_flags(self, rule):
        if _protocols(rule) and not _protocols(rule) & {"tcp", 6}:
            return
        flags = self.random.sample(FLAGS, self.random.choice((1, 1, 2, 3)))
        rule["tcp_flags"] = [self.random.choice(("", "", "!")) + flag for flag in flags]

    def _narrow_fragment(self, rule):
        rule["fragment"] = self._chance(0.6)

    def _limit(self):
        limit = {}
        if self._chance(0.8):
            limit["rate"] = self.random.choice(self.rates)
            self._maybe(limit, 0.7, "burst", (1, 1, 2, 3, 5, 30))
        if "rate" not in limit or self._chance(0.3):
            limit["bandwidth"] = self.random.choice(BANDWIDTHS)
        self._maybe(limit, 0.7, "per", ("source", "all", "prefix", "prefix"))
        if limit.get("per") == "prefix":
            limit["per"] = {
                "ipv4": self.random.choice((0, 8, 16, 24, 25, 31, 32)),
                "ipv6": self.random.choice((0, 16, 32, 48, 64, 65, 96, 127, 128)),
            }
        covers_all = limit.get("per") == "all" or 0 in _values(limit.get("per"))
        if not covers_all and self._chance(self.block_chance):
            limit["block"] = self._block()
        return limit

    def _block(self):
        at = self.random.randrange(len(self.durations))
        first = self.durations[at]
        if self._chance(0.3):
            return first
        block = {"first": first}
        self._maybe(block, 0.6, "factor", (1, 2, 3, 10, 1000))
        self._maybe(block, 0.7, "max", self.durations[at:])
        return block


def _values(per):
    return per.values() if isinstance(per, dict) else ()


def _protocols(rule):
    names = rule.get("protocol", [])
    return set(names if isinstance(names, list) else [names])


# In the order in which they are tried: those after a protocol's fit themselves to it.
NARROWINGS = (
    PolicyMaker._narrow_from,
    PolicyMaker._narrow_from,
    PolicyMaker._narrow_not_from,
    PolicyMaker._narrow_to,
    PolicyMaker._narrow_not_to,
    PolicyMaker._narrow_protocol,
    PolicyMaker._narrow_ports,
    PolicyMaker._narrow_ports,
    PolicyMaker._narrow_flags,
    PolicyMaker._narrow_fragment,
)
