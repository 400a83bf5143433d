// SPDX-License-Identifier: GPL-2.0-or-later
/* Sends every UDP datagram that comes to a port back to where it came from: `answer PORT`, until killed. */
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (argc != 2)
		errx(2, "usage: answer PORT");
	address.sin6_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "port %s", argv[1]);
	for (;;) {
		char data[2048];
		socklen_t size = sizeof(address);
		ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&address, &size);

		if (n < 0)
			err(1, "recvfrom");
		/* Who forged its address gets no answer, and that is no failure. */
		sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&address, size);
	}
}
