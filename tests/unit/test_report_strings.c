/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings that others chose: quoted, aligned, and unable to drive a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report_support.h"

static void strings_in(struct report *report, const char *const *strings, size_t n_strings)
{
	static const struct report_column columns[] = {
		{"name", "NAME", REPORT_STRING},
		{"id", "ID", REPORT_NUMBER},
	};

	report_table(report, "strings", NULL, columns, ARRAY_SIZE(columns), NULL);
	for (size_t i = 0; i < n_strings; i++) {
		report_cell_string(report, strings[i]);
		report_cell(report, i);
	}
}

static void quoted_strings(struct report *report)
{
	static const char *const strings[] = {
		"say \"drop\"", "a,b", "two\nlines", "carriage\rreturn", " blanks ", "", "a/b\\c",
	};

	strings_in(report, strings, ARRAY_SIZE(strings));
}

static void utf8_strings(struct report *report)
{
	static const char *const strings[] = {"caf\303\251", "\346\227\245\346\234\254", "abcdef"};

	strings_in(report, strings, ARRAY_SIZE(strings));
}

static void hostile_strings(struct report *report)
{
	static const struct report_column empty[] = {{"name", "NAME", REPORT_STRING}};
	static const char hostile[] = "\033[2J\302\2332J\177\342\200\256\377";

	report_string(report, hostile, hostile, hostile);
	report_line(report, "line %s\n", hostile);
	report_object(report, "object", hostile);
	report_table(report, "table", hostile, empty, ARRAY_SIZE(empty), hostile);
	report_object_end(report);
}

#define HOSTILE_TEXT "\\x1b[2J\\u009b2J\\x7f\\u202e\\xff"
#define HOSTILE_JSON "\"\\u001b[2J\\u009b2J\\u007f\\u202e\357\277\275\""

static void test_strings(void **state)
{
	static const struct report_case cases[] = {
		{"quotes, commas, line ends", quoted_strings,
		 "NAME              ID\n"
		 "say \"drop\"         0\n"
		 "a,b                1\n"
		 "two\\nlines         2\n"
		 "carriage\\rreturn   3\n"
		 " blanks            4\n"
		 "                   5\n"
		 "a/b\\\\c             6\n",
		 "{\n"
		 "  \"strings\": [\n"
		 "    { \"name\": \"say \\\"drop\\\"\", \"id\": 0 },\n"
		 "    { \"name\": \"a,b\", \"id\": 1 },\n"
		 "    { \"name\": \"two\\nlines\", \"id\": 2 },\n"
		 "    { \"name\": \"carriage\\rreturn\", \"id\": 3 },\n"
		 "    { \"name\": \" blanks \", \"id\": 4 },\n"
		 "    { \"name\": \"\", \"id\": 5 },\n"
		 "    { \"name\": \"a/b\\\\c\", \"id\": 6 }\n"
		 "  ]\n"
		 "}\n",
		 "name,id\n"
		 "\"say \"\"drop\"\"\",0\n"
		 "\"a,b\",1\n"
		 "\"two\nlines\",2\n"
		 "\"carriage\rreturn\",3\n"
		 " blanks ,4\n"
		 ",5\n"
		 "a/b\\c,6\n"},
		{"columns are aligned by what is seen, not by bytes", utf8_strings,
		 "NAME    ID\n"
		 "caf\303\251     0\n"
		 "\346\227\245\346\234\254     1\n"
		 "abcdef   2\n",
		 "{\n"
		 "  \"strings\": [\n"
		 "    { \"name\": \"caf\303\251\", \"id\": 0 },\n"
		 "    { \"name\": \"\346\227\245\346\234\254\", \"id\": 1 },\n"
		 "    { \"name\": \"abcdef\", \"id\": 2 }\n"
		 "  ]\n"
		 "}\n",
		 "name,id\n"
		 "caf\303\251,0\n"
		 "\346\227\245\346\234\254,1\n"
		 "abcdef,2\n"},
		{"no string can drive the terminal", hostile_strings,
		 HOSTILE_TEXT ": " HOSTILE_TEXT "\n"
			      "\n"
			      "line " HOSTILE_TEXT "\\n\n"
			      "\n" HOSTILE_TEXT "\n"
			      "  " HOSTILE_TEXT "\n"
			      "  " HOSTILE_TEXT "\n",
		 "{\n"
		 "  " HOSTILE_JSON ": " HOSTILE_JSON ",\n"
		 "  \"object\": {\n"
		 "    \"table\": []\n"
		 "  }\n"
		 "}\n",
		 "name\n"},
	};

	check_reports(cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
