/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docs/policy.md on one packet, slow and obvious, and nothing of the packet program in it: what the fuzz
 * target of frames compares with.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum model_kind {
	MODEL_IP,
	MODEL_OTHER,
	MODEL_MALFORMED,
};

enum model_fragment {
	MODEL_WHOLE,
	MODEL_FIRST,
	MODEL_LATER,
};

struct model_packet {
	enum model_kind kind; /* the rest is of MODEL_IP only */
	bool is_ipv6;
	uint8_t from[16], to[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint8_t protocol;
	enum model_fragment fragment;
	bool has_ports, has_flags;
	unsigned from_port, to_port;
	uint8_t flags;
	int icmp_type; /* -1: none */
};

struct model_packet model_read(const uint8_t *frame, size_t size);
