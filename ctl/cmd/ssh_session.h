/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SSH session that the tool is run from, so that it does not cut itself off. */
#pragma once

#include <stdbool.h>

#include "base/address.h"

/* Finds it, at the start: afterwards the tool may no longer look into the processes that it was started by. */
void ssh_session_remember(void);

/* The session's SSH_CONNECTION, also where sudo has cleared it; NULL: there is none. Caller frees. */
char *ssh_session_connection(void);

#define SSH_SESSION_WORDS_SIZE 256

/* That a block of this prefix cuts off a session from `source`, which is in it. Returns `text`. */
char *ssh_session_words(const struct prefix *prefix, const struct guard_address *source,
			char text[SSH_SESSION_WORDS_SIZE]);

/* Where the session comes from. False: it is none, or nothing tells. */
bool ssh_session_source(struct guard_address *ret_source);
