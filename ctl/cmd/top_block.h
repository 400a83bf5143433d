/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks and lifts blocks from the screen, as the verbs do it. */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/why.h"

/* Neither waits for the lock. -EWOULDBLOCK: another tool has it; try again. */

/* `duration_ns` 0: until unblocked. */
int top_block(const char *dir, const struct prefix *prefix, uint64_t duration_ns, struct why *why);
/* *ret_until: when a block that covers the prefix and stays ends, in time units; 0: there is none. */
int top_unblock(const char *dir, const struct prefix *prefix, uint64_t *ret_until, struct why *why);
