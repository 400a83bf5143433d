/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

#define HOST_SIZE 64
#define BACKLOG 64

static bool parse_port(const char *text, in_port_t *ret_port)
{
	unsigned long port;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	port = strtoul(text, &end, 10);
	if (*end || port > UINT16_MAX)
		return false;
	*ret_port = htons(port);
	return true;
}

static bool parse_ipv4(const char *host, in_port_t port, struct endpoint *ret_endpoint)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};

	if (inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return false;
	memcpy(&ret_endpoint->address, &in, sizeof(in));
	ret_endpoint->size = sizeof(in);
	ret_endpoint->is_loopback = ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return true;
}

static bool parse_ipv6(const char *host, in_port_t port, struct endpoint *ret_endpoint)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};

	if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1)
		return false;
	memcpy(&ret_endpoint->address, &in6, sizeof(in6));
	ret_endpoint->size = sizeof(in6);
	ret_endpoint->is_loopback = IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
	return true;
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint)
{
	const char *colon = strrchr(text, ':');
	bool is_bracketed = *text == '[';
	struct endpoint endpoint = {};
	char host[HOST_SIZE];
	in_port_t port;
	int length;

	if (!colon || colon - text >= HOST_SIZE || !parse_port(colon + 1, &port))
		return -EINVAL;
	if (is_bracketed && (colon - text < 2 || colon[-1] != ']'))
		return -EINVAL;
	length = colon - text - 2 * is_bracketed;
	snprintf(host, sizeof(host), "%.*s", length, text + is_bracketed);
	if (is_bracketed ? !parse_ipv6(host, port, &endpoint) : !parse_ipv4(host, port, &endpoint))
		return -EINVAL;
	if (strlen(text) >= sizeof(endpoint.text))
		return -EINVAL;
	strcpy(endpoint.text, text);
	*ret_endpoint = endpoint;
	return 0;
}

int endpoint_open(const struct endpoint *endpoint, struct why *why)
{
	_cleanup_close_ int fd =
		socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return why_set(why, -errno, "cannot open a socket: %s", strerror(errno));
	/* Connections of a server that has just ended must not keep the next from its address. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return why_set(why, -errno, "cannot listen on %s: %s", endpoint->text,
			       strerror(errno));
	return take_fd(&fd);
}
