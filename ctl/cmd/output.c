/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "command.h"
#include "render/escape.h"
#include "render/report.h"

#undef fail
#undef fail_why
#undef fail_usage

/* A terminal that shows colour, and a user who has not said no (no-color.org). */
static bool wants_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

/* Not NULL: where errors go. */
static struct why *unread_error;

void messages_leave_terminal(struct why *error)
{
	unread_error = error;
}

static void keep_message(bool is_error, const char *text)
{
	if (is_error)
		why_set(unread_error, 0, "%s", text);
	else
		syslog(LOG_WARNING, "%s", text);
}

__attribute__((format(printf, 2, 0))) static void print_message(bool is_error, const char *format,
								va_list args)
{
	const char *kind = is_error ? "error" : "warning";
	const char *colour = is_error ? "\033[31m" : "\033[33m";
	char text[1024], *escaped;

	vsnprintf(text, sizeof(text), format, args);
	if (unread_error)
		return keep_message(is_error, text);
	escaped = escape_text(text);
	if (wants_colour(STDERR_FILENO))
		fprintf(stderr, "xdpguard: %s%s:\033[0m %s\n", colour, kind, escaped ?: text);
	else
		fprintf(stderr, "xdpguard: %s: %s\n", kind, escaped ?: text);
	free(escaped);
}

int fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(true, format, arguments);
	va_end(arguments);
	return EXIT_FAILED;
}

int fail_why(const struct why *why)
{
	return fail("%s", why->text[0] ? why->text : "not enough memory");
}

int fail_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(true, format, arguments);
	va_end(arguments);
	return EXIT_USAGE;
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message(false, format, arguments);
	va_end(arguments);
}

/* The excerpt with the text under suspicion underlined; tabs stay tabs so that the columns agree. */
static void print_excerpt(const struct diagnostic *d)
{
	fprintf(stderr, "%5u | %s\n      | ", d->line, d->excerpt);
	for (unsigned i = 1; i < d->column && d->excerpt[i - 1]; i++)
		fputc(d->excerpt[i - 1] == '\t' ? '\t' : ' ', stderr);
	fputc('^', stderr);
	for (unsigned i = 1; i < d->length; i++)
		fputc('~', stderr);
	fputc('\n', stderr);
}

static void print_diagnostic(const struct diagnostic *d)
{
	const char *kind = d->is_error ? "error" : "warning";
	char *text;

	if (unread_error)
		return keep_message(d->is_error, d->text);
	text = escape_text(d->text);
	if (d->file && d->line && d->column)
		fprintf(stderr, "%s:%u:%u: %s: %s\n", d->file, d->line, d->column, kind, text);
	else if (d->file && d->line)
		fprintf(stderr, "%s:%u: %s: %s\n", d->file, d->line, kind, text);
	else
		fprintf(stderr, "%s: %s: %s\n", d->file ?: "xdpguard", kind, text);
	free(text);
	if (d->excerpt && d->column)
		print_excerpt(d);
}

void print_diagnostics(const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->n_items; i++)
		print_diagnostic(&diagnostics->items[i]);
	if (diagnostics->n_suppressed)
		fprintf(stderr, "and %zu more\n", diagnostics->n_suppressed);
}

static struct report *begin(const struct arguments *args, bool is_one_of_many)
{
	struct report_options options = {
		.format = args_has(args, 'J')	? REPORT_JSON
			  : args_has(args, 'C') ? REPORT_CSV
						: REPORT_TEXT,
		.colour = wants_colour(STDOUT_FILENO),
		.one_line = is_one_of_many,
	};

	return report_begin(stdout, &options);
}

struct report *output_begin(const struct arguments *args)
{
	return begin(args, false);
}

struct report *output_begin_look(const struct arguments *args)
{
	return begin(args, true);
}

int output_end(struct report **report)
{
	int r = *report ? report_end(report) : -ENOMEM;

	return r < 0 ? fail("cannot write the output: %s", strerror(-r)) : EXIT_DONE;
}
