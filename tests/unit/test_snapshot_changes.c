/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cmd/snapshot_changes.h"

#define S UINT64_C(1000000000)
#define ROWS_MAX 4

/* A snapshot that is made by hand, and owns nothing. */
struct made {
	struct snapshot snapshot;
	struct snapshot_row rows[SNAPSHOT_LISTS][ROWS_MAX];
	struct snapshot_block blocks[ROWS_MAX];
};

static struct made *begin(struct made *made, uint64_t clock_ns)
{
	*made = (struct made){.snapshot = {.taken_ns = 100 * S + clock_ns,
					   .clock_ns = clock_ns,
					   .guard = "boot-1",
					   .policy = "edge.yaml",
					   .hash = "1",
					   .applied = "then"}};
	for (unsigned i = 0; i < SNAPSHOT_LISTS; i++)
		made->snapshot.lists[i].items = made->rows[i];
	made->snapshot.blocks.items = made->blocks;
	return made;
}

static struct snapshot_row *add(struct made *made, enum snapshot_list list, const char *name,
				uint64_t packets, uint64_t dropped)
{
	struct snapshot_row *row = &made->rows[list][made->snapshot.lists[list].n++];

	snprintf(row->name, sizeof(row->name), "%s", name);
	row->counts[SNAPSHOT_PACKETS] = packets;
	row->counts[SNAPSHOT_DROPPED] = dropped;
	return row;
}

static void add_block(struct made *made, const char *prefix)
{
	struct snapshot_block *block = &made->blocks[made->snapshot.blocks.n++];

	snprintf(block->prefix, sizeof(block->prefix), "%s", prefix);
}

static struct made before, after;
static struct snapshot_changes changes;

static void compare(void)
{
	snapshot_changes_release(&changes);
	assert_int_equal(snapshot_compare(&before.snapshot, &after.snapshot, &changes), 0);
}

static int release(void **state)
{
	snapshot_changes_release(&changes);
	return 0;
}

/* Ten seconds apart. */
static int start(void **state)
{
	begin(&before, 5 * S);
	begin(&after, 15 * S);
	return 0;
}

static const struct row_change *change_of(enum snapshot_list list, const char *name)
{
	for (size_t i = 0; i < changes.lists[list].n; i++)
		if (!strcmp(changes.lists[list].items[i].row->name, name))
			return &changes.lists[list].items[i];
	fail_msg("%s has not changed", name);
	return NULL;
}

static void expect(enum snapshot_list list, const char *name, enum change_kind kind,
		   uint64_t packets)
{
	const struct row_change *change = change_of(list, name);

	assert_int_equal(change->kind, kind);
	assert_int_equal(change->counts[SNAPSHOT_PACKETS], packets);
}

/* -1: it has none. */
static int64_t rate_of(enum snapshot_list list, const char *name)
{
	const struct row_change *change = change_of(list, name);
	uint64_t rate;

	return snapshot_rate(&changes, list, change, change->counts[SNAPSHOT_PACKETS], &rate)
		       ? (int64_t)rate
		       : -1;
}

static void the_same_twice_is_the_same(void **state)
{
	add(&before, SNAPSHOT_SOURCES, "192.0.2.1", 5, 1);
	add(&after, SNAPSHOT_SOURCES, "192.0.2.1", 5, 1);
	add(&before, SNAPSHOT_VERDICTS, "passed", 4, 0);
	add(&after, SNAPSHOT_VERDICTS, "passed", 4, 0);
	compare();
	assert_true(changes.is_same);
	assert_int_equal(changes.lists[SNAPSHOT_SOURCES].n, 0);
	assert_int_equal(changes.elapsed_ns, 10 * S);
}

static void counts_are_what_came_since_and_rates_are_a_second(void **state)
{
	add(&before, SNAPSHOT_VERDICTS, "passed", UINT64_MAX - 200, 0);
	add(&after, SNAPSHOT_VERDICTS, "passed", UINT64_MAX - 75, 0);
	add(&after, SNAPSHOT_REASONS, "blocked", 26, 26);
	compare();
	assert_false(changes.is_same);
	expect(SNAPSHOT_VERDICTS, "passed", CHANGE_COUNTED, 125);
	assert_int_equal(rate_of(SNAPSHOT_VERDICTS, "passed"), 13);
	expect(SNAPSHOT_REASONS, "blocked", CHANGE_COUNTED, 26);
	assert_int_equal(rate_of(SNAPSHOT_REASONS, "blocked"), 3);
}

