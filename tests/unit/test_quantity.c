/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"

#define SECOND 1000000000ull
#define DAY (24 * 3600 * SECOND)

struct quantity_case {
	const char *text;
	int result;
	uint64_t value;
	uint64_t period_ns;
	const char *formatted; /* NULL: as text */
};

static const struct quantity_case rates[] = {
	{"500/s", 0, 500, SECOND},
	{"2k/m", 0, 2000, 60 * SECOND},
	{"1/h", 0, 1, 3600 * SECOND},
	{"100M/s", 0, 100000000, SECOND},
	{"6000M/m", 0, 6000000000, 60 * SECOND, "100M/s"},
	{"360000M/h", 0, 360000000000, 3600 * SECOND, "100M/s"},
	{"120/m", 0, 120, 60 * SECOND, "2/s"},
	{"120/h", 0, 120, 3600 * SECOND, "2/m"},
	{"100/m", 0, 100, 60 * SECOND},
	{"1000/s", 0, 1000, SECOND, "1k/s"},
	{"0/s", -ERANGE},
	{"101M/s", -ERANGE},
	{"100000001/s", -ERANGE},
	{"6001M/m", -ERANGE},
	{"18446744073709551616/s", -ERANGE},
	{"18446744073709551615M/s", -ERANGE},
	{"", -EINVAL},
	{"500", -EINVAL},
	{"/s", -EINVAL},
	{"500/", -EINVAL},
	{"500/d", -EINVAL},
	{"500/sec", -EINVAL},
	{"500 /s", -EINVAL},
	{"500/s ", -EINVAL},
	{" 500/s", -EINVAL},
	{"500pps", -EINVAL},
	{"500G/s", -EINVAL},
	{"500K/s", -EINVAL},
	{"1.5k/s", -EINVAL},
	{"-1/s", -EINVAL},
	{"+1/s", -EINVAL},
	{"010/s", -EINVAL},
	{"0x10/s", -EINVAL},
	{"1e3/s", -EINVAL},
	{"18446744073709551616/x", -EINVAL},
};

static const struct quantity_case bandwidths[] = {
	{"1kbit/s", 0, 1000},
	{"10Mbit/s", 0, 10000000},
	{"400Gbit/s", 0, 400000000000},
	{"1500bit/s", 0, 1500},
	{"500kB/s", 0, 4000000, 0, "4Mbit/s"},
	{"125MB/s", 0, 1000000000, 0, "1Gbit/s"},
	{"50000MB/s", 0, 400000000000, 0, "400Gbit/s"},
	{"1500kbit/s", 0, 1500000},
	{"999bit/s", -ERANGE},
	{"0Mbit/s", -ERANGE},
	{"401Gbit/s", -ERANGE},
	{"50001MB/s", -ERANGE},
	{"18446744073709551615Gbit/s", -ERANGE},
	{"", -EINVAL},
	{"10", -EINVAL},
	{"10Mbit", -EINVAL},
	{"10Mbps", -EINVAL},
	{"10 Mbit/s", -EINVAL},
	{"10mbit/s", -EINVAL},
	{"10kMbit/s", -EINVAL},
	{"1.5Mbit/s", -EINVAL},
	{"Mbit/s", -EINVAL},
	{"010Mbit/s", -EINVAL},
};

static const struct quantity_case durations[] = {
	{"1ms", 0, 1000000},
	{"500ms", 0, 500000000},
	{"90s", 0, 90 * SECOND, 0, "1m30s"},
	{"10m", 0, 600 * SECOND},
	{"1h30m", 0, 5400 * SECOND},
	{"1d", 0, DAY},
	{"1d2h3m4s5ms", 0, DAY + 7384 * SECOND + 5000000},
	{"365d", 0, 365 * DAY},
	{"8760h", 0, 365 * DAY, 0, "365d"},
	{"0s", -ERANGE},
	{"366d", -ERANGE},
	{"365d1ms", -ERANGE},
	{"18446744073709551616ms", -ERANGE},
	{"18446744073709551615d", -ERANGE},
	{"", -EINVAL},
	{"10", -EINVAL},
	{"m", -EINVAL},
	{"10 m", -EINVAL},
	{"10m ", -EINVAL},
	{"30m1h", -EINVAL},
	{"1m1m", -EINVAL},
	{"10min", -EINVAL},
	{"1w", -EINVAL},
	{"10M", -EINVAL},
	{"-10m", -EINVAL},
	{"1.5h", -EINVAL},
	{"010m", -EINVAL},
	{"400d10x", -EINVAL},
};

