/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A described packet as an Ethernet frame. Checksums are zero: the packet program does not look at them,
 * and nothing else ever sees the frame.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "spec.h"

#define BUILD_SIZE_MIN 60 /* of Ethernet, without its check sequence */

struct frame {
	uint8_t *bytes; /* owned */
	size_t size;
};

/* -EINVAL: the size is less than the headers take. -ENOMEM. Caller frees ret_frame->bytes. */
int build_frame(const struct spec *spec, struct frame *ret_frame, struct why *why);
