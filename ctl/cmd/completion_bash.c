/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

static void write_options(FILE *out, const struct command *command)
{
	const struct command_option *options[COMMAND_OPTIONS_MAX];
	size_t n = command_options(command, options);

	for (size_t i = 0; i < n; i++) {
		if (completion_short(options[i]))
			fprintf(out, "-%c ", completion_short(options[i]));
		fprintf(out, "--%s%s", options[i]->name, i + 1 < n ? " " : "");
	}
}

/* A call of what the head of the script defines. */
static void write_completer(FILE *out, const char *value)
{
	switch (completion_kind(value)) {
	case COMPLETION_FILE:
		fputs("_xdpguard_files", out);
		break;
	case COMPLETION_DIRECTORY:
		fputs("_xdpguard_directories", out);
		break;
	case COMPLETION_INTERFACE:
		fputs("_xdpguard_interfaces", out);
		break;
	case COMPLETION_WORDS:
		fputs("_xdpguard_words '", out);
		completion_write_words(out, value);
		fputc('\'', out);
		break;
	case COMPLETION_UNKNOWN:
		fputs(":", out);
		break;
	}
}

/* Behind an option that takes a value comes a value, whatever it is. */
static void write_values(FILE *out, const struct command *command)
{
	const struct command_option *options[COMMAND_OPTIONS_MAX];
	size_t n = command_options(command, options);

	for (size_t i = 0; i < n; i++) {
		if (!options[i]->argument)
			continue;
		fprintf(out, "\t%s:--%s", command->name, options[i]->name);
		if (completion_short(options[i]))
			fprintf(out, " | %s:-%c", command->name, completion_short(options[i]));
		fputs(") ", out);
		write_completer(out, options[i]->argument);
		fputs("; return ;;\n", out);
	}
}

static void write_head(FILE *out)
{
	fputs("# bash completion for xdpguard, printed by: xdpguard completion bash\n"
	      "# shellcheck shell=bash\n"
	      "\n"
	      "_xdpguard_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
	      "_xdpguard_files() {\n"
	      "\tcompopt -o filenames\n"
	      "\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "}\n"
	      "_xdpguard_directories() {\n"
	      "\tcompopt -o filenames\n"
	      "\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
	      "}\n"
	      "_xdpguard_interfaces() {\n"
	      "\t_xdpguard_words \"$(command ls /sys/class/net 2>/dev/null)\"\n"
	      "}\n"
	      "\n"
	      "_xdpguard() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
	      "\tlocal previous=${COMP_WORDS[COMP_CWORD - 1]} options=\n"
	      "\n"
	      "\tCOMPREPLY=()\n",
	      out);
}

static void write_names(FILE *out)
{
	fputs("\tif ((COMP_CWORD == 1)); then\n\t\t_xdpguard_words '", out);
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->is_hidden)
			fprintf(out, "%s ", (*c)->name);
	fputs("--help --version'\n\t\treturn\n\tfi\n", out);
}

static void write_command(FILE *out, const struct command *command)
{
	fprintf(out, "\t%s)\n\t\toptions='", command->name);
	write_options(out, command);
	fputs("'\n", out);
	if (completion_kind(command->operands) != COMPLETION_UNKNOWN) {
		fputs("\t\t[[ $cur == -* ]] || ", out);
		write_completer(out, command->operands);
		fputc('\n', out);
	}
	fputs("\t\t;;\n", out);
}

void completion_write_bash(FILE *out)
{
	write_head(out);
	write_names(out);
	fputs("\tcase $command:$previous in\n", out);
	for (const struct command *const *c = commands; *c; c++)
		write_values(out, *c);
	fputs("\tesac\n\tcase $command in\n", out);
	for (const struct command *const *c = commands; *c; c++)
		write_command(out, *c);
	fputs("\tesac\n\t[[ $cur != -* ]] || _xdpguard_words \"$options\"\n}\n\n"
	      "complete -F _xdpguard xdpguard\n",
	      out);
}
