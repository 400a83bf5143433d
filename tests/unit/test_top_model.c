/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cmd/top_model.h"
#include "cmd/top_reader.h"

#define S 1000000000ull
#define WOULD GUARD_REASON_COUNT

static struct top_model model;

/* With rules a and b, in slots 3 and 5. */
static struct top_reading reading_at(uint64_t time_ns)
{
	static const struct guard_rule_count none;
	struct top_reading reading = {
		.time_ns = time_ns,
		.guard = 1,
		.policy = strdup("edge.yaml"),
		.rules = calloc(2, sizeof(struct top_rule)),
		.n_rules = 2,
	};

	reading.rules[0] = (struct top_rule){strdup("a"), 3, none};
	reading.rules[1] = (struct top_rule){strdup("b"), 5, none};
	return reading;
}

static void take(struct top_reading reading)
{
	assert_int_equal(top_model_take(&model, &reading), 0);
	assert_int_equal(reading.n_rules, 0); /* it is the model's now */
}

static int release(void **state)
{
	top_model_release(&model);
	return 0;
}

static void the_first_reading_has_totals_and_no_rates(void **state)
{
	struct top_reading first = reading_at(5 * S);

	first.outcomes[GUARD_PASS_RULE] = (struct guard_count){10, 1000};
	first.outcomes[GUARD_DROP_RATE] = (struct guard_count){7, 700};
	take(first);
	assert_false(model.has_rates);
	assert_int_equal(model.n_history, 0);
	assert_int_equal(model.series[TOP_PASSED].total, 10);
	assert_int_equal(model.series[TOP_DROPPED].total, 7);
	assert_int_equal(model.series[TOP_TRAFFIC].total, 8 * 1700);
	assert_int_equal(model.series[TOP_PASSED].rate, 0);
}

static void rates_are_of_the_time_that_has_passed(void **state)
{
	struct top_reading next = reading_at(5 * S + S / 2);

	take(reading_at(5 * S));
	next.outcomes[GUARD_PASS_LIMIT] = (struct guard_count){10, 1000};
	next.outcomes[GUARD_DROP_RATE] = (struct guard_count){7, 700};
	next.outcomes[WOULD + GUARD_DROP_RULE] = (struct guard_count){3, 300};
	next.admission.held = 50;
	next.admission.admitted = 20;
	take(next);
	assert_true(model.has_rates);
	assert_int_equal(model.series[TOP_PASSED].rate, 2 * 13); /* monitor mode passes */
	assert_int_equal(model.series[TOP_DROPPED].rate, 2 * 7);
	assert_int_equal(model.series[TOP_TRAFFIC].rate, 2 * 8 * 2000);
	assert_int_equal(model.would_drop.rate, 6);
	assert_int_equal(model.reasons[GUARD_DROP_RULE].rate, 6);
	assert_int_equal(model.reasons[GUARD_DROP_RATE].rate, 14);
	assert_int_equal(model.held.rate, 100);
	assert_int_equal(model.admitted.rate, 40);
}

static void counters_that_were_zeroed_begin_anew(void **state)
{
	struct top_reading before = reading_at(5 * S), after = reading_at(6 * S);

	before.outcomes[GUARD_PASS_RULE].packets = 1000000;
	after.outcomes[GUARD_PASS_RULE].packets = 4;
	take(before);
	take(after);
	assert_int_equal(model.series[TOP_PASSED].rate, 4);
}

static void another_guard_is_not_compared_with(void **state)
{
	struct top_reading after = reading_at(6 * S);

	take(reading_at(5 * S));
	after.guard = 2;
	after.outcomes[GUARD_PASS_RULE].packets = 1000000;
	take(after);
	assert_false(model.has_rates);
	assert_int_equal(model.series[TOP_PASSED].rate, 0);
}

static void rules_stand_by_what_they_drop_now(void **state)
{
	struct top_reading before = reading_at(5 * S), after = reading_at(6 * S);

	before.rules[0].count.dropped.packets = 900;
	after.rules[0].count.dropped.packets = 901;
	after.rules[1].count.would_drop.packets = 2;
	take(before);
	assert_int_equal(model.worst_rules[0], 0);
	take(after);
	assert_int_equal(model.rules[0].rate, 1);
	assert_int_equal(model.rules[0].total, 901);
	assert_int_equal(model.rules[1].rate, 2);
	assert_int_equal(model.worst_rules[0], 1);
	assert_int_equal(model.worst_rules[1], 0);
}

/* A rule that is new, or has another's slot, has dropped all of its packets since. */
static void rules_of_another_policy_are_not_compared_with(void **state)
{
	struct top_reading before = reading_at(5 * S), after = reading_at(6 * S);

	before.rules[1].count.dropped.packets = 5;
	free(after.rules[0].name);
	free(after.rules[1].name);
	after.rules[0] = (struct top_rule){strdup("b"), 5, {.dropped.packets = 9}};
	after.rules[1] = (struct top_rule){strdup("c"), 3, {.dropped.packets = 8}};
	take(before);
	take(after);
	assert_int_equal(model.rules[0].rate, 4);
	assert_int_equal(model.rules[1].rate, 8);
}

static void history_has_the_newest_first_and_forgets_the_oldest(void **state)
{
	take(reading_at(S));
	for (unsigned i = 1; i <= TOP_HISTORY + 10; i++) {
		struct top_reading next = reading_at((i + 1) * S);

		next.outcomes[GUARD_DROP_RULE].packets = i * (i + 1) / 2;
		take(next);
	}
	assert_int_equal(model.n_history, TOP_HISTORY);
	assert_int_equal(model.history[TOP_DROPPED][0], TOP_HISTORY + 10);
	assert_int_equal(model.history[TOP_DROPPED][1], TOP_HISTORY + 9);
	assert_int_equal(model.history[TOP_DROPPED][TOP_HISTORY - 1], 11);
}

static void a_guard_may_go_and_come_back(void **state)
{
	take(reading_at(S));
	take(reading_at(2 * S));
	top_model_lose(&model, "no guard");
	assert_string_equal(model.trouble, "no guard");
	assert_int_equal(model.reading.time_ns, 0);
	take(reading_at(3 * S));
	assert_string_equal(model.trouble, "");
	assert_false(model.has_rates);
	take(reading_at(4 * S));
	assert_true(model.has_rates);
}

/* At most a tenth of the time is spent reading. */
static void dear_readings_come_less_often(void **state)
{
	assert_int_equal(top_reader_period(S, 0), S);
	assert_int_equal(top_reader_period(S, S / 10), S);
	assert_int_equal(top_reader_period(S, S / 10 + 1), 2 * S);
	assert_int_equal(top_reader_period(S, S), 10 * S);
	assert_int_equal(top_reader_period(S / 10, S / 2), 5 * S);
	assert_int_equal(top_reader_period(60 * S, S), 60 * S);
}

#define MODEL_TEST(name) cmocka_unit_test_teardown(name, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(the_first_reading_has_totals_and_no_rates),
		MODEL_TEST(rates_are_of_the_time_that_has_passed),
		MODEL_TEST(counters_that_were_zeroed_begin_anew),
		MODEL_TEST(another_guard_is_not_compared_with),
		MODEL_TEST(rules_stand_by_what_they_drop_now),
		MODEL_TEST(rules_of_another_policy_are_not_compared_with),
		MODEL_TEST(history_has_the_newest_first_and_forgets_the_oldest),
		MODEL_TEST(a_guard_may_go_and_come_back),
		MODEL_TEST(dear_readings_come_less_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
