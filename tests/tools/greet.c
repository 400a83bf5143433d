// SPDX-License-Identifier: GPL-2.0-or-later
/* Sends every TCP connection to a port one byte, as a server its banner, and closes it: `greet PORT`, until killed. */
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1;

	if (argc != 2)
		errx(2, "usage: greet PORT");
	address.sin6_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, SOMAXCONN) < 0)
		err(1, "port %s", argv[1]);
	for (;;) {
		int connection = accept(fd, NULL, NULL);

		/* Who has gone again is greeted in vain. */
		if (connection < 0)
			continue;
		send(connection, "", 1, MSG_NOSIGNAL);
		close(connection);
	}
}