static void sources_come_go_and_go_on_and_the_worst_are_first(void **state)
{
	static const char *const order[] = {"192.0.2.3", "192.0.2.1", "192.0.2.2"};

	add(&before, SNAPSHOT_SOURCES, "192.0.2.2", 1000, 1000);
	add(&before, SNAPSHOT_SOURCES, "192.0.2.1", 10, 5);
	add(&after, SNAPSHOT_SOURCES, "192.0.2.1", 30, 6);
	add(&after, SNAPSHOT_SOURCES, "192.0.2.3", 7, 7);
	compare();
	assert_int_equal(changes.lists[SNAPSHOT_SOURCES].n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(changes.lists[SNAPSHOT_SOURCES].items[i].row->name, order[i]);
	expect(SNAPSHOT_SOURCES, "192.0.2.1", CHANGE_COUNTED, 20);
	expect(SNAPSHOT_SOURCES, "192.0.2.2", CHANGE_WENT, 0);
	expect(SNAPSHOT_SOURCES, "192.0.2.3", CHANGE_CAME, 7);
	assert_int_equal(rate_of(SNAPSHOT_SOURCES, "192.0.2.2"), -1);
	assert_int_equal(rate_of(SNAPSHOT_SOURCES, "192.0.2.3"), 1);
	assert_int_equal(changes.lists[SNAPSHOT_SOURCES].n_of[CHANGE_WENT], 1);
}

static void a_source_that_was_pushed_out_and_came_back_has_begun_anew(void **state)
{
	add(&before, SNAPSHOT_SOURCES, "192.0.2.1", 10, 0)->entered = 1;
	add(&after, SNAPSHOT_SOURCES, "192.0.2.1", 500, 0)->entered = 2;
	compare();
	expect(SNAPSHOT_SOURCES, "192.0.2.1", CHANGE_ANEW, 500);
	assert_int_equal(rate_of(SNAPSHOT_SOURCES, "192.0.2.1"), -1);
}

static void a_counter_that_is_less_has_begun_anew_and_totals_all_do(void **state)
{
	add(&before, SNAPSHOT_REASONS, "blocked", 100, 0);
	add(&before, SNAPSHOT_REASONS, "rule-pass", 10, 0);
	add(&after, SNAPSHOT_REASONS, "blocked", 3, 0);
	add(&after, SNAPSHOT_REASONS, "rule-pass", 40, 0);
	add(&before, SNAPSHOT_RULES, "a", 9, 0);
	add(&before, SNAPSHOT_RULES, "b", 9, 0);
	add(&after, SNAPSHOT_RULES, "a", 8, 0);
	add(&after, SNAPSHOT_RULES, "b", 10, 0);
	compare();
	assert_true(changes.lists[SNAPSHOT_REASONS].is_reset);
	expect(SNAPSHOT_REASONS, "blocked", CHANGE_ANEW, 3);
	expect(SNAPSHOT_REASONS, "rule-pass", CHANGE_ANEW, 40);
	assert_int_equal(rate_of(SNAPSHOT_REASONS, "rule-pass"), -1);
	/* A rule can go and come back alone. */
	assert_false(changes.lists[SNAPSHOT_RULES].is_reset);
	expect(SNAPSHOT_RULES, "a", CHANGE_ANEW, 8);
	expect(SNAPSHOT_RULES, "b", CHANGE_COUNTED, 1);
}

static void a_reason_that_is_gone_was_zeroed(void **state)
{
	add(&before, SNAPSHOT_REASONS, "blocked", 100, 0);
	compare();
	assert_true(changes.lists[SNAPSHOT_REASONS].is_reset);
	expect(SNAPSHOT_REASONS, "blocked", CHANGE_ANEW, 0);
}

static void a_reset_that_counters_have_overtaken_is_known(void **state)
{
	after.snapshot.resets[1] = 12 * S;
	add(&before, SNAPSHOT_RULES, "a", 9, 0);
	add(&after, SNAPSHOT_RULES, "a", 900, 0);
	add(&before, SNAPSHOT_VERDICTS, "passed", 9, 0);
	add(&after, SNAPSHOT_VERDICTS, "passed", 909, 0);
	compare();
	assert_true(changes.lists[SNAPSHOT_RULES].is_reset);
	expect(SNAPSHOT_RULES, "a", CHANGE_ANEW, 900);
	assert_int_equal(rate_of(SNAPSHOT_RULES, "a"), -1);
	assert_int_equal(rate_of(SNAPSHOT_VERDICTS, "passed"), 90);
}

static void another_guard_has_counted_anew(void **state)
{
	strcpy(after.snapshot.guard, "boot-2");
	after.snapshot.clock_ns = 1; /* the host was started again */
	add(&before, SNAPSHOT_VERDICTS, "passed", 9, 0);
	add(&after, SNAPSHOT_VERDICTS, "passed", 90, 0);
	add(&after, SNAPSHOT_SOURCES, "192.0.2.1", 90, 0);
	compare();
	assert_true(changes.is_other_guard);
	assert_int_equal(changes.elapsed_ns, 10 * S);
	expect(SNAPSHOT_VERDICTS, "passed", CHANGE_ANEW, 90);
	assert_int_equal(rate_of(SNAPSHOT_SOURCES, "192.0.2.1"), -1);
}

static void a_clock_that_was_set_changes_nothing(void **state)
{
	after.snapshot.taken_ns = 1;
	compare();
	assert_int_equal(changes.elapsed_ns, 10 * S);
}

static void the_older_one_comes_first(void **state)
{
	assert_int_equal(snapshot_compare(&after.snapshot, &before.snapshot, &changes), -EINVAL);
	strcpy(after.snapshot.guard, "boot-2");
	assert_int_equal(snapshot_compare(&after.snapshot, &before.snapshot, &changes), -EINVAL);
}

static void no_time_between_is_no_rate_and_no_rate_is_too_large(void **state)
{
	uint64_t rate = 0;

	after.snapshot.clock_ns = before.snapshot.clock_ns;
	add(&after, SNAPSHOT_VERDICTS, "passed", UINT64_MAX, 0);
	compare();
	assert_int_equal(rate_of(SNAPSHOT_VERDICTS, "passed"), -1);
	after.snapshot.clock_ns++;
	compare();
	assert_true(snapshot_rate(&changes, SNAPSHOT_VERDICTS,
				  change_of(SNAPSHOT_VERDICTS, "passed"), UINT64_MAX, &rate));
	assert_true(rate == UINT64_MAX);
}

static void blocks_come_and_go(void **state)
{
	add_block(&before, "192.0.2.1");
	add_block(&before, "192.0.2.2");
	add_block(&after, "192.0.2.2");
	add_block(&after, "192.0.2.3");
	compare();
	assert_false(changes.is_same);
	assert_int_equal(changes.n_blocks, 2);
	assert_true(changes.blocks[0].has_come);
	assert_string_equal(changes.blocks[0].block->prefix, "192.0.2.3");
	assert_false(changes.blocks[1].has_come);
	assert_string_equal(changes.blocks[1].block->prefix, "192.0.2.1");
}

static void another_policy_is_told_and_one_that_was_applied_again(void **state)
{
	strcpy(after.snapshot.applied, "later");
	compare();
	assert_true(changes.is_other_policy);
	assert_false(changes.is_same);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_twice_is_the_same),
		TEST(counts_are_what_came_since_and_rates_are_a_second),
		TEST(sources_come_go_and_go_on_and_the_worst_are_first),
		TEST(a_source_that_was_pushed_out_and_came_back_has_begun_anew),
		TEST(a_counter_that_is_less_has_begun_anew_and_totals_all_do),
		TEST(a_reason_that_is_gone_was_zeroed),
		TEST(a_reset_that_counters_have_overtaken_is_known),
		TEST(another_guard_has_counted_anew),
		TEST(a_clock_that_was_set_changes_nothing),
		TEST(the_older_one_comes_first),
		TEST(no_time_between_is_no_rate_and_no_rate_is_too_large),
		TEST(blocks_come_and_go),
		TEST(another_policy_is_told_and_one_that_was_applied_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
