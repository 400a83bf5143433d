/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/units.h"

#define US UINT64_C(1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct number_case {
	const char *sentence;
	char *(*format)(uint64_t value, char text[UNITS_TEXT_SIZE]);
	uint64_t value;
	const char *expect;
};

static void check(const char *sentence, const char *expect, const char *text)
{
	if (strcmp(expect, text) != 0)
		fail_msg("%s: expected \"%s\", got \"%s\"", sentence, expect, text);
}

static void check_all(const struct number_case *cases, size_t n_cases)
{
	char text[UNITS_TEXT_SIZE];

	for (size_t i = 0; i < n_cases; i++)
		check(cases[i].sentence, cases[i].expect, cases[i].format(cases[i].value, text));
}

static void test_numbers_have_three_digits(void **state)
{
	static const struct number_case cases[] = {
		{"zero is shown", units_count, 0, "0"},
		{"what has three digits is exact", units_count, 999, "999"},
		{"from a thousand on it is scaled", units_count, 1000, "1k"},
		{"zeros at the end go", units_count, 1200, "1.2k"},
		{"a zero between digits stays", units_count, 1050, "1.05k"},
		{"two decimals below ten", units_count, 1234567, "1.23M"},
		{"one decimal below a hundred", units_count, 12345678, "12.3M"},
		{"no decimal from a hundred on", units_count, 123456789, "123M"},
		{"half a digit is rounded up", units_count, 1235000, "1.24M"},
		{"less than half is rounded down", units_count, 1234999, "1.23M"},
		{"rounding may add a digit", units_count, 9996, "10k"},
		{"rounding may add two", units_count, 99960, "100k"},
		{"just below the carry", units_count, 999499, "999k"},
		{"rounding may reach the next unit", units_count, 999500, "1M"},
		{"giga", units_count, UINT64_C(3400000000), "3.4G"},
		{"tera", units_count, UINT64_C(1000000000000), "1T"},
		{"peta", units_count, UINT64_C(27500000000000000), "27.5P"},
		{"the largest number fits", units_count, UINT64_MAX, "18.4E"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_numbers_have_their_unit(void **state)
{
	static const struct number_case cases[] = {
		{"bytes", units_bytes, 512, "512 B"},
		{"bytes count in powers of 1000", units_bytes, 1024, "1.02 kB"},
		{"gigabytes", units_bytes, UINT64_C(3400000000), "3.4 GB"},
		{"most bytes", units_bytes, UINT64_MAX, "18.4 EB"},
		{"packets a second", units_rate, 7, "7/s"},
		{"thousands of packets a second", units_rate, 1200, "1.2k/s"},
		{"bits a second", units_bandwidth, 0, "0 bit/s"},
		{"megabits a second", units_bandwidth, 10000000, "10 Mbit/s"},
		{"gigabits a second", units_bandwidth, UINT64_C(400000000000), "400 Gbit/s"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_durations_have_two_units(void **state)
{
	static const struct number_case cases[] = {
		{"no time at all", units_duration, 0, "0s"},
		{"nanoseconds stand alone", units_duration, 1, "1ns"},
		{"microseconds and nanoseconds", units_duration, 999999, "999us 999ns"},
		{"milliseconds", units_duration, 500 * MS, "500ms"},
		{"a second and a half", units_duration, SECOND + 500 * MS, "1s 500ms"},
		{"a unit of none is left out", units_duration, 10 * MINUTE, "10m"},
		{"minutes and seconds", units_duration, 10 * MINUTE + 3 * SECOND, "10m 3s"},
		{"no third unit, cut off", units_duration, 2 * HOUR - 1, "1h 59m"},
		{"only adjacent units", units_duration, DAY + 5 * MINUTE, "1d"},
		{"days and hours", units_duration, 2 * DAY + 3 * HOUR + 4 * MINUTE, "2d 3h"},
		{"the longest", units_duration, UINT64_MAX, "213503d 23h"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_seconds_are_exact(void **state)
{
	static const struct number_case cases[] = {
		{"none", units_seconds, 0, "0"},
		{"whole seconds have no decimals", units_seconds, 600 * SECOND, "600"},
		{"zeros at the end go", units_seconds, 603 * SECOND + 500 * MS, "603.5"},
		{"zeros in front stay", units_seconds, SECOND + 20, "1.00000002"},
		{"a nanosecond", units_seconds, 1, "0.000000001"},
		{"the longest", units_seconds, UINT64_MAX, "18446744073.709551615"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_timestamps_are_rfc_3339(void **state)
{
	static const struct number_case cases[] = {
		{"the beginning", units_timestamp, 0, "1970-01-01T00:00:00.000Z"},
		{"milliseconds are cut off, not rounded", units_timestamp,
		 UINT64_C(1709251199999999999), "2024-02-29T23:59:59.999Z"},
		{"milliseconds keep their zeros", units_timestamp, UINT64_C(1700000000007000000),
		 "2023-11-14T22:13:20.007Z"},
		{"the end", units_timestamp, UINT64_MAX, "2554-07-21T23:34:33.709Z"},
	};

	check_all(cases, ARRAY_SIZE(cases));
}

static void test_ago_is_relative_to_now(void **state)
{
	static const struct {
		const char *sentence;
		uint64_t time_ns, now_ns;
		const char *expect;
	} cases[] = {
		{"the same moment", DAY, DAY, "now"},
		{"less than a second ago", DAY - 999 * MS, DAY, "now"},
		{"in less than a second", DAY + 999 * MS, DAY, "now"},
		{"a second ago", DAY - SECOND, DAY, "1s ago"},
		{"parts of a second are cut off", DAY - 12 * SECOND - 345 * MS, DAY, "12s ago"},
		{"in the future", DAY + 9 * MINUTE, DAY, "in 9m"},
		{"two units", 2 * DAY, 4 * DAY + 3 * HOUR, "2d 3h ago"},
		{"as long ago as can be", 0, UINT64_MAX, "213503d 23h ago"},
		{"as far ahead as can be", UINT64_MAX, 0, "in 213503d 23h"},
	};
	char text[UNITS_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(cases[i].sentence, cases[i].expect,
		      units_ago(cases[i].time_ns, cases[i].now_ns, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_have_three_digits),
		cmocka_unit_test(test_numbers_have_their_unit),
		cmocka_unit_test(test_durations_have_two_units),
		cmocka_unit_test(test_seconds_are_exact),
		cmocka_unit_test(test_timestamps_are_rfc_3339),
		cmocka_unit_test(test_ago_is_relative_to_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
