/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka.h makes a macro of fail(), which command.h declares. */
#include "base/cleanup.h"
#include "cmd/completion.h"

#include <cmocka.h>

static char *written(void (*write)(FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write(out);
	fclose(out);
	return text;
}

/* Runs `script` behind what was written, in a bash of its own; its first line of output. */
static void complete_in_bash(const char *script, char *ret_line, size_t size)
{
	_cleanup_free_ char *completion = written(completion_write_bash);
	char path[] = "/tmp/test_completion.XXXXXX", command[128];
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w"), *output;

	fprintf(file, "compopt() { :; }\n%s\n%s\n", completion, script);
	fclose(file);
	snprintf(command, sizeof(command), "bash --norc %s 2>&1", path);
	output = popen(command, "r");
	assert_non_null(fgets(ret_line, size, output));
	ret_line[strcspn(ret_line, "\n")] = '\0';
	assert_int_equal(pclose(output), 0);
	unlink(path);
}

static void every_verb_and_option_is_in_all_three(void **state)
{
	void (*const writers[])(FILE *) = {
		completion_write_bash,
		completion_write_zsh,
		completion_write_fish,
	};

	for (size_t w = 0; w < ARRAY_SIZE(writers); w++) {
		_cleanup_free_ char *text = written(writers[w]);

		for (const struct command *const *c = commands; *c; c++) {
			const struct command_option *options[COMMAND_OPTIONS_MAX];
			size_t n = command_options(*c, options);

			assert_non_null(strstr(text, (*c)->name));
			for (size_t i = 0; i < n; i++)
				assert_non_null(strstr(text, options[i]->name));
		}
	}
}

static void bash_completes(void **state)
{
	static const struct {
		const char *typed, *expected;
	} cases[] = {
		{"xdpguard st", "status"},
		{"xdpguard b", "block blocks"},
		{"xdpguard compl", ""}, /* not for people */
		{"xdpguard sources --s", "--sort"},
		{"xdpguard sources --sort p", "packets pps"},
		{"xdpguard sources -s l", "last-seen"},
		{"xdpguard sources --top p", ""}, /* a number: nobody can guess it */
		{"xdpguard check /proc/versio", "/proc/version"},
		{"xdpguard block --from /proc/versio", "/proc/version"},
		{"xdpguard apply x --dev l", "lo"},
		{"xdpguard completion z", "zsh"},
		{"xdpguard block /proc/versio", ""}, /* an address, no file */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char script[256], line[512];

		snprintf(script, sizeof(script),
			 "COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _xdpguard; "
			 "echo \"${COMPREPLY[*]}\"",
			 cases[i].typed);
		complete_in_bash(script, line, sizeof(line));
		if (strcmp(line, cases[i].expected) != 0)
			fail_msg("%s: \"%s\", expected \"%s\"", cases[i].typed, line,
				 cases[i].expected);
	}
}

static void values_are_known_by_their_names(void **state)
{
	assert_int_equal(completion_kind("FILE"), COMPLETION_FILE);
	assert_int_equal(completion_kind("FILE|-"), COMPLETION_FILE);
	assert_int_equal(completion_kind("DIR"), COMPLETION_DIRECTORY);
	assert_int_equal(completion_kind("IF[,IF…]"), COMPLETION_INTERFACE);
	assert_int_equal(completion_kind("packets|bytes"), COMPLETION_WORDS);
	assert_int_equal(completion_kind("SECONDS"), COMPLETION_UNKNOWN);
	assert_int_equal(completion_kind(NULL), COMPLETION_UNKNOWN);
}

static char *read_page(void)
{
	FILE *file = fopen("../../docs/man/xdpguard.8", "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static void assert_named(const char *page, const char *macro, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s\n", macro, name);
	if (strstr(page, text))
		return;
	snprintf(text, sizeof(text), "%s%s ", macro, name);
	if (!strstr(page, text))
		fail_msg("no \"%s\"", text);
}

static void the_man_page_names_every_verb_and_option(void **state)
{
	_cleanup_free_ char *page = read_page();

	for (const struct command *const *c = commands; *c; c++) {
		const struct command_option *options[COMMAND_OPTIONS_MAX];
		size_t n = command_options(*c, options);

		if ((*c)->is_hidden)
			continue;
		assert_named(page, ".It Cm ", (*c)->name);
		for (size_t i = 0; i < n; i++)
			assert_named(page, "Fl -", options[i]->name);
	}
}

/* getopt takes the last of two alike, and help would show both. */
static void no_verb_has_an_option_twice(void **state)
{
	for (const struct command *const *c = commands; *c; c++) {
		const struct command_option *options[COMMAND_OPTIONS_MAX];
		size_t n = command_options(*c, options);

		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < i; k++)
				if (options[i]->letter == options[k]->letter ||
				    !strcmp(options[i]->name, options[k]->name))
					fail_msg("%s: -%c --%s", (*c)->name, options[i]->letter,
						 options[i]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_and_option_is_in_all_three),
		cmocka_unit_test(bash_completes),
		cmocka_unit_test(values_are_known_by_their_names),
		cmocka_unit_test(the_man_page_names_every_verb_and_option),
		cmocka_unit_test(no_verb_has_an_option_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
