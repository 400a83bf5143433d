/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames, written down as the layers that they are made of:
 *
 *     FRAME(TAG(0x8100), IPV4(.from = "192.0.2.1"), UDP(53), PAYLOAD(100))
 *
 * Lengths and protocol numbers follow from the layers. A test that wants a wrong one says
 * `.total = EXACTLY(12)`. Checksums are zero: the packet program does not look at them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_SIZE_MAX 3072 /* what a test run of an XDP program takes */

struct frame {
	unsigned char bytes[FRAME_SIZE_MAX];
	size_t size;
};

enum layer_kind {
	LAYER_END,
	LAYER_TAG,
	LAYER_OTHER,
	LAYER_IPV4,
	LAYER_IPV6,
	LAYER_EXTENSION,
	LAYER_FRAGMENT,
	LAYER_TCP,
	LAYER_UDP,
	LAYER_SCTP,
	LAYER_ICMP,
	LAYER_ICMPV6,
	LAYER_GRE,
	LAYER_ESP,
	LAYER_NOTHING,
	LAYER_PAYLOAD,
	LAYER_PADDING,
};

struct layer {
	enum layer_kind kind;
	const char *from, *to; /* addresses; NULL: 192.0.2.1, 2001:db8::1 to 198.51.100.1, … */
	unsigned from_port, to_port; /* 0 as from_port: 40000 */
	unsigned type;		     /* of a tag or an ICMP message */
	unsigned flags;		     /* of TCP: its flags byte */
	unsigned offset;	     /* of a fragment, in 8-byte units */
	bool more;		     /* fragments follow */
	unsigned
		options; /* bytes of IPv4 or TCP options; of an extension header behind its first 8 */
	unsigned bytes; /* of payload or padding */
	unsigned fill;	/* what payload or padding is full of */
	/* EXACTLY(n), or 0: as it should be. */
	unsigned version;
	unsigned header;   /* IPv4's ihl, TCP's doff, an extension header's length byte */
	unsigned total;	   /* IPv4's total length, IPv6's payload length, UDP's length */
	unsigned protocol; /* of what follows */
};

#define EXACTLY(n) (0x10000u | (n))

#define FRAME(...) ((const struct layer[]){__VA_ARGS__, {.kind = LAYER_END}})

#define TAG(type_) \
	{ \
		.kind = LAYER_TAG, .type = type_ \
	}
/* Neither IPv4 nor IPv6: an Ethernet type and 46 bytes. */
#define OTHER(type_) \
	{ \
		.kind = LAYER_OTHER, .type = type_ \
	}
#define IPV4(...) \
	{ \
		.kind = LAYER_IPV4, __VA_ARGS__ \
	}
#define IPV6(...) \
	{ \
		.kind = LAYER_IPV6, __VA_ARGS__ \
	}
#define EXTENSION(number, ...) \
	{ \
		.kind = LAYER_EXTENSION, .type = number, __VA_ARGS__ \
	}
#define FRAGMENT(...) \
	{ \
		.kind = LAYER_FRAGMENT, __VA_ARGS__ \
	}
#define TCP(port, ...) \
	{ \
		.kind = LAYER_TCP, .to_port = port, __VA_ARGS__ \
	}
#define UDP(port, ...) \
	{ \
		.kind = LAYER_UDP, .to_port = port, __VA_ARGS__ \
	}
#define SCTP(port, ...) \
	{ \
		.kind = LAYER_SCTP, .to_port = port, __VA_ARGS__ \
	}
#define ICMP(type_) \
	{ \
		.kind = LAYER_ICMP, .type = type_ \
	}
#define ICMPV6(type_) \
	{ \
		.kind = LAYER_ICMPV6, .type = type_ \
	}
#define GRE() \
	{ \
		.kind = LAYER_GRE \
	}
#define ESP() \
	{ \
		.kind = LAYER_ESP \
	}
#define NOTHING() \
	{ \
		.kind = LAYER_NOTHING \
	} /* IPv6's no-next-header */
#define PAYLOAD(n, ...) \
	{ \
		.kind = LAYER_PAYLOAD, .bytes = n, __VA_ARGS__ \
	}
/* Behind the datagram: what Ethernet fills short frames with. */
#define PADDING(n, ...) \
	{ \
		.kind = LAYER_PADDING, .bytes = n, __VA_ARGS__ \
	}

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40
#define TCP_CWR 0x80

/* Ends the test when the layers make no frame, or more than FRAME_SIZE_MAX. */
struct frame frame_of(const struct layer *layers);

/* Where the first IP header starts: behind Ethernet and the tags. */
size_t frame_network_offset(const struct layer *layers);
