/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define NS_PER_S 1000000000ull
#define LINES_DEFAULT 24

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* True: one of the signals came first. */
static bool wait_until(const sigset_t *signals, uint64_t time_ns)
{
	for (;;) {
		int64_t left = time_ns - monotonic_ns();
		struct timespec timeout = {left / (int64_t)NS_PER_S, left % (int64_t)NS_PER_S};

		if (left < 0)
			timeout = (struct timespec){};
		/* Other signals, as when the terminal changes its size, only interrupt it. */
		if (sigtimedwait(signals, NULL, &timeout) > 0)
			return true;
		if (left <= 0)
			return false;
	}
}

int watch(uint64_t interval_ns, int (*look)(void *data), void *data)
{
	uint64_t next_ns = monotonic_ns();
	sigset_t signals;
	int code;

	/* Blocked, they wait for the end of a look: none is cut off in the middle. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	do {
		code = look(data);
		next_ns += interval_ns;
		if (next_ns < monotonic_ns())
			next_ns = monotonic_ns(); /* a look took longer than the interval */
	} while (code == EXIT_DONE && !wait_until(&signals, next_ns));
	return code;
}

bool watch_is_screen(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

size_t watch_screen_lines(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row)
		return LINES_DEFAULT;
	return size.ws_row;
}

void watch_begin_screen(void)
{
	fputs("\033[H\033[2J\033[?7l", stdout);
}

void watch_end_screen(void)
{
	fputs("\033[?7h", stdout);
	fflush(stdout);
}
