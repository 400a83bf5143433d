/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What values look like: the same calls as text, JSON and CSV, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "report_support.h"

static const struct report_column all_types[] = {
	{"name", "NAME", REPORT_STRING},       {"packets", "PACKETS", REPORT_COUNT},
	{"bytes", "BYTES", REPORT_BYTES},      {"rate", "RATE", REPORT_RATE},
	{"bandwidth", "BW", REPORT_BANDWIDTH}, {"id", "ID", REPORT_NUMBER},
	{"block", "BLOCK", REPORT_DURATION},   {"seen", "SEEN", REPORT_TIME},
	{"blocked", "BLOCKED", REPORT_BOOL},
};

#define ALL_TYPES_HEADER "name,packets,bytes,rate,bandwidth,id,block,seen,blocked\n"

static const struct report_column name_and_count[] = {
	{"name", "NAME", REPORT_STRING},
	{"packets", "PACKETS", REPORT_COUNT},
};

static void nothing(struct report *report)
{
}

static void field_of_every_type(struct report *report)
{
	report_string(report, "policy", "Policy", "edge.yaml");
	report_value(report, "packets", "Packets", REPORT_COUNT, 1234567);
	report_value(report, "bytes", "Bytes", REPORT_BYTES, 1500000000);
	report_value(report, "rate", "Rate", REPORT_RATE, 1200);
	report_value(report, "bandwidth", "Bandwidth", REPORT_BANDWIDTH, 10000000);
	report_value(report, "id", "Program", REPORT_NUMBER, 1234567);
	report_value(report, "block", "Block", REPORT_DURATION, 603 * SECOND + SECOND / 2);
	report_value(report, "seen", "Seen", REPORT_TIME, NOW - 3 * SECOND);
	report_value(report, "until", "Until", REPORT_TIME, NOW + 540 * SECOND + SECOND / 4);
	report_value(report, "native", "Native", REPORT_BOOL, 1);
	report_value(report, "offload", "Offload", REPORT_BOOL, 0);
}

static void field_without_value(struct report *report)
{
	report_string(report, "policy", "Policy", NULL);
	report_string(report, "comment", "Comment", "");
	report_value(report, "seen", "Seen", REPORT_TIME, 0);
	report_value(report, "drops", "Drops", REPORT_COUNT, 0);
}

static void largest_numbers(struct report *report)
{
	report_value(report, "packets", "Packets", REPORT_COUNT, UINT64_MAX);
	report_value(report, "bytes", "Bytes", REPORT_BYTES, UINT64_MAX);
	report_value(report, "rate", "Rate", REPORT_RATE, UINT64_MAX);
	report_value(report, "bandwidth", "Bandwidth", REPORT_BANDWIDTH, UINT64_MAX);
	report_value(report, "id", "Program", REPORT_NUMBER, UINT64_MAX);
	report_value(report, "block", "Block", REPORT_DURATION, UINT64_MAX);
	report_value(report, "seen", "Seen", REPORT_TIME, UINT64_MAX);
	report_value(report, "native", "Native", REPORT_BOOL, UINT64_MAX);
}

static void test_fields(void **state)
{
	static const struct report_case cases[] = {
		{"an empty report", nothing, "", "{}\n", ""},
		{"a field of every type", field_of_every_type,
		 "Policy:    edge.yaml\n"
		 "Packets:   1.23M\n"
		 "Bytes:     1.5 GB\n"
		 "Rate:      1.2k/s\n"
		 "Bandwidth: 10 Mbit/s\n"
		 "Program:   1234567\n"
		 "Block:     10m 3s\n"
		 "Seen:      3s ago\n"
		 "Until:     in 9m\n"
		 "Native:    yes\n"
		 "Offload:   no\n",
		 "{\n"
		 "  \"policy\": \"edge.yaml\",\n"
		 "  \"packets\": 1234567,\n"
		 "  \"bytes\": 1500000000,\n"
		 "  \"rate\": 1200,\n"
		 "  \"bandwidth\": 10000000,\n"
		 "  \"id\": 1234567,\n"
		 "  \"block\": 603.5,\n"
		 "  \"seen\": \"2023-11-14T22:13:17.000Z\",\n"
		 "  \"until\": \"2023-11-14T22:22:20.250Z\",\n"
		 "  \"native\": true,\n"
		 "  \"offload\": false\n"
		 "}\n",
		 ""},
		{"no value is not an empty one, nor zero", field_without_value,
		 "Policy:  -\n"
		 "Comment: \n"
		 "Seen:    -\n"
		 "Drops:   0\n",
		 "{\n"
		 "  \"policy\": null,\n"
		 "  \"comment\": \"\",\n"
		 "  \"seen\": null,\n"
		 "  \"drops\": 0\n"
		 "}\n",
		 ""},
		{"the largest numbers are exact in JSON", largest_numbers,
		 "Packets:   18.4E\n"
		 "Bytes:     18.4 EB\n"
		 "Rate:      18.4E/s\n"
		 "Bandwidth: 18.4 Ebit/s\n"
		 "Program:   18446744073709551615\n"
		 "Block:     213503d 23h\n"
		 "Seen:      in 193828d 1h\n"
		 "Native:    yes\n",
		 "{\n"
		 "  \"packets\": 18446744073709551615,\n"
		 "  \"bytes\": 18446744073709551615,\n"
		 "  \"rate\": 18446744073709551615,\n"
		 "  \"bandwidth\": 18446744073709551615,\n"
		 "  \"id\": 18446744073709551615,\n"
		 "  \"block\": 18446744073.709551615,\n"
		 "  \"seen\": \"2554-07-21T23:34:33.709Z\",\n"
		 "  \"native\": true\n"
		 "}\n",
		 ""},
	};

	check_reports(cases, ARRAY_SIZE(cases));
}

