/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A frame out of the fuzzer's bytes: they choose layers and fields, so that most frames get far. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "packet/frame.h"

struct frame script_frame(const uint8_t *data, size_t size);
