/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cmd/top_layout.h"

#define S 1000000000ull
#define NOW (1767225600 * S)
#define N_RULES 20
#define N_SOURCES 60
#define LONGEST "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"

static struct top_model model;
static struct top_sources sources;
static struct top_ui ui;
static struct canvas canvas;

static void fill_reading(struct top_reading *reading, unsigned seconds)
{
	*reading = (struct top_reading){
		.time_ns = seconds * S,
		.guard = 1,
		.policy = strdup("edge.yaml"),
		.settings = strdup("mode enforce, default pass"),
		.interfaces = strdup("eth0 native"),
		.is_attached = true,
		.rules = calloc(N_RULES, sizeof(struct top_rule)),
		.n_rules = N_RULES,
		.capacity = 1000000,
	};
	reading->outcomes[GUARD_PASS_LIMIT] = (struct guard_count){1000 * seconds, 60000};
	reading->outcomes[GUARD_DROP_RATE] = (struct guard_count){2500 * seconds, 150000};
	for (unsigned i = 0; i < N_RULES; i++) {
		assert_true(asprintf(&reading->rules[i].name, "rule-%u", i) > 0);
		reading->rules[i].slot = i;
		reading->rules[i].count.dropped.packets = i * seconds;
	}
}

static void fill_sources(void)
{
	sources = (struct top_sources){
		.items = calloc(N_SOURCES, sizeof(*sources.items)),
		.n = N_SOURCES,
		.n_matching = 1234,
		.n_all = 5678,
		.n_blocks = 1,
		.rate = 3500,
		.has_rates = true,
		.wall_ns = NOW,
	};
	for (unsigned i = 0; i < N_SOURCES; i++) {
		struct top_source *source = &sources.items[i];
		char text[32];
		bool has_host_bits;

		snprintf(text, sizeof(text), "192.0.2.%u", i);
		prefix_parse(text, &source->prefix, &has_host_bits);
		source->row.packets = 1000000;
		source->row.rate = 1000;
		source->row.counts.dropped.packets = 999000;
		source->last_seen_ns = NOW - 5 * S;
		strcpy(source->rule, "play");
	}
	sources.items[1].block_ends_ns = NOW + 590 * S;
	sources.items[2].block_ends_ns = TOP_FOREVER;
}

static int setup(void **state)
{
	struct top_reading reading;

	setlocale(LC_CTYPE, "C.UTF-8");
	ui = (struct top_ui){.order = SOURCE_BY_RATE};
	for (unsigned seconds = 1; seconds <= 3; seconds++) {
		fill_reading(&reading, seconds);
		assert_int_equal(top_model_take(&model, &reading), 0);
	}
	fill_sources();
	return 0;
}

static int teardown(void **state)
{
	top_model_release(&model);
	top_sources_release(&sources);
	canvas_release(&canvas);
	return 0;
}

static unsigned lay_out(unsigned columns, unsigned rows)
{
	const struct top_scene scene = {
		.model = &model,
		.sources = &sources,
		.ui = &ui,
		.wall_ns = NOW,
		.interval_ns = S,
		.period_ns = sources.took_ns ? 14 * S : S,
	};

	assert_int_equal(canvas_begin(&canvas, rows, columns), 0);
	return top_layout(&scene, &canvas);
}

/* What a row shows, as the terminal's locale writes it. */
static const char *row_text(unsigned row)
{
	static char text[2048];
	size_t used = 0;

	for (unsigned i = 0; i < canvas.columns; i++) {
		wchar_t character = canvas_cell(&canvas, row, i)->character;

		if (character)
			used += (size_t)wctomb(text + used, character);
	}
	text[used] = '\0';
	return text;
}

/* The first row from `from` on that holds the text, at any place of it. */
static unsigned find_row(unsigned from, const char *text)
{
	for (unsigned row = from; row < canvas.rows; row++)
		if (strstr(row_text(row), text))
			return row;
	for (unsigned row = 0; row < canvas.rows; row++)
		print_message("%s\n", row_text(row));
	fail_msg("no \"%s\"", text);
	return 0;
}

