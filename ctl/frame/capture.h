/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of a capture, pcap or pcapng, as the interface would have given them to XDP. Raw IP and Linux
 * cooked captures get the Ethernet header that they lack.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

/* Ethernet, two tags, IPv6, TCP: what was cut shorter than that may have lost ports or flags. */
#define CAPTURE_HEADERS_SIZE 82
#define CAPTURE_FRAME_MAX \
	65535 /* what a test run of an XDP program takes, and more than any wire */
#define CAPTURE_LIVE_SIZE 128

struct capture;

struct capture_frame {
	const uint8_t *bytes; /* until the next one is read; zeros where the capture cut it */
	size_t size;	      /* of the frame as it was on the wire; 0: it lacks its link header */
	size_t captured;      /* so much of it is real; `bytes` are CAPTURE_FRAME_MAX at most */
	uint64_t time_ns;     /* since 1970; never before that of the one before */
	bool is_sent; /* by the host that captured it, where the capture tells: no XDP saw it */
	bool is_late; /* its stamp is before that of the one before, whose time it has */
	bool is_stray; /* its stamp was far in the future, alone: it has the time of the one before */
};

/*
 * `path` "-": standard input. `filter`: as tcpdump takes it, or NULL. -EINVAL: no capture, a link type
 * that cannot be judged, or a bad filter.
 */
int capture_open(const char *path, const char *filter, struct capture **ret_capture,
		 struct why *why);

/* What comes in on an interface, from now on: the heads of frames, CAPTURE_LIVE_SIZE bytes at most. */
int capture_open_live(const char *interface, const char *filter, struct capture **ret_capture,
		      struct why *why);

/* Until something comes in on one of the interfaces, or a tenth of a second has passed. */
void capture_wait(struct capture *const *captures, size_t n);

/* Frames that came in on the interface too fast to be read. */
uint64_t capture_lost(const struct capture *capture);

/* Accepts NULL; sets *capture to NULL. */
void capture_close(struct capture **capture);

/*
 * 1, 0 at the end, or below 0: the file is broken from here on. -ENODATA: it ends in the middle of a frame,
 * as where tcpdump was killed. -EAGAIN: nothing has come in on the interface.
 */
int capture_next(struct capture *capture, struct capture_frame *ret_frame, struct why *why);

/* How many of the frame's bytes there are, with zeros for those that were cut off. */
size_t capture_frame_room(const struct capture_frame *frame);

/* How far it was read, in bytes, and of how many; 0: not known. */
size_t capture_position(const struct capture *capture);
size_t capture_size(const struct capture *capture);
