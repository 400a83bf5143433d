/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cmd/top_ui.h"

#define PAGE 3
#define MINUTE 60000000000ull

static struct top_source items[5];
static struct top_sources sources;
static struct top_ui ui;

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	bool has_host_bits;

	assert_int_equal(prefix_parse(text, &prefix, &has_host_bits), 0);
	return prefix;
}

/* 192.0.2.1 sends the most, 192.0.2.4 the least; 2001:db8::/64 is the last. */
static int setup(void **state)
{
	static const char *const names[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4",
					    "2001:db8::/64"};

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		items[i] = (struct top_source){
			.row = {.packets = 100 - i, .rate = i},
			.prefix = prefix_of(names[i]),
		};
	sources = (struct top_sources){.items = items, .n = ARRAY_SIZE(items)};
	ui = (struct top_ui){.order = SOURCE_BY_PACKETS};
	return 0;
}

static enum top_action press(int key)
{
	return top_ui_key(&ui, key, &sources, PAGE);
}

static enum top_action type(const char *text)
{
	enum top_action action = TOP_NOTHING;

	for (; *text; text++)
		action = press(*text);
	return action;
}

static void assert_mark(const char *expected)
{
	char text[ADDRESS_TEXT_SIZE];

	assert_true(ui.has_mark);
	assert_string_equal(prefix_format(&ui.mark, text), expected);
}

static void arrows_mark(void **state)
{
	press(TOP_KEY_DOWN);
	assert_mark("192.0.2.1");
	press(TOP_KEY_DOWN);
	assert_mark("192.0.2.2");
	press(TOP_KEY_UP);
	press(TOP_KEY_UP);
	assert_mark("192.0.2.1");
	press(TOP_KEY_PAGE_DOWN);
	assert_mark("192.0.2.4");
	press(TOP_KEY_PAGE_DOWN);
	assert_mark("2001:db8::/64");
	press(TOP_KEY_DOWN);
	assert_mark("2001:db8::/64");
	press(TOP_KEY_PAGE_UP);
	assert_mark("192.0.2.2");
	press(TOP_KEY_HOME);
	assert_mark("192.0.2.1");
	press(TOP_KEY_END);
	assert_mark("2001:db8::/64");
	press(TOP_KEY_ESCAPE);
	assert_false(ui.has_mark);
}

static void an_empty_list_has_no_mark(void **state)
{
	sources.n = 0;
	press(TOP_KEY_DOWN);
	press(TOP_KEY_END);
	assert_false(ui.has_mark);
}

/* The list may change its order below it. */
static void the_mark_follows_its_source(void **state)
{
	press(TOP_KEY_DOWN);
	top_sources_sort(&sources, SOURCE_BY_RATE);
	assert_mark("192.0.2.1");
	press(TOP_KEY_UP);
	assert_mark("192.0.2.2");
}

/* Nobody blocks a source that is not on the list, and which one came in its place nobody saw. */
static void a_source_that_has_left_is_not_blocked(void **state)
{
	press(TOP_KEY_END);
	sources.n--;
	assert_int_equal(press('b'), TOP_NOTHING);
	assert_int_equal(ui.mode, TOP_LIST);
	assert_true(ui.is_error);
	press(TOP_KEY_DOWN);
	assert_mark("192.0.2.1");
}

static void a_block_takes_mark_duration_and_yes(void **state)
{
	press(TOP_KEY_DOWN);
	assert_int_equal(press('b'), TOP_NOTHING);
	assert_int_equal(ui.mode, TOP_DURATION);
	assert_string_equal(ui.input, "10m");
	press(TOP_KEY_BACKSPACE);
	press(TOP_KEY_BACKSPACE);
	press(TOP_KEY_BACKSPACE);
	press(TOP_KEY_BACKSPACE);
	type("5m");
	assert_int_equal(press(TOP_KEY_ENTER), TOP_NOTHING);
	assert_int_equal(ui.mode, TOP_CONFIRM_BLOCK);
	assert_int_equal(press('y'), TOP_BLOCK);
	assert_int_equal(ui.duration_ns, 5 * MINUTE);
	assert_int_equal(ui.mode, TOP_LIST);
}

static void without_a_duration_a_block_has_no_end(void **state)
{
	char words[UNITS_TEXT_SIZE];

	press(TOP_KEY_DOWN);
	press('b');
	press('U' - '@');
	press(TOP_KEY_ENTER);
	assert_int_equal(press('y'), TOP_BLOCK);
	assert_int_equal(ui.duration_ns, 0);
	assert_string_equal(top_ui_duration_words(0, words), "until unblocked");
	assert_string_equal(top_ui_duration_words(MINUTE, words), "for 1m");
}

static void a_duration_that_is_none_is_told(void **state)
{
	press(TOP_KEY_DOWN);
	press('b');
	type("x");
	assert_int_equal(press(TOP_KEY_ENTER), TOP_NOTHING);
	assert_int_equal(ui.mode, TOP_DURATION);
	assert_true(ui.is_error);
	assert_non_null(strstr(ui.message, "\"10mx\": expected a duration"));
}