static unsigned count_rows(const char *text)
{
	unsigned n = 0;

	for (unsigned row = 0; row < canvas.rows; row++)
		n += strstr(row_text(row), text) != NULL;
	return n;
}

static void all_of_it_is_there(unsigned columns, unsigned rows, unsigned n_rules)
{
	char rules[32];
	unsigned page = lay_out(columns, rows);

	snprintf(rules, sizeof(rules), "RULE (%u of 20)", n_rules);
	find_row(0, "xdpguard top  edge.yaml on eth0 native");
	find_row(1, "mode enforce, default pass");
	find_row(2, "1k/s");
	find_row(3, "2.5k/s");
	assert_non_null(strstr(row_text(2), "██"));
	find_row(4, "traffic");
	find_row(5, "5.68k of 1M sources; 1 block");
	find_row(6, "admits every new source");
	find_row(7, rules);
	find_row(8, "over-rate");
	find_row(8, "rule-19");
	find_row(9, "within-limit");
	find_row(9, "SOURCES by pps: 1.23k, 3.5k/s");
	assert_int_equal(count_rows("play"), page);
	find_row(10, "in 9m 50s");
	find_row(10, "forever");
	assert_non_null(strstr(row_text(rows - 1), "q quit"));
}

static void the_smallest_screen(void **state)
{
	all_of_it_is_there(80, 24, 4);
	assert_int_equal(count_rows("play"), 9);
}

static void a_larger_screen_shows_more(void **state)
{
	all_of_it_is_there(120, 40, 9);
	assert_int_equal(count_rows("play"), 20);
	find_row(10, "LAST SEEN");
	find_row(10, "5s ago");
}

static void any_size_can_be_drawn(void **state)
{
	for (unsigned mode = TOP_LIST; mode <= TOP_CONFIRM_UNBLOCK; mode++)
		for (unsigned rows = 1; rows < 70; rows += 3)
			for (unsigned columns = 1; columns < 300; columns += 13) {
				ui.mode = mode;
				lay_out(columns, rows);
			}
}

static void a_screen_that_is_too_small_says_so(void **state)
{
	assert_int_equal(lay_out(79, 24), 0);
	find_row(12, "too small: 79x24; it takes 80x24");
	assert_int_equal(lay_out(80, 23), 0);
	find_row(11, "too small: 80x23");
}

/* Whatever has to go for it. */
static void the_longest_addresses_are_whole(void **state)
{
	static const char *const names[] = {LONGEST, LONGEST "/127"};
	bool has_host_bits;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *name = i ? "2001:db8:aaaa:bbbb:cccc:dddd:eeee:fffe/127" : LONGEST;

		prefix_parse(names[i], &sources.items[0].prefix, &has_host_bits);
		lay_out(80, 24);
		find_row(10, name);
		find_row(10, "BLOCK ENDS");
		find_row(10, "DROPPED");
		lay_out(120, 40);
		find_row(10, name);
		find_row(10, "LAST SEEN");
	}
}

static void names_cannot_drive_the_terminal(void **state)
{
	static const char evil[] = "a\033[2Jb\n";

	free(model.reading.policy);
	model.reading.policy = strdup(evil);
	free(model.reading.rules[19].name);
	model.reading.rules[19].name = strdup(evil);
	strcpy(sources.items[0].rule, evil);
	lay_out(120, 40);
	assert_int_equal(count_rows("a\\x1b[2Jb\\n"), 3);
	for (unsigned row = 0; row < canvas.rows; row++)
		for (unsigned i = 0; i < canvas.columns; i++)
			assert_true(canvas_cell(&canvas, row, i)->character >= L' ');
}

