/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time limits of connections. microhttpd's own is for silence alone: a client that sends, or takes, a byte now and
 * then would stay for ever, and a few hundred of them would keep all others out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CONNECTIONS_MAX 64

struct connection {
	int socket;
	uint64_t deadline_ms; /* CLOCK_MONOTONIC; 0: the place is free */
};

struct connections {
	struct connection items[CONNECTIONS_MAX];
};

/* NULL: there is no place. */
struct connection *connection_begin(struct connections *connections, int socket);
/* A whole request has come, or a whole answer has gone. */
void connection_await_answer(struct connection *connection);
void connection_await_request(struct connection *connection);
void connection_end(struct connection *connection);

/* Shuts those whose time is over; milliseconds to the next that may be, -1: none. */
int connections_sweep(struct connections *connections);
