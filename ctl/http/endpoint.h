/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a server listens: "127.0.0.1:9436", "[::1]:9436". */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "base/why.h"

#define ENDPOINT_TEXT_SIZE 72

struct endpoint {
	char text[ENDPOINT_TEXT_SIZE]; /* as it was given */
	struct sockaddr_storage address;
	socklen_t size;
	bool is_loopback; /* nobody but this machine can reach it */
};

/* -EINVAL: not an address with a port. */
int endpoint_parse(const char *text, struct endpoint *ret_endpoint);

/* A socket that listens; does not block. */
int endpoint_open(const struct endpoint *endpoint, struct why *why);
