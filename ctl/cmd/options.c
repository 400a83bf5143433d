/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "command.h"

/* Of every verb; --json and --csv of those that print data. */
static const struct command_option common_options[] = {
	{'h', "help", NULL, "print this help"},
	{'v', "verbose", NULL, "also print what libbpf and libxdp say"},
	{'D', "dir", "DIR", "the guard's directory in the BPF filesystem"},
	{},
};
static const struct command_option data_options[] = {
	{'J', "json", NULL, "print JSON"},
	{'C', "csv", NULL, "print the tables as CSV"},
	{},
};
static const struct command_option no_options[] = {{}};

const char *args_value(const struct arguments *args, char letter)
{
	return args->values[(unsigned char)letter];
}

bool args_has(const struct arguments *args, char letter)
{
	return args_value(args, letter) != NULL;
}

size_t command_options(const struct command *command,
		       const struct command_option *ret_options[COMMAND_OPTIONS_MAX])
{
	const struct command_option *lists[] = {
		command->options ?: no_options,
		command->has_data ? data_options : no_options,
		common_options,
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct command_option *o = lists[i]; o->letter; o++)
			ret_options[n++] = o;
	return n;
}