static void every_other_key_is_a_no(void **state)
{
	static const int keys[] = {'n', TOP_KEY_ENTER, TOP_KEY_ESCAPE, 'q', ' '};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		press(TOP_KEY_HOME);
		press('b');
		press(TOP_KEY_ENTER);
		assert_int_equal(ui.mode, TOP_CONFIRM_BLOCK);
		assert_int_equal(press(keys[i]), TOP_NOTHING);
		assert_int_equal(ui.mode, TOP_LIST);
	}
}

static void ones_own_session_is_cut_off_by_yes_alone(void **state)
{
	static const char *const answers[] = {"", "y", "no", "YES", "yess"};

	ui.has_session = true;
	ui.session = prefix_of("2001:db8::1").address;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		press(TOP_KEY_END);
		press('b');
		press(TOP_KEY_ENTER);
		assert_int_equal(ui.mode, TOP_CONFIRM_CUT);
		type(answers[i]);
		assert_int_equal(press(TOP_KEY_ENTER), TOP_NOTHING);
		assert_int_equal(ui.mode, TOP_LIST);
	}
	press('b');
	press(TOP_KEY_ENTER);
	type("yes");
	assert_int_equal(press(TOP_KEY_ENTER), TOP_BLOCK);
	/* Others are asked about as without a session. */
	press(TOP_KEY_HOME);
	press('b');
	press(TOP_KEY_ENTER);
	assert_int_equal(ui.mode, TOP_CONFIRM_BLOCK);
}

static void only_what_is_blocked_is_unblocked(void **state)
{
	press(TOP_KEY_DOWN);
	press('u');
	assert_int_equal(ui.mode, TOP_LIST);
	assert_string_equal(ui.message, "192.0.2.1 is not blocked");
	top_sources_note_block(&sources, &ui.mark, TOP_FOREVER);
	press('u');
	assert_int_equal(ui.mode, TOP_CONFIRM_UNBLOCK);
	assert_int_equal(press('y'), TOP_UNBLOCK);
	assert_memory_equal(&ui.target, &items[0].prefix, sizeof(ui.target));
}

static void orders_come_in_turn(void **state)
{
	for (unsigned i = 1; i <= SOURCE_ORDERS; i++) {
		assert_int_equal(press('s'), TOP_SORTED);
		assert_int_equal(ui.order, i % SOURCE_ORDERS);
	}
	assert_int_equal(press('S'), TOP_SORTED);
	assert_int_equal(ui.order, SOURCE_ORDERS - 1);
}

static void a_filter_is_typed(void **state)
{
	assert_int_equal(type("f192.0.2.0/29"), TOP_NOTHING);
	assert_int_equal(press(TOP_KEY_ENTER), TOP_FILTERED);
	assert_true(ui.has_filter);
	top_sources_filter(&sources, &ui.filter);
	assert_int_equal(sources.n, 4);
	/* It is there to be changed. */
	press('f');
	assert_string_equal(ui.input, "192.0.2.0/29");
	press('U' - '@');
	assert_int_equal(press(TOP_KEY_ENTER), TOP_FILTERED);
	assert_false(ui.has_filter);
}

static void a_filter_that_is_none_is_told(void **state)
{
	type("/192.0.2");
	assert_int_equal(press(TOP_KEY_ENTER), TOP_NOTHING);
	assert_true(ui.is_error);
	assert_int_equal(ui.mode, TOP_FILTER);
	press(TOP_KEY_ESCAPE);
	assert_int_equal(ui.mode, TOP_LIST);
	assert_false(ui.has_filter);
}

static void input_has_an_end(void **state)
{
	press('f');
	for (unsigned i = 0; i < 3 * TOP_INPUT_SIZE; i++)
		press('1');
	assert_int_equal(strlen(ui.input), TOP_INPUT_SIZE - 1);
	press(0x1f600);
	press(TOP_KEY_NONE);
	assert_int_equal(strlen(ui.input), TOP_INPUT_SIZE - 1);
}

static void other_keys(void **state)
{
	assert_int_equal(press('p'), TOP_PAUSED);
	assert_true(ui.is_paused);
	assert_int_equal(press(' '), TOP_PAUSED);
	assert_false(ui.is_paused);
	press('?');
	assert_int_equal(ui.mode, TOP_HELP);
	assert_int_equal(press('q'), TOP_NOTHING); /* leads back */
	assert_int_equal(press('x'), TOP_NOTHING);
	assert_int_equal(press('q'), TOP_QUIT);
}

#define UI_TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UI_TEST(arrows_mark),
		UI_TEST(an_empty_list_has_no_mark),
		UI_TEST(the_mark_follows_its_source),
		UI_TEST(a_source_that_has_left_is_not_blocked),
		UI_TEST(a_block_takes_mark_duration_and_yes),
		UI_TEST(without_a_duration_a_block_has_no_end),
		UI_TEST(a_duration_that_is_none_is_told),
		UI_TEST(every_other_key_is_a_no),
		UI_TEST(ones_own_session_is_cut_off_by_yes_alone),
		UI_TEST(only_what_is_blocked_is_unblocked),
		UI_TEST(orders_come_in_turn),
		UI_TEST(a_filter_is_typed),
		UI_TEST(a_filter_that_is_none_is_told),
		UI_TEST(input_has_an_end),
		UI_TEST(other_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
