/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every packet test does: run where it can, send frames, compare what became of them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fixture.h"
#include "frame.h"

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull
#define NS_PER_HOUR (3600 * NS_PER_S)
#define NS_PER_DAY (24 * NS_PER_HOUR)

#define START_NS NS_PER_S /* where the clock of a new fixture stands */

#define _cleanup_fixture_ _cleanup_(fixture_free)

/*
 * What main returns: the tests' result, or 0 where XDP programs cannot be loaded and each of them is
 * skipped. (skip() will not do: in TAP, cmocka 1.1.5 calls a skipped test "not ok".)
 */
#define CHECK_RUN(tests) \
	(check_must_skip(tests, ARRAY_SIZE(tests)) ? 0 : cmocka_run_group_tests(tests, NULL, NULL))

/* For what each CPU has a bound of its own of: a process that moves meets two. */
void check_stay_on_one_cpu(void);

bool check_must_skip(const struct CMUnitTest *tests, size_t n_tests);
/* Says in TAP that all of them are skipped, and why. */
void check_skip(const struct CMUnitTest *tests, size_t n_tests, const char *why);

/*
 * Sends a frame and expects "REASON" or "REASON RULE", with "would:" in front where a monitor let it
 * pass: "over-rate web", "would:blocked", "default-pass".
 */
void check_sent(struct fixture *fixture, const char *title, const struct frame *frame,
		const char *expected);
void check_frame(struct fixture *fixture, const char *title, const struct layer *layers,
		 const char *expected);

struct check_case {
	const char *title;
	const struct layer *frame;
	const char *expect;
};

/* check_frame on each, in order. */
void check_cases(struct fixture *fixture, const struct check_case *cases, size_t n_cases);