static void table_of_every_type(struct report *report)
{
	static const uint64_t numbers[2][8] = {
		{12, 999, 5, 800, 7, SECOND / 1000, NOW - 86400 * SECOND, 1},
		{UINT64_MAX, 1500000, 2000000, 25000000000, 1024, 90 * SECOND, NOW + SECOND, 0},
	};

	report_table(report, "sources", "Sources", all_types, ARRAY_SIZE(all_types), "none");
	report_cell_string(report, "192.0.2.1");
	for (size_t i = 0; i < ARRAY_SIZE(numbers[0]); i++)
		report_cell(report, numbers[0][i]);
	report_cell_string(report, "2001:db8::/64");
	for (size_t i = 0; i < ARRAY_SIZE(numbers[1]); i++)
		report_cell(report, numbers[1][i]);
	report_cell_string(report, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(numbers[0]); i++)
		report_cell_none(report);
}

static void empty_tables(struct report *report)
{
	report_table(report, "rules", "Rules", name_and_count, 2, "No rules.");
	report_table(report, "blocks", NULL, name_and_count, 2, "No blocks.");
	report_table(report, "quiet", "Quiet", name_and_count, 2, NULL);
}

static void columns_left_out(struct report *report)
{
	static const struct report_column columns[] = {
		{"exact", NULL, REPORT_NUMBER},
		{NULL, "SHOWN", REPORT_COUNT},
		{"name", "NAME", REPORT_STRING},
	};
	static const struct report_column untitled[] = {{"n", NULL, REPORT_NUMBER}};

	report_table(report, "rules", NULL, columns, 3, NULL);
	report_cell(report, 1001);
	report_cell(report, 1001);
	report_cell_string(report, "dns");
	report_table(report, NULL, NULL, name_and_count, 2, NULL);
	report_cell_string(report, "text only");
	report_cell(report, 1);
	report_table(report, "untitled", "Untitled", untitled, 1, "none");
	report_cell(report, 7);
}

static void test_tables(void **state)
{
	static const struct report_case cases[] = {
		{"a column of every type, the last row without values", table_of_every_type,
		 "Sources\n"
		 "NAME           PACKETS   BYTES  RATE         BW    ID   BLOCK    SEEN  BLOCKED\n"
		 "192.0.2.1           12   999 B   5/s  800 bit/s     7     1ms  1d ago  yes\n"
		 "2001:db8::/64    18.4E  1.5 MB  2M/s  25 Gbit/s  1024  1m 30s   in 1s  no\n"
		 "-                    -       -     -          -     -       -       -  -\n",
		 "{\n"
		 "  \"sources\": [\n"
		 "    { \"name\": \"192.0.2.1\", \"packets\": 12, \"bytes\": 999, \"rate\": 5, "
		 "\"bandwidth\": 800, \"id\": 7, \"block\": 0.001, "
		 "\"seen\": \"2023-11-13T22:13:20.000Z\", \"blocked\": true },\n"
		 "    { \"name\": \"2001:db8::/64\", \"packets\": 18446744073709551615, "
		 "\"bytes\": 1500000, \"rate\": 2000000, \"bandwidth\": 25000000000, "
		 "\"id\": 1024, \"block\": 90, \"seen\": \"2023-11-14T22:13:21.000Z\", "
		 "\"blocked\": false },\n"
		 "    { \"name\": null, \"packets\": null, \"bytes\": null, \"rate\": null, "
		 "\"bandwidth\": null, \"id\": null, \"block\": null, \"seen\": null, "
		 "\"blocked\": null }\n"
		 "  ]\n"
		 "}\n",
		 ALL_TYPES_HEADER
		 "192.0.2.1,12,999,5,800,7,0.001,2023-11-13T22:13:20.000Z,true\n"
		 "2001:db8::/64,18446744073709551615,1500000,2000000,25000000000,1024,90,"
		 "2023-11-14T22:13:21.000Z,false\n"
		 ",,,,,,,,\n"},
		{"empty tables are told, or not, but always arrays", empty_tables,
		 "Rules\n"
		 "No rules.\n"
		 "\n"
		 "No blocks.\n",
		 "{\n"
		 "  \"rules\": [],\n"
		 "  \"blocks\": [],\n"
		 "  \"quiet\": []\n"
		 "}\n",
		 "name,packets\n"
		 "\n"
		 "name,packets\n"
		 "\n"
		 "name,packets\n"},
		{"columns and tables without a title or key", columns_left_out,
		 "SHOWN  NAME\n"
		 "   1k  dns\n"
		 "\n"
		 "NAME       PACKETS\n"
		 "text only        1\n",
		 "{\n"
		 "  \"rules\": [\n"
		 "    { \"exact\": 1001, \"name\": \"dns\" }\n"
		 "  ],\n"
		 "  \"untitled\": [\n"
		 "    { \"n\": 7 }\n"
		 "  ]\n"
		 "}\n",
		 "exact,name\n"
		 "1001,dns\n"
		 "\n"
		 "n\n"
		 "7\n"},
	};

	check_reports(cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
