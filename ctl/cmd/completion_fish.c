/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include <string.h>

/* Within single quotes. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("'\\", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_value(FILE *out, const char *value)
{
	switch (completion_kind(value)) {
	case COMPLETION_FILE:
		fputs(" -r -F", out);
		break;
	case COMPLETION_DIRECTORY:
		fputs(" -x -a '(__fish_complete_directories)'", out);
		break;
	case COMPLETION_INTERFACE:
		fputs(" -x -a '(__fish_print_interfaces)'", out);
		break;
	case COMPLETION_WORDS:
		fputs(" -x -a '", out);
		completion_write_words(out, value);
		fputc('\'', out);
		break;
	case COMPLETION_UNKNOWN:
		fputs(" -x", out);
		break;
	}
}

static void write_option(FILE *out, const struct command *command,
			 const struct command_option *option)
{
	fprintf(out, "complete -c xdpguard -n '__fish_seen_subcommand_from %s' -l %s",
		command->name, option->name);
	if (completion_short(option))
		fprintf(out, " -s %c", completion_short(option));
	if (option->argument)
		write_value(out, option->argument);
	fputs(" -d '", out);
	write_escaped(out, option->help);
	fputs("'\n", out);
}

static void write_operands(FILE *out, const struct command *command)
{
	enum completion_kind kind = completion_kind(command->operands);

	if (kind != COMPLETION_FILE && kind != COMPLETION_WORDS)
		return;
	fprintf(out, "complete -c xdpguard -n '__fish_seen_subcommand_from %s'", command->name);
	if (kind == COMPLETION_FILE) {
		fputs(" -F\n", out);
		return;
	}
	fputs(" -a '", out);
	completion_write_words(out, command->operands);
	fputs("'\n", out);
}

static void write_name(FILE *out, const struct command *command)
{
	fprintf(out, "complete -c xdpguard -n __fish_use_subcommand -a %s -d '", command->name);
	write_escaped(out, command->summary);
	fputs("'\n", out);
}

void completion_write_fish(FILE *out)
{
	fputs("# printed by: xdpguard completion fish\n\ncomplete -c xdpguard -f\n", out);
	for (const struct command *const *c = commands; *c; c++) {
		const struct command_option *options[COMMAND_OPTIONS_MAX];
		size_t n = command_options(*c, options);

		if (!(*c)->is_hidden)
			write_name(out, *c);
		for (size_t i = 0; i < n; i++)
			write_option(out, *c, options[i]);
		write_operands(out, *c);
	}
}
