/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include <string.h>

/* Within single quotes, where _arguments and _describe take these characters for their own. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", out);
			continue;
		}
		if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

/* ":IF:_net_interfaces" */
static void write_value(FILE *out, const char *value)
{
	fputc(':', out);
	write_escaped(out, value);
	fputc(':', out);
	switch (completion_kind(value)) {
	case COMPLETION_FILE:
		fputs("_files", out);
		break;
	case COMPLETION_DIRECTORY:
		fputs("_files -/", out);
		break;
	case COMPLETION_INTERFACE:
		fputs("_net_interfaces", out);
		break;
	case COMPLETION_WORDS:
		fputc('(', out);
		completion_write_words(out, value);
		fputc(')', out);
		break;
	case COMPLETION_UNKNOWN:
		fputc(' ', out); /* only says what belongs here */
		break;
	}
}

static void write_option(FILE *out, const struct command_option *option)
{
	char letter = completion_short(option);

	fputs(" \\\n\t\t\t", out);
	if (letter)
		fprintf(out, "'(-%c --%s)'{-%c,--%s}'[", letter, option->name, letter,
			option->name);
	else
		fprintf(out, "'--%s[", option->name);
	write_escaped(out, option->help);
	fputc(']', out);
	if (option->argument)
		write_value(out, option->argument);
	fputc('\'', out);
}

static void write_command(FILE *out, const struct command *command)
{
	const struct command_option *options[COMMAND_OPTIONS_MAX];
	size_t n = command_options(command, options);

	fprintf(out, "\t%s)\n\t\t_arguments -s", command->name);
	for (size_t i = 0; i < n; i++)
		write_option(out, options[i]);
	if (command->operands) {
		fputs(" \\\n\t\t\t'*", out);
		write_value(out, command->operands);
		fputc('\'', out);
	}
	fputs("\n\t\t;;\n", out);
}

void completion_write_zsh(FILE *out)
{
	fputs("#compdef xdpguard\n"
	      "# printed by: xdpguard completion zsh\n\n"
	      "_xdpguard() {\n\tlocal -a commands=(\n",
	      out);
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->is_hidden)
			continue;
		fprintf(out, "\t\t'%s:", (*c)->name);
		write_escaped(out, (*c)->summary);
		fputs("'\n", out);
	}
	fputs("\t)\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	      out);
	for (const struct command *const *c = commands; *c; c++)
		write_command(out, *c);
	fputs("\tesac\n}\n\n_xdpguard \"$@\"\n", out);
}
