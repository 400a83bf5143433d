/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of reports share: write one into memory and compare it byte by byte. */
#pragma once

#include "render/report.h"

#define SECOND UINT64_C(1000000000)
#define NOW (UINT64_C(1700000000) * SECOND) /* 2023-11-14T22:13:20Z */

typedef void (*describe_function)(struct report *report);

/* The same calls in the three formats, at NOW. */
struct report_case {
	const char *sentence;
	describe_function describe;
	const char *text, *json, *csv;
};

/* Returns what report_end did; *ret_text is what was written, for the caller to free. */
int report_into_memory(const struct report_options *options, describe_function describe,
		       char **ret_text);
void check_report(const char *sentence, const struct report_options *options,
		  describe_function describe, const char *expect);
void check_reports(const struct report_case *cases, size_t n_cases);

/* Group setup: text in tests is UTF-8 whatever the environment says. */
int use_utf8(void **state);
