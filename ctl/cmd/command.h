/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every verb is made of: one const record, from which parsing, help and completions follow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/diagnostic.h"
#include "base/why.h"

struct guard;
struct report;

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2, /* bad usage or a bad policy: nothing was changed */
};

struct command_option {
	char letter; /* also how args_value asks for it; upper case where only the long form is shown */
	const char *name;
	const char *argument; /* NULL: a flag */
	const char *help;
};

struct command_capability {
	int number;	      /* CAP_… */
	bool is_needed;	      /* else used where there is it */
	char with, without;   /* only with this option, or without it; 0: always */
	const char *what_for; /* "to attach programs"; NULL: the list's end */
};

/* What was typed behind the verb. */
struct arguments {
	const char *values[128]; /* by letter; "" for a flag; NULL: not given */
	const char **operands;
	size_t n_operands;
	const char *dir;   /* of the guard */
	const char *state; /* directory of what the tool keeps on disk for this guard */
};

struct command {
	const char *name;
	const char *operands; /* "FILE", "PREFIX…"; NULL: none */
	size_t min_operands, max_operands;
	const char *summary;		      /* a line */
	const char *help;		      /* paragraphs, each line at most 78 columns */
	const char *examples;		      /* a line each */
	const struct command_option *options; /* ends with a zero letter; may be NULL */
	const struct command_capability *capabilities; /* all that it takes; NULL: none */
	bool has_data;				       /* takes --json and --csv */
	bool is_hidden;				       /* not for people: no help lists it */
	int (*run)(const struct arguments *args);      /* enum exit_code */
};

extern const struct command *const commands[]; /* ends with NULL */

#define COMMAND_OPTIONS_MAX 24

/* The command's own options, then those that every verb has. Returns how many. */
size_t command_options(const struct command *command,
		       const struct command_option *ret_options[COMMAND_OPTIONS_MAX]);

const char *args_value(const struct arguments *args, char letter);
bool args_has(const struct arguments *args, char letter);

/* Prints "xdpguard: error: …" and returns EXIT_FAILED, or EXIT_USAGE. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fail_why(const struct why *why);
int fail_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* clang's analyzer does not see into output.c, and would follow what happens if they return EXIT_DONE. */
#ifdef __clang_analyzer__
#define fail(...) (fail(__VA_ARGS__), EXIT_FAILED)
#define fail_why(why) (fail_why(why), EXIT_FAILED)
#define fail_usage(...) (fail_usage(__VA_ARGS__), EXIT_USAGE)
#endif

/*
 * From here on nobody is there to read: the last error is left in `error`, which has to stay, and warnings go to the
 * system's log.
 */
void messages_leave_terminal(struct why *error);

/* Prints diagnostics with excerpt and caret to standard error. */
void print_diagnostics(const struct diagnostics *diagnostics);

/* A report to standard output in the form that the arguments ask for. */
struct report *output_begin(const struct arguments *args);
/* One of many: JSON takes a line each. */
struct report *output_begin_look(const struct arguments *args);
/* Ends it; EXIT_DONE, or EXIT_FAILED with a message. */
int output_end(struct report **report);
