# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses are (family, number) pairs; a family never matches the other one's prefixes."""

import ipaddress
from typing import NamedTuple

WIDTH = {4: 32, 6: 128}
MAPPED = ipaddress.ip_network("::ffff:0:0/96")


class Prefix(NamedTuple):
    family: int
    number: int  # host bits clear
    bits: int

    def contains(self, address):
        return prefix_of(address, self.bits) == self if address[0] == self.family else False


def prefix_of(address, bits):
    family, number = address
    host_bits = WIDTH[family] - bits
    return Prefix(family, number >> host_bits << host_bits, bits)


def parse_prefix(text):
    """Host bits are cleared; a written v4-mapped prefix is IPv4."""
    network = ipaddress.ip_network(text, strict=False)
    if network.version == 6 and network.prefixlen >= 96 and network.subnet_of(MAPPED):
        return prefix_of((4, int(network.network_address) & 0xFFFFFFFF), network.prefixlen - 96)
    return Prefix(network.version, int(network.network_address), network.prefixlen)


def parse_address(text):
    address = ipaddress.ip_address(text)
    return address.version, int(address)


def address_text(family, number):
    """RFC 5952, which is what ipaddress prints."""
    kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    return str(kind(number))
