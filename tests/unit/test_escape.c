/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/escape.h"

struct escape_case {
	const char *sentence, *text, *expect;
};

static void check_all(const struct escape_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++) {
		_cleanup_free_ char *escaped = escape_text(cases[i].text);

		assert_non_null(escaped);
		if (strcmp(cases[i].expect, escaped) != 0)
			fail_msg("%s: expected \"%s\", got \"%s\"", cases[i].sentence,
				 cases[i].expect, escaped);
	}
}

static void test_escapes_what_drives_a_terminal(void **state)
{
	static const struct escape_case cases[] = {
		{"nothing stays nothing", "", ""},
		{"plain text stays", "203.0.113.7 ~ {dns}", "203.0.113.7 ~ {dns}"},
		{"a colour", "\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m"},
		{"usual controls have their letters", "\t\n\r", "\\t\\n\\r"},
		{"bell, backspace, delete", "\a\b\177", "\\x07\\x08\\x7f"},
		{"a backslash, else escapes could be forged", "\\x1b", "\\\\x1b"},
		{"C1 controls, which start sequences too",
		 "\302\233"
		 "2J",
		 "\\u009b2J"},
		{"a line separator", "a\342\200\250b", "a\\u2028b"},
		{"a direction override", "abc\342\200\256cba", "abc\\u202ecba"},
		{"a direction isolate", "\342\201\246", "\\u2066"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_leaves_printable_utf8(void **state)
{
	static const struct escape_case cases[] = {
		{"two bytes", "caf\303\251", "caf\303\251"},
		{"three bytes", "\346\227\245\346\234\254", "\346\227\245\346\234\254"},
		{"four bytes", "\360\237\230\200", "\360\237\230\200"},
		{"not assigned, of unknown width", "\363\240\200\200", "\\U000e0000"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_escapes_invalid_utf8_byte_by_byte(void **state)
{
	static const struct escape_case cases[] = {
		{"Latin-1", "caf\351", "caf\\xe9"},
		{"a continuation without a beginning", "\233", "\\x9b"},
		{"a beginning at the end", "\342\202", "\\xe2\\x82"},
		{"a beginning before a letter", "\303(", "\\xc3("},
		{"an overlong slash", "\300\257", "\\xc0\\xaf"},
		{"an overlong escape in three bytes", "\340\200\233", "\\xe0\\x80\\x9b"},
		{"an overlong form in four bytes", "\360\200\202\254", "\\xf0\\x80\\x82\\xac"},
		{"a surrogate", "\355\240\200", "\\xed\\xa0\\x80"},
		{"past Unicode's end", "\364\220\200\200", "\\xf4\\x90\\x80\\x80"},
		{"a byte that is never used", "\377", "\\xff"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_escapes_all_but_ascii_outside_utf8(void **state)
{
	static const struct escape_case cases[] = {
		{"ASCII stays", "dns", "dns"},
		{"two bytes", "caf\303\251", "caf\\u00e9"},
		{"U+00DB, whose second byte is an 8-bit terminal's CSI", "\303\233", "\\u00db"},
		{"four bytes", "\360\237\230\200", "\\U0001f600"},
	};

	assert_non_null(setlocale(LC_CTYPE, "C"));
	check_all(cases, ARRAY_SIZE(cases));
}

static int use_utf8(void **state)
{
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_escapes_what_drives_a_terminal, use_utf8),
		cmocka_unit_test_setup(test_leaves_printable_utf8, use_utf8),
		cmocka_unit_test_setup(test_escapes_invalid_utf8_byte_by_byte, use_utf8),
		cmocka_unit_test(test_escapes_all_but_ascii_outside_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
