/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "completion.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"

enum completion_kind completion_kind(const char *value)
{
	if (!value)
		return COMPLETION_UNKNOWN;
	if (*value == '[')
		value++;
	if (!strncmp(value, "FILE", 4) || !strcmp(value, "CAPTURE"))
		return COMPLETION_FILE;
	if (!strcmp(value, "DIR"))
		return COMPLETION_DIRECTORY;
	if (!strncmp(value, "IF", 2))
		return COMPLETION_INTERFACE;
	return islower((unsigned char)value[0]) ? COMPLETION_WORDS : COMPLETION_UNKNOWN;
}

void completion_write_words(FILE *out, const char *value)
{
	for (; *value; value++)
		fputc(*value == '|' ? ' ' : *value, out);
}

char completion_short(const struct command_option *option)
{
	return islower((unsigned char)option->letter) ? option->letter : 0;
}

static int run(const struct arguments *args)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};
	static void (*const writers[])(FILE *) = {
		completion_write_bash,
		completion_write_zsh,
		completion_write_fish,
	};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(args->operands[0], shells[i]) != 0)
			continue;
		writers[i](stdout);
		return fflush(stdout) ? fail("cannot write the output: %s", strerror(errno))
				      : EXIT_DONE;
	}
	return fail_usage("completion \"%s\": expected bash, zsh or fish", args->operands[0]);
}

const struct command command_completion = {
	.name = "completion",
	.operands = "bash|zsh|fish",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Print completions for a shell",
	.examples = "  xdpguard completion bash",
	.is_hidden = true,
	.run = run,
};
