/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shell completions, written from the table of commands. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "command.h"

void completion_write_bash(FILE *out);
void completion_write_zsh(FILE *out);
void completion_write_fish(FILE *out);

/* What a value is, by the name that help gives it. */
enum completion_kind {
	COMPLETION_UNKNOWN,
	COMPLETION_FILE,
	COMPLETION_DIRECTORY,
	COMPLETION_INTERFACE,
	COMPLETION_WORDS, /* "packets|bytes": one of these */
};

/* `value` NULL: there is none. */
enum completion_kind completion_kind(const char *value);
/* "packets bytes" */
void completion_write_words(FILE *out, const char *value);

/* The option's short form, or 0. */
char completion_short(const struct command_option *option);
