/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/canvas.h"
#include "render/sparkline.h"

#define COLUMNS 12

static struct canvas canvas;

static void begin(const char *locale)
{
	assert_non_null(setlocale(LC_CTYPE, locale));
	assert_int_equal(canvas_begin(&canvas, 2, COLUMNS), 0);
}

/* What the first row shows; '|' stands for the right half of a wide character. */
static void assert_row(const wchar_t *expected)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		wchar_t is = canvas_cell(&canvas, 0, i)->character ?: L'|';

		if (is != (i < wcslen(expected) ? expected[i] : L' '))
			fail_msg("column %u: U+%04x in place of \"%ls\"", i, (unsigned)is,
				 expected);
	}
	canvas_release(&canvas);
}

static void text_that_does_not_fit_says_so(void **state)
{
	begin("C.UTF-8");
	assert_int_equal(canvas_text(&canvas, 0, 1, 5, CANVAS_PLAIN, "abcde"), 5);
	canvas_text(&canvas, 0, 7, 5, CANVAS_PLAIN, "abcdef");
	assert_row(L" abcde abcd…");

	begin("C");
	canvas_text(&canvas, 0, 0, 5, CANVAS_PLAIN, "abcdef");
	assert_row(L"abcd~");
}

static void text_stands_at_the_right(void **state)
{
	begin("C.UTF-8");
	canvas_text_right(&canvas, 0, 2, 6, CANVAS_PLAIN, "12");
	canvas_text_right(&canvas, 0, 8, 3, CANVAS_PLAIN, "12345");
	assert_row(L"      1212…");
}

static void what_lies_outside_is_cut_off(void **state)
{
	begin("C.UTF-8");
	canvas_text(&canvas, 0, 9, 100, CANVAS_PLAIN, "abcdef");
	canvas_text(&canvas, 0, 100, 100, CANVAS_PLAIN, "abc");
	canvas_text(&canvas, 7, 0, 100, CANVAS_PLAIN, "abc");
	canvas_put(&canvas, 0, COLUMNS, CANVAS_PLAIN, L'x');
	canvas_mark(&canvas, 2);
	canvas_fill(&canvas, 2, CANVAS_BAD);
	assert_row(L"         ab…");
}

static void nothing_drives_the_terminal(void **state)
{
	begin("C.UTF-8");
	canvas_text(&canvas, 0, 0, COLUMNS, CANVAS_PLAIN, "a\033[2J\n");
	assert_row(L"a\\x1b[2J\\n");
	begin("C.UTF-8");
	canvas_text(&canvas, 0, 0, COLUMNS, CANVAS_PLAIN, "\xff\u202e");
	assert_row(L"\\xff\\u202e");
}

static void wide_characters_take_two_columns(void **state)
{
	begin("C.UTF-8");
	assert_int_equal(canvas_text(&canvas, 0, 0, 4, CANVAS_PLAIN, "日本"), 4);
	canvas_text(&canvas, 0, 5, 4, CANVAS_PLAIN, "日本語");
	assert_row(L"日|本| 日|…");
}

static void what_the_locale_cannot_show_is_escaped(void **state)
{
	begin("C");
	canvas_text(&canvas, 0, 0, COLUMNS, CANVAS_PLAIN, "é");
	assert_row(L"\\u00e9");
}

static void a_paragraph_breaks_at_blanks(void **state)
{
	begin("C.UTF-8");
	canvas_paragraph(&canvas, 0, CANVAS_PLAIN, "one two three four five six");
	assert_int_equal(canvas_cell(&canvas, 1, 1)->character, L't'); /* "three four" */
	assert_row(L" one two");
}

static void marks_and_bars_keep_the_text(void **state)
{
	begin("C.UTF-8");
	canvas_text(&canvas, 0, 0, COLUMNS, CANVAS_BAD, "abc");
	canvas_mark(&canvas, 0);
	for (unsigned i = 0; i < COLUMNS; i++) {
		assert_true(canvas_cell(&canvas, 0, i)->is_marked);
		assert_false(canvas_cell(&canvas, 1, i)->is_marked);
	}
	assert_int_equal(canvas_cell(&canvas, 0, 0)->style, CANVAS_BAD);
	canvas_fill(&canvas, 0, CANVAS_HEADER);
	assert_int_equal(canvas_cell(&canvas, 0, 0)->style, CANVAS_HEADER);
	assert_row(L"abc");
}

static void sparklines_rise_with_the_value(void **state)
{
	static const struct {
		uint64_t value, most;
		wchar_t utf8, ascii;
	} cases[] = {
		{0, 0, L' ', L' '},
		{0, 100, L' ', L' '},
		{1, 100000, L'▁', L'_'},
		{50, 100, L'▅', L'+'},
		{99, 100, L'█', L'#'},
		{100, 100, L'█', L'#'},
		{UINT64_MAX, UINT64_MAX, L'█', L'#'},
		{UINT64_MAX - 1, UINT64_MAX, L'█', L'#'},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(sparkline_character(cases[i].value, cases[i].most, true),
				 cases[i].utf8);
		assert_int_equal(sparkline_character(cases[i].value, cases[i].most, false),
				 cases[i].ascii);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_does_not_fit_says_so),
		cmocka_unit_test(text_stands_at_the_right),
		cmocka_unit_test(what_lies_outside_is_cut_off),
		cmocka_unit_test(nothing_drives_the_terminal),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(what_the_locale_cannot_show_is_escaped),
		cmocka_unit_test(a_paragraph_breaks_at_blanks),
		cmocka_unit_test(marks_and_bars_keep_the_text),
		cmocka_unit_test(sparklines_rise_with_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
