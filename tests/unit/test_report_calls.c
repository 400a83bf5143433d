/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a report is put together: nesting, options, terminals. */
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report_support.h"

static const struct report_column columns[] = {
	{"name", "NAME", REPORT_STRING},
	{"packets", "PACKETS", REPORT_COUNT},
};

static void describe_host(struct report *report)
{
	report_value(report, "schema", NULL, REPORT_NUMBER, 1);
	report_string(report, NULL, "Guard", "edge");
	report_object(report, "sources", NULL);
	report_value(report, "tracked", "Sources tracked", REPORT_COUNT, 12);
	report_object_end(report);
	report_string(report, "mode", "Mode", "enforce");
	report_line(report, "%d interface, %s:", 1, "eth0");
	report_line(report, "all is well");
	report_object(report, "eth0", "Interface eth0");
	report_string(report, "attach", "Attached", "native");
	report_object(report, "totals", "Totals");
	report_value(report, "passed", "Passed", REPORT_COUNT, 5);
	report_object_end(report);
	report_table(report, "reasons", "Reasons", columns, ARRAY_SIZE(columns), NULL);
	report_cell_string(report, "pass");
	report_cell(report, 5);
	report_object_end(report);
	report_object(report, NULL, "For people");
	report_string(report, "hint", "Hint", "try --json");
	report_object_end(report);
	report_string(report, "end", "End", "here");
}

static void test_nests_and_separates(void **state)
{
	static const struct report_options text = {.format = REPORT_TEXT};
	static const struct report_options json = {.format = REPORT_JSON};
	static const struct report_options csv = {.format = REPORT_CSV};

	check_report("text", &text, describe_host,
		     "Guard:           edge\n"
		     "Sources tracked: 12\n"
		     "Mode:            enforce\n"
		     "\n"
		     "1 interface, eth0:\n"
		     "all is well\n"
		     "\n"
		     "Interface eth0\n"
		     "  Attached: native\n"
		     "\n"
		     "  Totals\n"
		     "    Passed: 5\n"
		     "\n"
		     "  Reasons\n"
		     "  NAME  PACKETS\n"
		     "  pass        5\n"
		     "\n"
		     "For people\n"
		     "  Hint: try --json\n"
		     "\n"
		     "End: here\n");
	check_report("json", &json, describe_host,
		     "{\n"
		     "  \"schema\": 1,\n"
		     "  \"sources\": {\n"
		     "    \"tracked\": 12\n"
		     "  },\n"
		     "  \"mode\": \"enforce\",\n"
		     "  \"eth0\": {\n"
		     "    \"attach\": \"native\",\n"
		     "    \"totals\": {\n"
		     "      \"passed\": 5\n"
		     "    },\n"
		     "    \"reasons\": [\n"
		     "      { \"name\": \"pass\", \"packets\": 5 }\n"
		     "    ]\n"
		     "  },\n"
		     "  \"end\": \"here\"\n"
		     "}\n");
	check_report("csv", &csv, describe_host,
		     "name,packets\n"
		     "pass,5\n");
}

static void test_one_line_is_one_line(void **state)
{
	static const struct report_options options = {.format = REPORT_JSON, .one_line = true};

	check_report(
		"options", &options, describe_host,
		"{ \"schema\": 1, \"sources\": { \"tracked\": 12 }, \"mode\": \"enforce\", "
		"\"eth0\": { \"attach\": \"native\", \"totals\": { \"passed\": 5 }, "
		"\"reasons\": [ { \"name\": \"pass\", \"packets\": 5 } ] }, \"end\": \"here\" }\n");
}

static void describe_in_colour(struct report *report)
{
	report_string(report, "mode", "Mode", "enforce");
	report_colour(report, REPORT_GOOD);
	report_value(report, "drops", "Drops", REPORT_COUNT, 7);
	report_line(report, "beware");
	report_colour(report, REPORT_WARN);
	report_table(report, "rules", "Rules", columns, ARRAY_SIZE(columns), NULL);
	report_cell_string(report, "dns");
	report_colour(report, REPORT_DIM);
	report_cell(report, 5);
	report_colour(report, REPORT_BAD);
	report_cell_string(report, "web");
	report_colour(report, REPORT_PLAIN);
	report_cell_none(report);
	report_colour(report, REPORT_DIM);
}

static void test_colours_only_text_and_only_when_told(void **state)
{
	static const struct report_options coloured = {.format = REPORT_TEXT, .colour = true};
	static const struct report_options plain = {.format = REPORT_TEXT};
	static const struct report_options json = {.format = REPORT_JSON, .colour = true};
	static const struct report_options csv = {.format = REPORT_CSV, .colour = true};

	check_report("coloured", &coloured, describe_in_colour,
		     "Mode:  \033[32menforce\033[0m\n"
		     "Drops: 7\n"
		     "\n"
		     "\033[33mbeware\033[0m\n"
		     "\n"
		     "\033[1mRules\033[0m\n"
		     "NAME  PACKETS\n"
		     "\033[2mdns \033[0m  \033[31m      5\033[0m\n"
		     "web   \033[2m      -\033[0m\n");
	check_report("plain", &plain, describe_in_colour,
		     "Mode:  enforce\n"
		     "Drops: 7\n"
		     "\n"
		     "beware\n"
		     "\n"
		     "Rules\n"
		     "NAME  PACKETS\n"
		     "dns         5\n"
		     "web         -\n");
	check_report("json", &json, describe_in_colour,
		     "{\n"
		     "  \"mode\": \"enforce\",\n"
		     "  \"drops\": 7,\n"
		     "  \"rules\": [\n"
		     "    { \"name\": \"dns\", \"packets\": 5 },\n"
		     "    { \"name\": \"web\", \"packets\": null }\n"
		     "  ]\n"
		     "}\n");
	check_report("csv", &csv, describe_in_colour,
		     "name,packets\n"
		     "dns,5\n"
		     "web,\n");
}

