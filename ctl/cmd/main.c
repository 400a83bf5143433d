/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the verb, parses what follows by its record, runs it. */
#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/guard.h"
#include "guard/program.h"
#include "ssh_session.h"

#define STATE_DIR "/var/lib/xdpguard"
#define OPTION_COLUMNS 26 /* of help; longer ones take a line of their own */

/* Of UTF-8, where printf counts bytes. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void print_option(const struct command_option *option)
{
	char text[64];
	int width;

	if (islower((unsigned char)option->letter))
		snprintf(text, sizeof(text), "-%c, --%s%s%s", option->letter, option->name,
			 option->argument ? " " : "", option->argument ?: "");
	else
		snprintf(text, sizeof(text), "    --%s%s%s", option->name,
			 option->argument ? " " : "", option->argument ?: "");
	width = columns(text);
	if (width > OPTION_COLUMNS)
		printf("  %s\n  %*s %s\n", text, OPTION_COLUMNS, "", option->help);
	else
		printf("  %s%*s %s\n", text, OPTION_COLUMNS - width, "", option->help);
}

static void print_command_help(const struct command *command)
{
	const struct command_option *options[COMMAND_OPTIONS_MAX];
	size_t n = command_options(command, options);

	printf("usage: xdpguard %s%s%s [OPTION…]\n\n%s.\n", command->name,
	       command->operands ? " " : "", command->operands ?: "", command->summary);
	if (command->help)
		printf("\n%s\n", command->help);
	printf("\noptions:\n");
	for (size_t i = 0; i < n; i++)
		print_option(options[i]);
	capabilities_print(command);
	printf("\nexample%s:\n%s\n", strchr(command->examples, '\n') ? "s" : "", command->examples);
}

static void print_help(FILE *out)
{
	fprintf(out, "usage: xdpguard COMMAND [ARGUMENT…] [OPTION…]\n\n"
		     "An XDP firewall and per-source rate limiter.\n\ncommands:\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->is_hidden)
			fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	fprintf(out, "\nxdpguard COMMAND --help tells more; xdpguard(8) and "
		     "xdpguard-policy(5) tell all.\n");
}

static const struct command *find_command(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[64], *nearest;
	size_t n = 0;

	while (n < ARRAY_SIZE(names) && commands[n]) {
		names[n] = commands[n]->name;
		n++;
	}
	nearest = diagnostic_nearest(name, names, n);
	if (nearest)
		return fail_usage("unknown command \"%s\"; did you mean \"%s\"?", name, nearest);
	return fail_usage("unknown command \"%s\"; see: xdpguard --help", name);
}

/* getopt's tables from the records. */
static void make_getopt(const struct command_option *const *options, size_t n,
			struct option *ret_long, char *ret_short)
{
	*ret_short++ = ':';
	for (size_t i = 0; i < n; i++) {
		ret_long[i] = (struct option){
			.name = options[i]->name,
			.has_arg = options[i]->argument ? required_argument : no_argument,
			.val = options[i]->letter,
		};
		if (!islower((unsigned char)options[i]->letter))
			continue;
		*ret_short++ = options[i]->letter;
		if (options[i]->argument)
			*ret_short++ = ':';
	}
	ret_long[n] = (struct option){};
	*ret_short = '\0';
}

/* NULL: it is not set, or to nothing. */
static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Guards have nothing in common on disk either; the usual one's place is the plain one. */
static const char *default_state(const char *dir)
{
	static char path[PATH_MAX];
	const char *name = strrchr(dir, '/');

	if (!strcmp(dir, GUARD_DIR))
		return STATE_DIR;
	snprintf(path, sizeof(path), STATE_DIR "/guards/%s", name ? name + 1 : dir);
	return path;
}

static int parse_options(const struct command *command, int argc, char **argv,
			 struct arguments *args)
{
	const struct command_option *options[COMMAND_OPTIONS_MAX];
	struct option long_options[COMMAND_OPTIONS_MAX + 1];
	char short_options[2 * COMMAND_OPTIONS_MAX + 2];
	size_t n = command_options(command, options);
	int letter;

	make_getopt(options, n, long_options, short_options);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (letter == ':')
			return fail_usage("%s: %s needs an argument", command->name,
					  argv[optind - 1]);
		if (letter == '?')
			return fail_usage("%s: unknown option %s; see: xdpguard %s --help",
					  command->name, argv[optind - 1], command->name);
		/* The first would be forgotten, and an interface with it. */
		if (optarg && args->values[letter])
			return fail_usage("%s: \"%s\" is a second value for an option that takes "
					  "one, after \"%s\"; see: xdpguard %s --help",
					  command->name, optarg, args->values[letter],
					  command->name);
		args->values[letter] = optarg ?: "";
	}
	args->operands = (const char **)argv + optind;
	args->n_operands = argc - optind;
	args->dir = args_value(args, 'D') ?: environment("XDPGUARD_DIR") ?: GUARD_DIR;
	args->state = environment("XDPGUARD_STATE") ?: default_state(args->dir);
	return EXIT_DONE;
}

static int check_operands(const struct command *command, const struct arguments *args)
{
	if (args->n_operands < command->min_operands)
		return fail_usage("%s: %s is missing; see: xdpguard %s --help", command->name,
				  command->operands, command->name);
	if (args->n_operands > command->max_operands)
		return fail_usage("%s: unexpected \"%s\"; see: xdpguard %s --help", command->name,
				  args->operands[command->max_operands], command->name);
	return EXIT_DONE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct arguments args = {};
	int code = parse_options(command, argc, argv, &args);

	if (code)
		return code;
	if (args_has(&args, 'h')) {
		print_command_help(command);
		return EXIT_DONE;
	}
	code = check_operands(command, &args);
	if (code)
		return code;
	program_set_verbose(args_has(&args, 'v'));
	ssh_session_remember();
	return capabilities_settle(command, &args) ?: command->run(&args);
}

int main(int argc, char **argv)
{
	const struct command *command;

	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("xdpguard %s\n", XDPGUARD_VERSION);
		return EXIT_DONE;
	}
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return run_command(command, argc - 1, argv + 1);
}
