/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/diagnostic.h"

static void a_diagnostic_keeps_copies_of_all_it_was_told(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics list = {};
	char file[] = "edge.yaml", excerpt[] = "mode: on";

	diagnostics_add(&list, true, file, 3, 7, 2, excerpt, "mode \"%s\"", "on");
	file[0] = excerpt[0] = 'x';

	assert_int_equal(list.n_items, 1);
	assert_int_equal(list.n_errors, 1);
	assert_true(list.items[0].is_error);
	assert_string_equal(list.items[0].file, "edge.yaml");
	assert_int_equal(list.items[0].line, 3);
	assert_int_equal(list.items[0].column, 7);
	assert_int_equal(list.items[0].length, 2);
	assert_string_equal(list.items[0].excerpt, "mode: on");
	assert_string_equal(list.items[0].text, "mode \"on\"");
}

static void the_same_message_at_the_same_place_is_kept_once(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics list = {};

	diagnostics_add(&list, true, "a", 1, 1, 0, NULL, "twice");
	diagnostics_add(&list, true, "a", 1, 1, 0, NULL, "twice");
	diagnostics_add(&list, true, "a", 1, 2, 0, NULL, "twice");
	diagnostics_add(&list, false, "a", 1, 1, 0, NULL, "twice");
	diagnostics_add(&list, true, "b", 1, 1, 0, NULL, "twice");

	assert_int_equal(list.n_items, 4);
	assert_int_equal(list.n_errors, 3);
	assert_int_equal(list.n_suppressed, 0);
}

static void past_the_first_hundred_they_are_only_counted(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics list = {};

	for (unsigned i = 1; i <= DIAGNOSTICS_MAX + 5; i++)
		diagnostics_add(&list, true, "a", i, 1, 0, NULL, "error");
	diagnostics_add(&list, false, "a", 1, 1, 0, NULL, "warning");

	assert_int_equal(list.n_items, DIAGNOSTICS_MAX);
	assert_int_equal(list.n_errors, DIAGNOSTICS_MAX + 5);
	assert_int_equal(list.n_suppressed, 6);
	assert_int_equal(list.items[DIAGNOSTICS_MAX - 1].line, DIAGNOSTICS_MAX);
}

static void no_crowd_of_warnings_hides_an_error(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics list = {};

	for (unsigned i = 1; i < DIAGNOSTICS_MAX; i++)
		diagnostics_add(&list, false, "a", i, 1, 0, NULL, "warning");
	diagnostics_add(&list, true, "a", 500, 1, 0, NULL, "first");
	diagnostics_add(&list, true, "a", 501, 1, 0, NULL, "second");

	assert_int_equal(list.n_items, DIAGNOSTICS_MAX);
	assert_int_equal(list.n_errors, 2);
	assert_int_equal(list.n_suppressed, 1);
	assert_int_equal(list.items[DIAGNOSTICS_MAX - 3].line, DIAGNOSTICS_MAX - 2);
	assert_string_equal(list.items[DIAGNOSTICS_MAX - 2].text, "first");
	assert_string_equal(list.items[DIAGNOSTICS_MAX - 1].text, "second");
}

static void nothing_that_moves_a_terminal_gets_through(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics list = {};

	diagnostics_add(&list, true, "a", 1, 1, 0,
			"\tn\xc3\xb6\x1b]0;x\x07 \xc2\x9b \xff\xe2\x82 \x7f", "\x1b[31m%s\n",
			"red");

	assert_string_equal(list.items[0].excerpt, "\tn\xc3\xb6?]0;x? ? ??? ?");
	assert_string_equal(list.items[0].text, "?[31mred?");
}

struct nearest_case {
	const char *word, *expected;
};

static const struct nearest_case nearest[] = {
	{"rat", "rate"},
	{"burts", "burst"},
	{"RATE", "rate"},
	{"bandwith", "bandwidth"},
	{"form", "from"},
	{"tp", "to"},
	{"not_form", "not_from"},
	{"to-port", "to_port"},
	{"port", "to_port"},
	{"width", "bandwidth"},
	{"colour", NULL},
	{"x", NULL},
	{"", NULL},
	{"rate limit of packets", NULL},
};

static void the_nearest_word_is_the_one_that_was_meant(void **state)
{
	static const char *const words[] = {"rate", "burst",	"bandwidth", "from",
					    "to",   "not_from", "to_port",   "from_port"};

	for (size_t i = 0; i < ARRAY_SIZE(nearest); i++) {
		const char *found = diagnostic_nearest(nearest[i].word, words, ARRAY_SIZE(words));

		if (nearest[i].expected)
			assert_string_equal(found ? found : "nothing", nearest[i].expected);
		else
			assert_null(found);
	}
	assert_null(diagnostic_nearest("rate", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_diagnostic_keeps_copies_of_all_it_was_told),
		cmocka_unit_test(the_same_message_at_the_same_place_is_kept_once),
		cmocka_unit_test(past_the_first_hundred_they_are_only_counted),
		cmocka_unit_test(no_crowd_of_warnings_hides_an_error),
		cmocka_unit_test(nothing_that_moves_a_terminal_gets_through),
		cmocka_unit_test(the_nearest_word_is_the_one_that_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
