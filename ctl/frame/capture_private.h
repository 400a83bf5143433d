/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture is made of: shared by the files capture*.c alone. */
#pragma once

#include <pcap/pcap.h>

#include "capture.h"

struct capture {
	pcap_t *pcap;
	int link;
	size_t size;
	uint8_t room[CAPTURE_FRAME_MAX]; /* for frames that are not used as they are in the file */

	bool is_live;
	bool has_clock; /* a frame was given out, at now_ns */
	uint64_t now_ns;

	bool has_ahead;		    /* one frame more than was given out was read */
	int ahead_result;	    /* of reading it, as capture_next returns it */
	struct capture_frame ahead; /* that frame */
	struct why ahead_why;
	uint8_t held[CAPTURE_FRAME_MAX]; /* of the frame that was given out meanwhile */
};

/* The next frame as it is in the file, with its own time stamp. */
int capture_read(struct capture *capture, struct capture_frame *ret_frame, struct why *why);