static void other_locales_get_ascii(void **state)
{
	setlocale(LC_CTYPE, "C");
	lay_out(80, 24);
	for (unsigned row = 0; row < canvas.rows; row++)
		for (unsigned i = 0; i < canvas.columns; i++)
			assert_in_range(canvas_cell(&canvas, row, i)->character, ' ', '~');
	find_row(2, "##");
}

static bool is_marked(unsigned row)
{
	return canvas_cell(&canvas, row, 0)->is_marked;
}

static void the_marked_source_is_always_shown(void **state)
{
	ui.has_mark = true;
	for (unsigned i = 0; i < N_SOURCES; i++) {
		char text[32];

		ui.mark = sources.items[i].prefix;
		lay_out(80, 24);
		snprintf(text, sizeof(text), " 192.0.2.%u ", i);
		assert_true(is_marked(find_row(10, text)));
	}
}

static void readings_that_are_rare_say_so(void **state)
{
	sources.took_ns = 1400 * S / 1000;
	lay_out(80, 24);
	find_row(10, "every 14s, for reading takes 1s 400ms");
}

static void questions_name_what_they_are_about(void **state)
{
	bool has_host_bits;

	ui.target = sources.items[7].prefix;
	ui.mode = TOP_CONFIRM_BLOCK;
	ui.duration_ns = 600 * S;
	lay_out(80, 24);
	find_row(23, "block 192.0.2.7 for 10m? y/n");
	ui.mode = TOP_CONFIRM_UNBLOCK;
	lay_out(80, 24);
	find_row(23, "unblock 192.0.2.7? y/n");
	/* The longest there are. */
	prefix_parse(LONGEST "/127", &ui.target, &has_host_bits);
	ui.session = ui.target.address;
	ui.mode = TOP_CONFIRM_CUT;
	lay_out(80, 24);
	find_row(20, "/127 covers");
	find_row(20, "would be cut off");
	find_row(23, "Type yes");
}

static void trouble_takes_the_place_of_numbers(void **state)
{
	top_model_lose(&model, "no guard in /sys/fs/bpf/xdpguard; start one with: xdpguard apply "
			       "POLICY");
	assert_int_equal(lay_out(80, 24), 0);
	find_row(3, "no guard in /sys/fs/bpf/xdpguard; start one with: xdpguard apply POLICY");
	assert_int_equal(count_rows("192.0.2."), 0);
}

static void a_lost_interface_is_told(void **state)
{
	model.reading.is_attached = false;
	lay_out(80, 24);
	find_row(1, "see xdpguard status");
}

static void what_monitor_mode_would_drop_is_told_apart(void **state)
{
	model.would_drop = (struct top_figure){500, 50};
	lay_out(80, 24);
	find_row(4, "would drop");
	find_row(4, "50/s");
	find_row(5, "traffic");
}

static void held_sources_are_told(void **state)
{
	model.held.rate = 300000;
	lay_out(80, 24);
	find_row(6, "HOLDS BACK new sources: 300k/s packets wait outside");
}

#define LAYOUT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAYOUT_TEST(the_smallest_screen),
		LAYOUT_TEST(a_larger_screen_shows_more),
		LAYOUT_TEST(any_size_can_be_drawn),
		LAYOUT_TEST(a_screen_that_is_too_small_says_so),
		LAYOUT_TEST(the_longest_addresses_are_whole),
		LAYOUT_TEST(names_cannot_drive_the_terminal),
		LAYOUT_TEST(other_locales_get_ascii),
		LAYOUT_TEST(the_marked_source_is_always_shown),
		LAYOUT_TEST(readings_that_are_rare_say_so),
		LAYOUT_TEST(questions_name_what_they_are_about),
		LAYOUT_TEST(trouble_takes_the_place_of_numbers),
		LAYOUT_TEST(a_lost_interface_is_told),
		LAYOUT_TEST(what_monitor_mode_would_drop_is_told_apart),
		LAYOUT_TEST(held_sources_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
