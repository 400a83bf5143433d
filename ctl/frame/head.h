/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame as the packet program reads it, by the program's own parser (bpf/parse.h) compiled for here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

#define HEAD_TEXT_SIZE 192

enum head_kind {
	HEAD_IP,
	HEAD_OTHER, /* neither IPv4 nor IPv6 */
	HEAD_MALFORMED,
};

enum head_fragment {
	HEAD_WHOLE,
	HEAD_FIRST,
	HEAD_LATER,
};

struct head {
	enum head_kind kind; /* the rest is of HEAD_IP only */
	struct guard_address from, to;
	bool is_ipv6;
	uint8_t protocol;
	uint8_t flags; /* of TCP */
	enum head_fragment fragment;
	uint32_t shape;		     /* index of guard_policy.shape */
	uint32_t from_port, to_port; /* or GUARD_NO_PORT */
	bool is_neighbour_discovery;
};

struct head head_read(const void *frame, size_t size);
/* Protocol, flags and fragment of a shape (enum guard_shape). */
void head_read_shape(uint32_t shape, struct head *head);

/* "udp 192.0.2.1:1234 > 198.51.100.53:53", as spec_parse takes it; returns `text`. */
char *head_format(const struct head *head, char text[HEAD_TEXT_SIZE]);
