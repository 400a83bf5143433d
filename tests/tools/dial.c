// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An honest client of `greet`: opens TCP connections, so many a second and whatever became of those before, and prints as
 * JSON how many of them were greeted.
 */
#include <err.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 1000	 /* each is a descriptor */
#define PATIENCE_MS 1000 /* for the last ones */

static struct addrinfo *find(const char *address, const char *port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *found;
	int r = getaddrinfo(address, port, &hints, &found);

	if (r)
		errx(2, "%s port %s: %s", address, port, gai_strerror(r));
	return found;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Without waiting for it. */
static int dial(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err(1, "socket");
	/* What becomes of it, recv tells. */
	(void)!connect(fd, to->ai_addr, to->ai_addrlen);
	return fd;
}

/* Those greeted of `n` connections, until then. Poll passes over what is closed, which is negative. */
static unsigned take_greetings(struct pollfd *connections, unsigned n, double until_ms)
{
	double left = until_ms - now_ms();
	unsigned greeted = 0;

	if (poll(connections, n, left > 0 ? (int)left + 1 : 0) < 1)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		char greeting;

		if (connections[i].fd < 0 || !connections[i].revents)
			continue;
		greeted += recv(connections[i].fd, &greeting, 1, 0) == 1;
		close(connections[i].fd);
		connections[i].fd = -1;
	}
	return greeted;
}

static unsigned dial_all(const struct addrinfo *to, unsigned count, double interval_ms)
{
	static struct pollfd connections[COUNT_MAX];
	double start = now_ms();
	unsigned greeted = 0;

	for (unsigned i = 0; i < count; i++) {
		double next = start + (i + 1) * interval_ms;

		connections[i] = (struct pollfd){.fd = dial(to), .events = POLLIN};
		do
			greeted += take_greetings(connections, i + 1, next);
		while (now_ms() < next);
	}
	for (double end = now_ms() + PATIENCE_MS; greeted < count && now_ms() < end;)
		greeted += take_greetings(connections, count, end);
	return greeted;
}

int main(int argc, char **argv)
{
	unsigned long count, rate;
	struct addrinfo *to;

	if (argc != 5)
		errx(2, "usage: dial ADDRESS PORT COUNT RATE");
	count = strtoul(argv[3], NULL, 10);
	rate = strtoul(argv[4], NULL, 10);
	if (count < 1 || count > COUNT_MAX || rate < 1)
		errx(2, "COUNT is 1 to %d, RATE at least 1 a second", COUNT_MAX);
	to = find(argv[1], argv[2]);
	printf("{\"asked\": %lu, \"answered\": %u}\n", count,
	       dial_all(to, (unsigned)count, 1e3 / (double)rate));
	freeaddrinfo(to);
	return 0;
}
