/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"
#include "policy/prefixes.h"

/*
 * The prefixes that a verb was given, as operands and in the file of --from ('f'; "-" is standard input):
 * sorted, each once. Everything that is wrong is told at once, and nothing is taken then. An exit code.
 */
int prefix_operands_read(const struct arguments *args, struct prefixes *ret_prefixes);

/* "192.0.2.0/24" for one, "3 prefixes" for several; returns `text`. */
char *prefix_operands_words(const struct prefixes *prefixes, char text[ADDRESS_TEXT_SIZE]);
