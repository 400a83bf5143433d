/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet as people write it down:
 *
 *     udp 192.0.2.1:1234 > 198.51.100.53:53 size 512
 *     tcp [2001:db8::1]:40000 > [2001:db8::53]:443 flags syn,ack vlan 7
 *     icmp 192.0.2.1 > 198.51.100.1 icmp-type 8
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/diagnostic.h"

#define SPEC_TAGS_MAX 2
#define SPEC_SIZE_MAX 65535
#define SPEC_DEFAULT_FROM_PORT 40000 /* where the packet is written without one */

enum spec_fragment {
	SPEC_WHOLE,
	SPEC_FIRST,
	SPEC_LATER,
};

struct spec {
	uint8_t protocol;
	bool is_ipv6;
	struct guard_address from, to;
	uint16_t from_port, to_port; /* of protocols that have them */
	uint8_t flags;		     /* of TCP */
	uint8_t icmp_type;
	enum spec_fragment fragment;
	uint16_t tags[SPEC_TAGS_MAX]; /* VLANs, the outer one first */
	unsigned n_tags;
	size_t size; /* of the frame; 0: as short as Ethernet allows */
};

/* -EINVAL: what is wrong is told, once, with its column, in `diagnostics`. */
int spec_parse(const char *text, struct diagnostics *diagnostics, struct spec *ret_spec);
