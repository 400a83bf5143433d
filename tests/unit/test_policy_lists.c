/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List files: what a line may be, and what is told about one that is wrong. */
#include "policy_fixture.h"

#include <fcntl.h>

#define POLICY "version: 1\ndefault: drop\nsets: {a: {file: lists/a.txt}}\n"

static void write_list(const char *text)
{
	fixture_write("lists/a.txt", text, strlen(text));
}

struct list_case {
	const char *list;
	const char *told;
	size_t n_prefixes;
};

static const struct list_case good[] = {
	{"", "", 0},
	{"\n\n", "", 0},
	{"192.0.2.1", "", 1},
	{"192.0.2.1\n", "", 1},
	{"192.0.2.1\r\n2001:db8::/32\r\n", "", 2},
	{"\xef\xbb\xbf"
	 "192.0.2.1\n192.0.2.2\n",
	 "", 2},
	{"# a comment\n192.0.2.1 # another\n198.51.100.0/24# and one\n  #\n", "", 2},
	{" \t192.0.2.1 \t\n", "", 1},
	{"192.0.2.1\n192.0.2.1\n192.0.2.0/24\n", "", 1},
	{"\n192.0.2.7/24\n",
	 "lists/a.txt:2:1+12 warning: \"192.0.2.7/24\" has host bits set: taken as 192.0.2.0/24\n",
	 1},
	{"192.0.2.7/24\n192.0.2.0/24\n  198.51.100.1/24\n2001:db8::1/64\n",
	 "lists/a.txt:1:1+12 warning: \"192.0.2.7/24\" has host bits set: taken as 192.0.2.0/24 (2 "
	 "more "
	 "lines of this file have, too)\n",
	 3},
};

static const struct list_case bad[] = {
	{"192.0.2.300\n", "lists/a.txt:1:1+11 error: \"192.0.2.300\": expected a prefix such as "
			  "192.0.2.0/24 or 2001:db8::/32\n"},
	{"192.0.2.1\n\n  office # ours\n192.0.2.1 192.0.2.2\n192.0.2.1/33",
	 "lists/a.txt:3:3+6 error: \"office\": expected a prefix such as 192.0.2.0/24 or "
	 "2001:db8::/32\n"
	 "lists/a.txt:4:11+9 error: \"192.0.2.2\": expected a comment or the end of the line "
	 "behind a "
	 "prefix\n"
	 "lists/a.txt:5:1+12 error: \"192.0.2.1/33\": expected a prefix such as 192.0.2.0/24 or "
	 "2001:db8::/32\n"},
	{"\xff\x1b[2J\n", "lists/a.txt:1:1+5 error: \"??[2J\": expected a prefix such as "
			  "192.0.2.0/24 or 2001:db8::/32\n"},
};

static void check(const struct list_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++) {
		write_list(cases[i].list);
		fixture_expect(POLICY, cases[i].told);
	}
}

static void lists_are_read(void **state)
{
	check(good, ARRAY_SIZE(good));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		write_list(good[i].list);
		_cleanup_(fixture_release) struct fixture fixture = fixture_load(POLICY, NULL);

		assert_int_equal(fixture.policy->sets[0].n_prefixes, good[i].n_prefixes);
		assert_int_equal(fixture.policy->n_files, 1);
		assert_string_equal(fixture.policy->files[0], "lists/a.txt");
	}
}

static void each_bad_line_is_told_by_its_own_file_and_line(void **state)
{
	check(bad, ARRAY_SIZE(bad));
}

static void a_nul_inside_a_line_hides_nothing(void **state)
{
	static const char list[] = "192.0.2.1\0 and more\n192.0.2.2\n";

	fixture_write("lists/a.txt", list, sizeof(list) - 1);
	fixture_expect(POLICY,
		       "lists/a.txt:1:10+0 error: \"\": expected a comment or the end of the line "
		       "behind a prefix\n");
}

