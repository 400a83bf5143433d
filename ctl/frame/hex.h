/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame as hexadecimal digits. */
#pragma once

#include "base/diagnostic.h"
#include "build.h"

#define HEX_SIZE_MIN 14 /* an Ethernet header */
#define HEX_SIZE_MAX 65535

/*
 * Two digits a byte; blanks, colons and line ends between bytes are skipped. -EINVAL: what is wrong is
 * told in `diagnostics`. -ENOMEM. Caller frees ret_frame->bytes.
 */
int hex_parse(const char *text, struct diagnostics *diagnostics, struct frame *ret_frame);
