/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame that all those of a flood are made of: sources differ, and with them checksums. */
#pragma once

#include <net/ethernet.h>
#include <stddef.h>

#include "packet/frame.h"

struct model {
	const struct ether_addr *mac; /* of the receiver */
	const char *to;
	const char *protocol; /* udp, tcp or icmp */
	const char *shape;    /* whole, fragment or malformed */
	unsigned port;
	unsigned from_port; /* 0: 40000 */
	unsigned tags[2];
	unsigned n_tags;
	size_t size; /* at least */
};

/* Ends the program with a message when there is no such frame. *ret_network: where IP starts. */
struct frame model_frame(const struct model *model, size_t *ret_network);
