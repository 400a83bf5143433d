/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cmd/replay_tally.h"

#define START 1767225600000000000ull
#define MS 1000000ull
#define S (1000 * MS)

static struct replay_tally *new_tally(void)
{
	struct replay_tally *tally = calloc(1, sizeof(*tally));

	assert_non_null(tally);
	return tally;
}

static void free_tally(struct replay_tally *tally)
{
	replay_tally_release(tally);
	free(tally);
}

static struct replay_event event(uint64_t after_ns, uint64_t source)
{
	return (struct replay_event){
		.time_ns = START + after_ns,
		.size = 60,
		.has_source = true,
		.source = {.words = {0, source}},
		.reason = GUARD_PASS_DEFAULT,
		.rule = -1,
	};
}

static void add(struct replay_tally *tally, const struct replay_event *e)
{
	assert_int_equal(replay_tally_add(tally, e), 0);
}

static void drop(struct replay_tally *tally, uint64_t after_ns, uint64_t source, int rule)
{
	struct replay_event e = event(after_ns, source);

	e.is_dropped = true;
	e.reason = rule < 0 ? GUARD_DROP_BLOCKED : GUARD_DROP_RATE;
	e.rule = rule;
	add(tally, &e);
}

static void pass(struct replay_tally *tally, uint64_t after_ns, uint64_t source)
{
	struct replay_event e = event(after_ns, source);

	add(tally, &e);
}

static void a_frame_counts_once_everywhere(void **state)
{
	struct replay_tally *tally = new_tally();
	struct replay_event watched = event(2 * MS, 7);

	watched.is_monitored = true;
	watched.reason = GUARD_DROP_RULE;
	watched.rule = 3;
	pass(tally, 0, 7);
	drop(tally, MS, 7, 3);
	add(tally, &watched);
	assert_int_equal(tally->total.passed.packets, 2);
	assert_int_equal(tally->total.dropped.packets, 1);
	assert_int_equal(tally->total.would_drop.packets, 1);
	assert_int_equal(tally->rules[3].passed.packets, 1);
	assert_int_equal(tally->rules[3].dropped.packets, 1);
	assert_int_equal(tally->rules[3].would_drop.bytes, 60);
	assert_int_equal(tally->outcomes[GUARD_DROP_RATE].packets, 1);
	assert_int_equal(tally->outcomes[GUARD_REASON_COUNT + GUARD_DROP_RULE].packets, 1);
	assert_int_equal(tally->n_sources, 1);
	assert_int_equal(tally->sources[0].counts.passed.bytes, 120);
	free_tally(tally);
}

static void what_dropped_first_is_kept(void **state)
{
	struct replay_tally *tally = new_tally();

	pass(tally, 0, 7);
	drop(tally, S, 7, 2);
	drop(tally, 2 * S, 7, -1);
	assert_int_equal(tally->sources[0].first_ns, START);
	assert_int_equal(tally->sources[0].first_drop_ns, START + S);
	assert_int_equal(tally->sources[0].last_drop_ns, START + 2 * S);
	assert_int_equal(tally->sources[0].first_drop_rule, 2);
	assert_int_equal(tally->sources[0].first_drop_reason, GUARD_DROP_RATE);
	free_tally(tally);
}

static void a_drop_at_the_beginning_of_time_is_one(void **state)
{
	struct replay_tally *tally = new_tally();
	struct replay_event e = event(-START, 7);

	e.is_dropped = true;
	e.reason = GUARD_DROP_RULE;
	e.rule = 3;
	add(tally, &e);
	drop(tally, 0, 7, 4);
	assert_true(replay_source_lost(&tally->sources[0]));
	assert_int_equal(tally->sources[0].first_drop_ns, 0);
	assert_int_equal(tally->sources[0].first_drop_rule, 3);
	assert_int_equal(tally->sources[0].last_drop_ns, START);
	free_tally(tally);
}

static void the_worst_come_first(void **state)
{
	struct replay_tally *tally = new_tally();

	for (unsigned i = 0; i < 9; i++)
		pass(tally, 0, 1);
	pass(tally, 0, 2);
	drop(tally, 0, 3, 0);
	drop(tally, 0, 4, 0);
	drop(tally, 0, 4, 0);
	replay_tally_sort(tally);
	assert_int_equal(tally->sources[0].address.words[1], 4);
	assert_int_equal(tally->sources[1].address.words[1], 3);
	assert_int_equal(tally->sources[2].address.words[1], 1);
	assert_int_equal(tally->sources[3].address.words[1], 2);
	free_tally(tally);
}

static void many_sources_are_told_apart(void **state)
{
	struct replay_tally *tally = new_tally();

	for (unsigned round = 0; round < 2; round++)
		for (uint64_t source = 0; source < 100000; source++)
			pass(tally, round, source);
	assert_int_equal(tally->n_sources, 100000);
	for (size_t i = 0; i < tally->n_sources; i++)
		assert_int_equal(tally->sources[i].counts.passed.packets, 2);
	free_tally(tally);
}

static void time_is_summed_up_as_it_grows(void **state)
{
	struct replay_tally *tally = new_tally();
	uint64_t packets = 0;

	for (uint64_t at = 0; at <= 3600; at++)
		pass(tally, at * S, 1);
	assert_true(tally->n_points <= REPLAY_POINTS && tally->n_points > REPLAY_POINTS / 2);
	assert_true(tally->point_ns * tally->n_points >= 3600 * S);
	for (size_t i = 0; i < tally->n_points; i++)
		packets += tally->points[i].passed.packets;
	assert_int_equal(packets, 3601);
	/* Packets come evenly, and so do the points: but for the last, which is not over. */
	for (size_t i = 0; i + 1 < tally->n_points; i++)
		assert_in_range(tally->points[i].passed.packets, tally->point_ns / S,
				tally->point_ns / S + 1);
	free_tally(tally);
}

static void a_gap_of_years_takes_no_longer(void **state)
{
	struct replay_tally *tally = new_tally();

	pass(tally, 0, 1);
	pass(tally, 10 * 365 * 86400 * S, 1);
	assert_int_equal(tally->points[0].passed.packets, 1);
	assert_int_equal(tally->points[tally->n_points - 1].passed.packets, 1);
	free_tally(tally);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_counts_once_everywhere),
		cmocka_unit_test(what_dropped_first_is_kept),
		cmocka_unit_test(a_drop_at_the_beginning_of_time_is_one),
		cmocka_unit_test(the_worst_come_first),
		cmocka_unit_test(many_sources_are_told_apart),
		cmocka_unit_test(time_is_summed_up_as_it_grows),
		cmocka_unit_test(a_gap_of_years_takes_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
