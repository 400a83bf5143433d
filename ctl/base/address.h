/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses and prefixes, as text and as the 16 bytes that the packet program keeps: network order,
 * IPv4 v4-mapped (::ffff:a.b.c.d). A prefix's `bits` count from the front of those 16 bytes, so an
 * IPv4 /24 has 120.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

#define ADDRESS_IPV4_BITS 96 /* what v4-mapping puts in front of an IPv4 prefix */
#define ADDRESS_TEXT_SIZE 64 /* room for any address or prefix as text */

struct prefix {
	struct guard_address address; /* host bits clear */
	unsigned char bits;	      /* 0..128; IPv4: 96..128 */
};

bool address_is_ipv4(const struct guard_address *address);

/*
 * An IPv6 prefix that spans the v4-mapped addresses, such as ::/0, is no IPv4 prefix and holds
 * none.
 */
bool prefix_is_ipv4(const struct prefix *prefix);
bool prefix_contains(const struct prefix *prefix, const struct guard_address *address);
/* Every address of `inner` is in `outer`. */
bool prefix_covers(const struct prefix *outer, const struct prefix *inner);
/* For sorting: IPv4 before IPv6, by address, the shorter prefix first. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

/* Clears every bit after the first `bits`. */
void address_mask(struct guard_address *address, unsigned bits);

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; a lone address is its own full-length prefix. A
 * written v4-mapped prefix is IPv4. *ret_host_bits says that bits behind the prefix were set (and
 * are cleared). -EINVAL: not a prefix.
 */
int prefix_parse(const char *text, struct prefix *ret_prefix, bool *ret_host_bits);

/* RFC 5952; returns `text`. */
char *address_format(const struct guard_address *address, char text[ADDRESS_TEXT_SIZE]);

/* Like address_format with "/bits" of its own family behind it, left out at full length. */
char *prefix_format(const struct prefix *prefix, char text[ADDRESS_TEXT_SIZE]);