static const struct quantity_case counts[] = {
	{"0", 0, 0},
	{"1", 0, 1},
	{"999", 0, 999},
	{"1000", 0, 1000, 0, "1k"},
	{"1500", 0, 1500},
	{"64k", 0, 64000},
	{"2M", 0, 2000000},
	{"18446744073709551615", 0, UINT64_MAX},
	{"18446744073709551616", -ERANGE},
	{"18446744073709552M", -ERANGE},
	{"", -EINVAL},
	{"k", -EINVAL},
	{"1kk", -EINVAL},
	{"1G", -EINVAL},
	{"1K", -EINVAL},
	{"1 k", -EINVAL},
	{"-1", -EINVAL},
	{"010", -EINVAL},
	{"0x10", -EINVAL},
	{"99999999999999999999x", -EINVAL},
};

#define UNTOUCHED 4711

static void a_rate_is_read_in_full_or_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		const struct quantity_case *c = &rates[i];
		uint64_t packets = UNTOUCHED, period_ns = UNTOUCHED;
		char text[QUANTITY_TEXT_SIZE];

		assert_int_equal(rate_parse(c->text, &packets, &period_ns), c->result);
		assert_int_equal(packets, c->result ? UNTOUCHED : c->value);
		assert_int_equal(period_ns, c->result ? UNTOUCHED : c->period_ns);
		if (c->result == 0)
			assert_string_equal(rate_format(packets, period_ns, text),
					    c->formatted ? c->formatted : c->text);
	}
}

typedef int parse_function(const char *text, uint64_t *ret_value);
typedef char *format_function(uint64_t value, char text[QUANTITY_TEXT_SIZE]);

static void check(const struct quantity_case *cases, size_t n_cases, parse_function *parse,
		  format_function *format)
{
	for (size_t i = 0; i < n_cases; i++) {
		const struct quantity_case *c = &cases[i];
		char text[QUANTITY_TEXT_SIZE];
		uint64_t value = UNTOUCHED;

		assert_int_equal(parse(c->text, &value), c->result);
		assert_int_equal(value, c->result ? UNTOUCHED : c->value);
		if (c->result == 0)
			assert_string_equal(format(value, text),
					    c->formatted ? c->formatted : c->text);
	}
}

static void a_bandwidth_is_read_in_full_or_refused(void **state)
{
	check(bandwidths, ARRAY_SIZE(bandwidths), bandwidth_parse, bandwidth_format);
}

static void a_duration_is_read_in_full_or_refused(void **state)
{
	check(durations, ARRAY_SIZE(durations), duration_parse, duration_format);
}

static void a_count_is_read_in_full_or_refused(void **state)
{
	check(counts, ARRAY_SIZE(counts), count_parse, count_format);
}

static void any_duration_fits_its_text(void **state)
{
	char text[QUANTITY_TEXT_SIZE];

	assert_string_equal(duration_format(0, text), "0s");
	assert_string_equal(duration_format(999999, text), "0s");
	assert_string_equal(duration_format(UINT64_MAX, text), "213503d23h34m33s709ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_read_in_full_or_refused),
		cmocka_unit_test(a_bandwidth_is_read_in_full_or_refused),
		cmocka_unit_test(a_duration_is_read_in_full_or_refused),
		cmocka_unit_test(a_count_is_read_in_full_or_refused),
		cmocka_unit_test(any_duration_fits_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
