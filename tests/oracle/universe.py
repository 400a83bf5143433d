# SPDX-License-Identifier: GPL-2.0-or-later
"""
The few values that random policies and random packets are both drawn from, so that they meet often.
Addresses sit at the edges of the prefixes, and of the upper and lower 64 bits of IPv6.
"""

from address import parse_address

ADDRESSES_IPV4 = """
    192.0.2.0 192.0.2.1 192.0.2.2 192.0.2.127 192.0.2.128 192.0.2.255
    198.51.100.1 198.51.100.53 203.0.113.9
""".split()
# The unspecified address is what duplicate address detection sends from. It and the loopback look,
# in their upper bits, like a v4-mapped address.
ADDRESSES_IPV6 = """
    2001:db8::1 2001:db8::2 2001:db8::ffff:ffff:ffff:ffff 2001:db8:0:1:: 2001:db8:0:1::1
    2001:db8:1::1 2001:db8:ffff::53 :: ::1
""".split()
ADDRESSES = {
    4: [parse_address(text) for text in ADDRESSES_IPV4],
    6: [parse_address(text) for text in ADDRESSES_IPV6],
}
PREFIX_BITS = {
    4: (0, 1, 8, 16, 23, 24, 25, 26, 30, 31, 32, 32, 32),
    6: (0, 1, 16, 32, 33, 47, 48, 63, 64, 65, 96, 112, 126, 127, 128, 128),
}

PORTS = (0, 1, 22, 53, 80, 123, 443, 7999, 8000, 8050, 8099, 8100, 65534, 65535)
ICMP_TYPES = (0, 3, 8, 11)
ICMPV6_TYPES = (1, 128, 132, 133, 134, 135, 136, 137, 138)
ODD_PROTOCOLS = (2, 4, 41, 51, 58, 59, 89, 103, 255)
