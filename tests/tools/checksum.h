/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksums (RFC 1071) that a receiver looks at. */
#pragma once

#include <stddef.h>

/*
 * Fills in the checksums of the IP datagram at `datagram`: IPv4's own, and that of TCP, UDP, ICMP or
 * ICMPv6 right behind the IP header. The datagram is whole: no fragment, no extension headers.
 */
void checksum_fill(unsigned char *datagram, size_t size);
