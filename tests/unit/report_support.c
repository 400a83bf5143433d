/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_support.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

int report_into_memory(const struct report_options *options, describe_function describe,
		       char **ret_text)
{
	size_t length;
	FILE *out = open_memstream(ret_text, &length);
	struct report *report = report_begin(out, options);
	int r;

	assert_non_null(report);
	describe(report);
	r = report_end(&report);
	assert_null(report);
	fclose(out);
	return r;
}

void check_report(const char *sentence, const struct report_options *options,
		  describe_function describe, const char *expect)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(report_into_memory(options, describe, &text), 0);
	if (strcmp(text, expect) != 0)
		fail_msg("%s: expected\n%s\ngot\n%s", sentence, expect, text);
}

void check_reports(const struct report_case *cases, size_t n_cases)
{
	struct report_options options = {.now_ns = NOW};

	for (size_t i = 0; i < n_cases; i++) {
		options.format = REPORT_TEXT;
		check_report(cases[i].sentence, &options, cases[i].describe, cases[i].text);
		options.format = REPORT_JSON;
		check_report(cases[i].sentence, &options, cases[i].describe, cases[i].json);
		options.format = REPORT_CSV;
		check_report(cases[i].sentence, &options, cases[i].describe, cases[i].csv);
	}
}

int use_utf8(void **state)
{
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}
