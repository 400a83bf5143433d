/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with fields for the journal, in its native protocol; for syslog, where it is not there, without. */
#pragma once

#include <stddef.h>

#include "base/why.h"

struct journal_field {
	const char *name;  /* "XDPGUARD_SOURCE" */
	const char *value; /* one line; NULL: left out */
};

/* The socket; -1: syslog is there alone. -ENOENT: neither is. */
int journal_open(int *ret_socket, struct why *why);
int journal_send(int socket, int priority, const char *message, const struct journal_field *fields,
		 size_t n_fields);
