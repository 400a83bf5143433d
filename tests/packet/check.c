/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <sched.h>
#include <string.h>

#include "guard/read.h"

void check_skip(const struct CMUnitTest *tests, size_t n_tests, const char *why)
{
	printf("1..%zu\n", n_tests);
	for (size_t i = 0; i < n_tests; i++)
		printf("ok %zu - %s # SKIP %s\n", i + 1, tests[i].name, why);
}

bool check_must_skip(const struct CMUnitTest *tests, size_t n_tests)
{
	struct why why = {};

	if (fixture_can_run(&why) == 0)
		return false;
	check_skip(tests, n_tests, why.text);
	return true;
}

void check_sent(struct fixture *fixture, const char *title, const struct frame *frame,
		const char *expected)
{
	struct outcome outcome = fixture_send(fixture, frame->bytes, frame->size);
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s%s", outcome.is_monitored ? "would:" : "",
		 reason_name(outcome.reason), outcome.rule ? " " : "", outcome.rule ?: "");
	if (strcmp(text, expected) != 0)
		fail_msg("%s: expected \"%s\", but it was \"%s\"", title, expected, text);
}

void check_frame(struct fixture *fixture, const char *title, const struct layer *layers,
		 const char *expected)
{
	struct frame frame = frame_of(layers);

	check_sent(fixture, title, &frame, expected);
}

void check_cases(struct fixture *fixture, const struct check_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++)
		check_frame(fixture, cases[i].title, cases[i].frame, cases[i].expect);
}

void check_stay_on_one_cpu(void)
{
	cpu_set_t allowed, one;

	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		fail_msg("sched_getaffinity");
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
		if (CPU_ISSET(cpu, &allowed))
			CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		fail_msg("sched_setaffinity");
}
