/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts a compiled policy in force. All of it is written to the slot that no packet reads, then one word
 * says which slot counts: a packet sees the old policy or the new one, and so does whoever looks after
 * the tool was killed.
 */
#pragma once

#include "compile/image.h"
#include "record.h"

/*
 * Fills the idle slot. The image gets the guard's next generation; slots that `fresh` names are zeroed.
 * `record` may be NULL for a guard without pins.
 */
int push_prepare(const struct guard *guard, struct image *image, const struct fresh_slots *fresh,
		 const struct record *record, struct why *why);

/* Makes the prepared slot the one that judges packets. */
void push_commit(const struct guard *guard);
