/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"

#include <sys/socket.h>
#include <time.h>

#define REQUEST_MS 10000
#define ANSWER_MS 60000

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct connection *connection_begin(struct connections *connections, int socket)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &connections->items[i];

		if (connection->deadline_ms)
			continue;
		connection->socket = socket;
		connection_await_request(connection);
		return connection;
	}
	return NULL;
}

void connection_await_answer(struct connection *connection)
{
	connection->deadline_ms = now_ms() + ANSWER_MS;
}

void connection_await_request(struct connection *connection)
{
	connection->deadline_ms = now_ms() + REQUEST_MS;
}

void connection_end(struct connection *connection)
{
	connection->deadline_ms = 0;
}

int connections_sweep(struct connections *connections)
{
	uint64_t now = now_ms();
	int next = -1;

	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = &connections->items[i];
		int left = (int)(connection->deadline_ms - now);

		if (!connection->deadline_ms)
			continue;
		if (connection->deadline_ms <= now) {
			/* microhttpd sees the end of the connection, and tells when it is gone. */
			shutdown(connection->socket, SHUT_RDWR);
			left = REQUEST_MS;
			connection_await_request(connection);
		}
		if (next < 0 || left < next)
			next = left;
	}
	return next;
}
