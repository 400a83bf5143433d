/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Receive offload joins packets of one flow before any capture sees them, and after XDP has: a frame that
 * is longer than the MTU was several.
 */
#pragma once

#include "capture.h"

/* How many packets, of as much payload as the MTU leaves room for, came as this frame: 1 and more. */
size_t segments_of(const struct capture_frame *frame, size_t mtu);
