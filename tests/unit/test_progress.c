/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard error is a pseudo terminal here, and the clock is the test's to set. */
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/progress.h"

#define START "\r\033[K\033[?7l"
#define END "\033[?7h"
#define CLEARED "\r\033[K"

static uint64_t now_ms;
static int terminal = -1; /* the end that reads what was drawn */
static int saved_stderr = -1;

/* Takes the place of libc's for the whole program: no test sleeps. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	now->tv_sec = (time_t)(now_ms / 1000);
	now->tv_nsec = (long)(now_ms % 1000 * 1000000);
	return 0;
}

static int replace_stderr(int fd)
{
	saved_stderr = dup(STDERR_FILENO);
	if (saved_stderr < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -1;
	close(fd);
	return 0;
}

static int open_terminal(void **state)
{
	struct termios raw = {};
	int slave;

	cfmakeraw(&raw);
	if (openpty(&terminal, &slave, NULL, &raw, NULL) || fcntl(terminal, F_SETFL, O_NONBLOCK))
		return -1;
	setenv("TERM", "xterm", 1);
	now_ms = 1000000;
	return replace_stderr(slave);
}

static int close_terminal(void **state)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(terminal);
	return 0;
}

static void assert_drawn(const char *expect)
{
	char text[512] = "";
	ssize_t length = read(terminal, text, sizeof(text) - 1);

	text[length > 0 ? length : 0] = '\0';
	assert_string_equal(text, expect);
}

static void test_draws_nothing_in_the_first_half_second(void **state)
{
	struct progress *progress = progress_begin("reading");

	assert_non_null(progress);
	now_ms += 499;
	progress_update(progress, 1, 2);
	assert_drawn("");
	progress_end(&progress);
	assert_null(progress);
	assert_drawn("");
}

static void test_draws_then_clears(void **state)
{
	struct progress *progress = progress_begin("reading lists/abuse.txt");

	now_ms += 500;
	progress_update(progress, 1, 2);
	assert_drawn(START "reading lists/abuse.txt: [###############...............]  50 %" END);
	progress_end(&progress);
	assert_drawn(CLEARED);
}

static void test_draws_ten_times_a_second_at_most(void **state)
{
	struct progress *progress = progress_begin("x");

	now_ms += 500;
	progress_update(progress, 0, 3);
	assert_drawn(START "x: [..............................]   0 %" END);
	now_ms += 99;
	progress_update(progress, 1, 3);
	assert_drawn("");
	now_ms += 1;
	progress_update(progress, 2, 3);
	assert_drawn(START "x: [####################..........]  66 %" END);
	progress_end(&progress);
	assert_drawn(CLEARED);
}

static void test_is_never_over_full(void **state)
{
	struct progress *progress = progress_begin("x");

	now_ms += 500;
	progress_update(progress, SIZE_MAX, 3);
	assert_drawn(START "x: [##############################] 100 %" END);
	progress_end(&progress);
	assert_drawn(CLEARED);
}

static void test_counts_when_the_whole_is_not_known(void **state)
{
	struct progress *progress = progress_begin("copying");

	now_ms += 500;
	progress_update(progress, 1234567, 0);
	assert_drawn(START "copying: 1.23M" END);
	progress_end(&progress);
	assert_drawn(CLEARED);
}

static void test_escapes_what_it_is_told(void **state)
{
	struct progress *progress = progress_begin("reading \033[2J");

	now_ms += 500;
	progress_update(progress, 7, 0);
	assert_drawn(START "reading \\x1b[2J: 7" END);
	progress_end(&progress);
	assert_drawn(CLEARED);
}

static void assert_no_bar(void)
{
	struct progress *progress = progress_begin("x");

	assert_null(progress);
	now_ms += 1000;
	progress_update(progress, 1, 2);
	progress_end(&progress);
}

static void test_draws_nothing_on_a_dumb_terminal(void **state)
{
	setenv("TERM", "dumb", 1);
	assert_no_bar();
	unsetenv("TERM");
	assert_no_bar();
	assert_drawn("");
}

static void test_draws_nothing_where_no_terminal_is(void **state)
{
	int pipes[2];
	char byte;

	setenv("TERM", "xterm", 1);
	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	assert_int_equal(replace_stderr(pipes[1]), 0);
	assert_no_bar();
	assert_int_equal(read(pipes[0], &byte, 1), -1);
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(pipes[0]);
}

#define on_terminal(test) cmocka_unit_test_setup_teardown(test, open_terminal, close_terminal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_terminal(test_draws_nothing_in_the_first_half_second),
		on_terminal(test_draws_then_clears),
		on_terminal(test_draws_ten_times_a_second_at_most),
		on_terminal(test_is_never_over_full),
		on_terminal(test_counts_when_the_whole_is_not_known),
		on_terminal(test_escapes_what_it_is_told),
		on_terminal(test_draws_nothing_on_a_dumb_terminal),
		cmocka_unit_test(test_draws_nothing_where_no_terminal_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
