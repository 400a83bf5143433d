/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/exposition.h"

static void check(bool is_openmetrics, const char *expected)
{
	const struct exposition_label labels[] = {{"rule", "a \"b\" \\ c\nd"}, {"by", "\xff"}};
	_cleanup_free_ char *text = NULL;
	size_t size;
	struct exposition e = {
		.out = open_memstream(&text, &size),
		.is_openmetrics = is_openmetrics,
	};

	exposition_family(&e, EXPOSITION_COUNTER, "x_packets", "packets", "Packets.");
	exposition_sample(&e, labels, 1, UINT64_MAX);
	exposition_family(&e, EXPOSITION_INFO, "x_build", NULL, "The build.");
	exposition_sample(&e, labels + 1, 1, 1);
	exposition_family(&e, EXPOSITION_GAUGE, "x_time_seconds", "seconds", "A time.");
	exposition_seconds(&e, NULL, 0, 1500000000);
	exposition_end(&e);
	fclose(e.out);
	assert_string_equal(text, expected);
}

static void counters_end_in_total(void **state)
{
	check(false, "# HELP x_packets_total Packets.\n"
		     "# TYPE x_packets_total counter\n"
		     "x_packets_total{rule=\"a \\\"b\\\" \\\\ c\\nd\"} 18446744073709551615\n"
		     "# HELP x_build_info The build.\n"
		     "# TYPE x_build_info gauge\n"
		     "x_build_info{by=\"\xef\xbf\xbd\"} 1\n"
		     "# HELP x_time_seconds A time.\n"
		     "# TYPE x_time_seconds gauge\n"
		     "x_time_seconds 1.5\n");
}

static void openmetrics_names_families_without_suffix(void **state)
{
	check(true, "# HELP x_packets Packets.\n"
		    "# TYPE x_packets counter\n"
		    "# UNIT x_packets packets\n"
		    "x_packets_total{rule=\"a \\\"b\\\" \\\\ c\\nd\"} 18446744073709551615\n"
		    "# HELP x_build The build.\n"
		    "# TYPE x_build info\n"
		    "x_build_info{by=\"\xef\xbf\xbd\"} 1\n"
		    "# HELP x_time_seconds A time.\n"
		    "# TYPE x_time_seconds gauge\n"
		    "# UNIT x_time_seconds seconds\n"
		    "x_time_seconds 1.5\n"
		    "# EOF\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_end_in_total),
		cmocka_unit_test(openmetrics_names_families_without_suffix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
