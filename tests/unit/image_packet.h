/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first matching rule of a packet, found twice: in rules read one by one, and in vectors. */
#pragma once

#include "image_support.h"

#define NO_RULE (-1)

enum part { WHOLE, FIRST_FRAGMENT, LATER_FRAGMENT };

struct packet {
	struct guard_address from, to;
	unsigned family;
	uint8_t protocol;
	enum part part;
	uint8_t flags;		     /* of TCP, unless a later fragment */
	uint16_t from_port, to_port; /* of TCP, UDP and SCTP, unless a later fragment */
};

int first_match(const struct policy *policy, const struct packet *p);

/* What the packet program does; `fields` are those that it looks at. */
int first_in_vectors(const struct image *image, const struct packet *p, __u32 fields);

/*
 * The fields that the policy says are in use are enough; all of them together must not say
 * otherwise. The source's vector is there in any case: the program starts from it.
 */
void check_packet(const struct policy *policy, const struct image *image, const struct packet *p);
