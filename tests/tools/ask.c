// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An honest client: sends numbered UDP datagrams to `answer`, one at a time and so many a second, and prints
 * as JSON how many of them were answered.
 */
#include <err.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PATIENCE_MS 1000 /* for the last answers */

static int connect_to(const char *address, const char *port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *found;
	int fd, r;

	r = getaddrinfo(address, port, &hints, &found);
	if (r)
		errx(2, "%s port %s: %s", address, port, gai_strerror(r));
	fd = socket(found->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0)
		err(1, "%s", address);
	freeaddrinfo(found);
	return fd;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* True: the answer to one more question came before `until_ms`. */
static bool take_answer(int fd, bool *is_answered, unsigned count, double until_ms)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	double left = until_ms - now_ms();
	unsigned number;

	if (poll(&readable, 1, left > 0 ? (int)left + 1 : 0) != 1 ||
	    recv(fd, &number, sizeof(number), 0) != sizeof(number))
		return false;
	if (number >= count || is_answered[number])
		return false;
	return is_answered[number] = true;
}

static unsigned ask(int fd, unsigned count, double interval_ms)
{
	bool *is_answered = calloc(count, sizeof(*is_answered));
	double start = now_ms();
	unsigned answered = 0;

	if (!is_answered)
		err(1, "calloc");
	for (unsigned i = 0; i < count; i++) {
		double next = start + (i + 1) * interval_ms;

		/* What cannot be sent counts as not answered. */
		(void)!send(fd, &i, sizeof(i), 0);
		do
			answered += take_answer(fd, is_answered, count, next);
		while (now_ms() < next);
	}
	for (double end = now_ms() + PATIENCE_MS; answered < count && now_ms() < end;)
		answered += take_answer(fd, is_answered, count, end);
	free(is_answered);
	return answered;
}

int main(int argc, char **argv)
{
	unsigned long count, rate;

	if (argc != 5)
		errx(2, "usage: ask ADDRESS PORT COUNT RATE");
	count = strtoul(argv[3], NULL, 10);
	rate = strtoul(argv[4], NULL, 10);
	if (count < 1 || count > 1000000 || rate < 1)
		errx(2, "COUNT is 1 to 1000000, RATE at least 1 a second");
	printf("{\"asked\": %lu, \"answered\": %u}\n", count,
	       ask(connect_to(argv[1], argv[2]), (unsigned)count, 1e3 / (double)rate));
	return 0;
}