static void lines_may_lie_across_whatever_is_read_at_once(void **state)
{
	_cleanup_fclose_ FILE *file = fopen("lists/a.txt", "w");
	unsigned n = 300000;

	for (unsigned i = 0; i < n; i++)
		fprintf(file, "10.%u.%u.%u\n", i >> 16, i >> 8 & 255, i & 255);
	fflush(file);

	_cleanup_(fixture_release) struct fixture fixture = fixture_load(POLICY, NULL);

	assert_int_equal(fixture.policy->sets[0].n_prefixes, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(fixture.policy->sets[0].prefixes[i].address.bytes[15], i & 255);
}

static void an_endless_line_ends_the_reading(void **state)
{
	_cleanup_fclose_ FILE *file = fopen("lists/a.txt", "w");

	for (unsigned i = 0; i < 300 << 10; i++)
		putc('#', file);
	fflush(file);
	fixture_expect(POLICY, "3:18+11 error: list file \"lists/a.txt\": a line over 256 KiB\n");
}

static void a_file_over_512_mebibytes_is_refused(void **state)
{
	write_list("");
	assert_int_equal(truncate("lists/a.txt", (512 << 20) + 1), 0);
	fixture_expect(POLICY, "3:18+11 error: list file \"lists/a.txt\": over 512 MiB\n");
}

static void a_list_is_found_from_the_policys_folder(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	_cleanup_(policy_free) struct policy *policy = NULL;
	static const char text[] = "version: 1\nrules: [{name: a, from: a, action: drop}]\n"
				   "sets: {a: {file: b.txt}}\n";

	fixture_write("lists/edge.yaml", text, strlen(text));
	fixture_write("lists/b.txt", "192.0.2.1\n", 10);
	assert_int_equal(policy_load("lists/edge.yaml", NULL, &diagnostics, &policy), 0);
	assert_string_equal(policy->name, "edge.yaml");
	assert_string_equal(policy->path, "lists/edge.yaml");
	assert_string_equal(policy->files[0], "lists/b.txt");
	assert_int_equal(policy->sets[0].n_prefixes, 1);
}

static void an_absolute_path_is_taken_as_it_is(void **state)
{
	char text[256];

	write_list("192.0.2.1\n");
	snprintf(text, sizeof(text),
		 "version: 1\ndefault: drop\nsets: {a: {file: %s/lists/a.txt}}\n", fixture_folder);
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(text, NULL);

	assert_int_equal(fixture.policy->sets[0].n_prefixes, 1);
}

static void a_fifo_does_not_hold_up(void **state)
{
	unlink("lists/a.txt");
	assert_int_equal(mkfifo("lists/a.txt", 0600), 0);
	fixture_expect(
		POLICY,
		"3:18+11 error: list file \"lists/a.txt\": not a regular file; to read a pipe "
		"give \"-\"\n");
	unlink("lists/a.txt");
}

static void feed_stdin(const char *text)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
}

static void a_list_may_come_from_standard_input(void **state)
{
	feed_stdin("192.0.2.1\n192.0.2.2\noffice\n");
	fixture_expect("version: 1\ndefault: drop\nsets: {a: {file: '-'}}\n",
		       "stdin:3:1+6 error: \"office\": expected a prefix such as 192.0.2.0/24 or "
		       "2001:db8::/32\n");
}

static void standard_input_is_read_once(void **state)
{
	feed_stdin("192.0.2.1\n");
	fixture_expect("version: 1\ndefault: drop\nsets: {a: {file: '-'}, b: {file: '-'}}\n",
		       "3:34+3 error: standard input is read already\n");
}

static void a_policy_may_come_from_standard_input(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	_cleanup_(policy_free) struct policy *policy = NULL;

	feed_stdin("version: 1\ndefault: drop\nsets: {a: {file: '-'}}\n");
	assert_int_equal(policy_load("-", NULL, &diagnostics, &policy), -EINVAL);
	assert_string_equal(diagnostics.items[0].file, "stdin");
	assert_string_equal(diagnostics.items[0].text, "standard input is read already");

	feed_stdin("version: 1\nrules: [{name: a, action: drop}]\n");
	assert_int_equal(policy_load("-", NULL, &diagnostics, &policy), 0);
	assert_string_equal(policy->path, "-");
	assert_string_equal(policy->name, "stdin");
	assert_string_equal(policy->rules[0].place.file, "stdin");
}

static void count_progress(void *data, size_t done, size_t all)
{
	size_t *last = data;

	assert_true(done >= *last);
	assert_int_equal(all, 30);
	*last = done;
}

static void progress_counts_the_bytes_of_all_lists(void **state)
{
	size_t last = 0;
	struct load_context context = {.progress = count_progress, .progress_data = &last};

	write_list("192.0.2.1\n");
	fixture_write("lists/b.txt", "192.0.2.2 # twenty!\n", 20);
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load("version: 1\ndefault: drop\n"
			     "sets: {a: {file: lists/a.txt}, b: {file: lists/b.txt}}\n",
			     &context);

	assert_int_equal(last, 30);
	assert_int_equal(fixture.policy->n_files, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(each_bad_line_is_told_by_its_own_file_and_line),
		cmocka_unit_test(a_nul_inside_a_line_hides_nothing),
		cmocka_unit_test(lines_may_lie_across_whatever_is_read_at_once),
		cmocka_unit_test(an_endless_line_ends_the_reading),
		cmocka_unit_test(a_file_over_512_mebibytes_is_refused),
		cmocka_unit_test(a_list_is_found_from_the_policys_folder),
		cmocka_unit_test(an_absolute_path_is_taken_as_it_is),
		cmocka_unit_test(a_fifo_does_not_hold_up),
		cmocka_unit_test(a_list_may_come_from_standard_input),
		cmocka_unit_test(standard_input_is_read_once),
		cmocka_unit_test(a_policy_may_come_from_standard_input),
		cmocka_unit_test(progress_counts_the_bytes_of_all_lists),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
