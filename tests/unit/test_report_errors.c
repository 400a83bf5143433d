/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes no report, and what becomes of one that can not be written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report_support.h"

static const struct report_column columns[] = {
	{"name", "NAME", REPORT_STRING},
	{"packets", "PACKETS", REPORT_COUNT},
};

static void row_too_short(struct report *report)
{
	report_table(report, "rules", NULL, columns, ARRAY_SIZE(columns), NULL);
	report_cell_string(report, "dns");
}

static void row_too_short_before_a_field(struct report *report)
{
	row_too_short(report);
	report_string(report, "mode", NULL, "enforce");
}

static void number_in_a_string_column(struct report *report)
{
	report_table(report, "rules", NULL, columns, ARRAY_SIZE(columns), NULL);
	report_cell(report, 1);
	report_cell(report, 1);
}

static void string_in_a_number_column(struct report *report)
{
	report_table(report, "rules", NULL, columns, ARRAY_SIZE(columns), NULL);
	report_cell_string(report, "dns");
	report_cell_string(report, "dns");
}

static void cell_outside_a_table(struct report *report)
{
	report_cell(report, 1);
}

static void cell_after_the_table(struct report *report)
{
	report_table(report, "rules", NULL, columns, ARRAY_SIZE(columns), NULL);
	report_line(report, "prose");
	report_cell_none(report);
}

static void table_without_columns(struct report *report)
{
	report_table(report, "rules", NULL, columns, 0, NULL);
	report_cell(report, 1);
}

static void string_as_a_value(struct report *report)
{
	report_value(report, "mode", "Mode", REPORT_STRING, 1);
}

static void same_key_twice(struct report *report)
{
	report_string(report, "mode", NULL, "enforce");
	report_string(report, "mode", NULL, "monitor");
}

static void object_left_open(struct report *report)
{
	report_object(report, "sources", NULL);
}

static void object_ended_twice(struct report *report)
{
	report_object(report, "sources", NULL);
	report_object_end(report);
	report_object_end(report);
}

static void string_in_an_object(struct report *report)
{
	report_object(report, "sources", "Sources");
	report_string(report, "mode", "Mode", "enforce");
}

static void colour_of_nothing(struct report *report)
{
	report_colour(report, REPORT_BAD);
}

static void colour_of_an_object(struct report *report)
{
	report_string(report, "mode", "Mode", "enforce");
	report_object(report, "sources", "Sources");
	report_colour(report, REPORT_BAD);
	report_object_end(report);
}

static void test_refuses_calls_that_make_no_report(void **state)
{
	static const struct {
		const char *sentence;
		void (*describe)(struct report *report);
	} cases[] = {
		{"a row that lacks a cell", row_too_short},
		{"a row that lacks a cell, then a field", row_too_short_before_a_field},
		{"a number in a column of strings", number_in_a_string_column},
		{"a string in a column of numbers", string_in_a_number_column},
		{"a cell outside of a table", cell_outside_a_table},
		{"a cell after the table was ended", cell_after_the_table},
		{"a table without columns", table_without_columns},
		{"a string given as a number", string_as_a_value},
		{"two members of one name", same_key_twice},
		{"an object left open", object_left_open},
		{"an object ended twice", object_ended_twice},
		{"a colour for nothing", colour_of_nothing},
		{"a colour for an object", colour_of_an_object},
	};

	for (enum report_format format = REPORT_TEXT; format <= REPORT_CSV; format++) {
		struct report_options options = {.format = format};

		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			_cleanup_free_ char *text = NULL;

			if (report_into_memory(&options, cases[i].describe, &text) != -EINVAL)
				fail_msg("accepted: %s", cases[i].sentence);
			if (*text)
				fail_msg("%s, but \"%s\" was written", cases[i].sentence, text);
		}
	}
}

static void test_returns_what_writing_failed_of(void **state)
{
	static const struct report_options options = {.format = REPORT_JSON};
	FILE *full = fopen("/dev/full", "w");
	struct report *report = report_begin(full, &options);

	assert_int_equal(report_end(&report), -ENOSPC);
	assert_null(report);
	fclose(full);
}

static void test_drops_what_is_not_to_be_written(void **state)
{
	static const struct report_options options = {.format = REPORT_JSON};
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct report *report = report_begin(out, &options);

	string_in_an_object(report);
	report_free(&report);
	assert_null(report);
	report_free(&report);
	fclose(out);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_calls_that_make_no_report),
		cmocka_unit_test(test_returns_what_writing_failed_of),
		cmocka_unit_test(test_drops_what_is_not_to_be_written),
	};

	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