static void describe_an_hour_ago(struct report *report)
{
	uint64_t seconds = (uint64_t)time(NULL);

	report_value(report, "seen", "Seen", REPORT_TIME, (seconds - 3600) * SECOND);
}

static void test_asks_the_clock_when_not_told(void **state)
{
	static const struct report_options options = {.format = REPORT_TEXT};
	_cleanup_free_ char *text = NULL;

	assert_int_equal(report_into_memory(&options, describe_an_hour_ago, &text), 0);
	assert_memory_equal(text, "Seen: 1h", strlen("Seen: 1h"));
}

#define LONG_NOTE \
	"a note that is longer than the line of a terminal, and longer than the eighty " \
	"characters that are the custom where no width is known"

static void describe_wide_table(struct report *report)
{
	static const struct report_column wide[] = {
		{"packets", "PACKETS", REPORT_COUNT},
		{"note", "NOTE", REPORT_STRING},
	};

	report_object(report, "o", "Object");
	report_string(report, "note", "Note", LONG_NOTE);
	report_table(report, "notes", NULL, wide, ARRAY_SIZE(wide), NULL);
	report_cell(report, 5);
	report_cell_string(report, LONG_NOTE);
	report_object_end(report);
}

static void test_cuts_the_last_column_to_a_terminal(void **state)
{
	static const struct report_options options = {.format = REPORT_TEXT};
	struct winsize size = {.ws_col = 30, .ws_row = 10};
	struct termios raw = {};
	struct report *report;
	int master, slave;
	char text[512] = {};
	size_t length = 0;
	ssize_t more;
	FILE *out;

	cfmakeraw(&raw);
	assert_int_equal(openpty(&master, &slave, NULL, &raw, &size), 0);
	out = fdopen(slave, "w");
	report = report_begin(out, &options);
	describe_wide_table(report);
	assert_int_equal(report_end(&report), 0);
	fclose(out);
	/* What was written comes in pieces, and then an error. */
	while ((more = read(master, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)more;
	assert_string_equal(text, "Object\n"
				  "  Note: " LONG_NOTE "\n"
				  "\n"
				  "  PACKETS  NOTE\n"
				  "        5  a note that is long\n");
	close(master);
}

static void test_cuts_nothing_without_a_terminal(void **state)
{
	static const struct report_options options = {.format = REPORT_TEXT};

	check_report("options", &options, describe_wide_table,
		     "Object\n"
		     "  Note: " LONG_NOTE "\n"
		     "\n"
		     "  PACKETS  NOTE\n"
		     "        5  " LONG_NOTE "\n");
}

static void describe_long_table(struct report *report)
{
	static const struct report_column number[] = {{"n", "N", REPORT_NUMBER}};

	report_table(report, "numbers", NULL, number, ARRAY_SIZE(number), NULL);
	for (uint64_t i = 0; i < 1000; i++)
		report_cell(report, i);
}

static void test_keeps_every_row_of_a_long_table(void **state)
{
	static const struct report_options csv = {.format = REPORT_CSV};
	_cleanup_free_ char *expect = NULL;
	size_t length;
	FILE *lines = open_memstream(&expect, &length);

	fprintf(lines, "n\n");
	for (int i = 0; i < 1000; i++)
		fprintf(lines, "%d\n", i);
	fclose(lines);
	check_report("csv", &csv, describe_long_table, expect);
}

static void describe_one_key_in_two_objects(struct report *report)
{
	report_value(report, "n", NULL, REPORT_NUMBER, 1);
	report_object(report, "o", NULL);
	report_value(report, "n", NULL, REPORT_NUMBER, 2);
	report_object_end(report);
}

static void test_a_key_is_unique_in_its_object_only(void **state)
{
	static const struct report_options json = {.format = REPORT_JSON, .one_line = true};

	check_report("json", &json, describe_one_key_in_two_objects,
		     "{ \"n\": 1, \"o\": { \"n\": 2 } }\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nests_and_separates),
		cmocka_unit_test(test_one_line_is_one_line),
		cmocka_unit_test(test_colours_only_text_and_only_when_told),
		cmocka_unit_test(test_asks_the_clock_when_not_told),
		cmocka_unit_test(test_cuts_the_last_column_to_a_terminal),
		cmocka_unit_test(test_cuts_nothing_without_a_terminal),
		cmocka_unit_test(test_keeps_every_row_of_a_long_table),
		cmocka_unit_test(test_a_key_is_unique_in_its_object_only),
	};

	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
