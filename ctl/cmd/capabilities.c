/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capabilities.h"

#include <stdio.h>
#include <string.h>

#include "guard/privileges.h"

const struct command_capability capabilities_to_open[] = {CAPABILITY_TO_OPEN, {}};

static bool is_given(const struct arguments *args, char letter)
{
	return letter == CAPABILITY_OPERAND ? args->n_operands > 0 : args_has(args, letter);
}

static bool is_taken(const struct command_capability *capability, const struct arguments *args)
{
	return (!capability->with || is_given(args, capability->with)) &&
	       (!capability->without || !is_given(args, capability->without));
}

void capabilities_of(const struct command *command, const struct arguments *args,
		     uint64_t *ret_needed, uint64_t *ret_used)
{
	*ret_needed = *ret_used = 0;
	for (const struct command_capability *c = command->capabilities; c && c->what_for; c++)
		if (is_taken(c, args))
			*(c->is_needed ? ret_needed : ret_used) |= PRIVILEGE(c->number);
}

static int fail_missing(const struct command *command, const struct arguments *args,
			uint64_t missing)
{
	char text[512] = "", name[PRIVILEGE_NAME_SIZE];
	size_t used = 0;

	for (const struct command_capability *c = command->capabilities; c->what_for; c++)
		if (c->is_needed && missing & PRIVILEGE(c->number) && is_taken(c, args))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s",
						 used ? ", and " : "",
						 privilege_name(c->number, name), c->what_for);
	return fail("%s needs %s; run it as root, or with the capabilities that xdpguard %s --help "
		    "names",
		    command->name, text, command->name);
}

int capabilities_settle(const struct command *command, const struct arguments *args)
{
	uint64_t needed, used, missing;
	struct why why = {};

	capabilities_of(command, args, &needed, &used);
	missing = needed & ~privileges_held(needed);
	if (missing)
		return fail_missing(command, args, missing);
	return privileges_keep(needed, used, &why) < 0 ? fail_why(&why) : EXIT_DONE;
}

/* "with --group", "without --dry-run", "with FILE" */
static void print_condition(const struct command *command, char letter, const char *word)
{
	if (letter == CAPABILITY_OPERAND)
		printf(", %s %s", word, command->operands);
	for (const struct command_option *o = command->options; letter && o && o->letter; o++)
		if (o->letter == letter)
			printf(", %s --%s", word, o->name);
}

void capabilities_print(const struct command *command)
{
	char name[PRIVILEGE_NAME_SIZE];

	if (!command->capabilities)
		return;
	printf("\ncapabilities, all others are dropped:\n");
	for (const struct command_capability *c = command->capabilities; c->what_for; c++) {
		printf("  %-20s %s%s", privilege_name(c->number, name),
		       c->is_needed ? "" : "if there: ", c->what_for);
		print_condition(command, c->with, "with");
		print_condition(command, c->without, "without");
		putchar('\n');
	}
}
