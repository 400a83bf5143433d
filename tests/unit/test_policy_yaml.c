/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile or odd file can do to the reader: little. */
#include "policy_fixture.h"

/* `times` times `part` between `head` and `tail`. Caller frees. */
static char *repeat(const char *head, const char *part, size_t times, const char *tail)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	fputs(head, out);
	for (size_t i = 0; i < times; i++)
		fputs(part, out);
	fputs(tail, out);
	fclose(out);
	return text;
}

static void aliases_that_repeat_more_than_the_file_are_refused(void **state)
{
	/* The last line alone would be 9^4 nodes. */
	fixture_expect("version: 1\n"
		       "sets:\n"
		       "  a: &a [x, x, x, x, x, x, x, x, x]\n"
		       "  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
		       "  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
		       "  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n",
		       "5:14+2 error: aliases repeat more than the whole file holds\n");
}

static void an_alias_that_stands_for_a_limit_is_fine(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load("version: 1\n"
			     "rules:\n"
			     "  - {name: a, to_port: 1, limit: &slow {rate: 10/s, block: 1m}}\n"
			     "  - {name: b, to_port: 2, limit: *slow}\n",
			     NULL);

	assert_int_equal(fixture.result, 0);
	assert_int_equal(fixture.diagnostics.n_items, 0);
	assert_int_equal(fixture.policy->rules[1].limits[0].packets, 10);
	assert_int_equal(fixture.policy->rules[1].limits[0].block_first_ns, 60000000000);
}

static void sixty_four_deep_is_the_end(void **state)
{
	_cleanup_free_ char *deep = repeat("version: 1\nsets: {a: ", "[", 62, "]");
	_cleanup_free_ char *deeper = repeat("version: 1\nsets: {a: ", "[", 63, "]");
	_cleanup_free_ char *deepest = repeat("version: 1\nsets: {a: ", "[", 200000, "]");

	/* Two mappings and 62 lists are read, and only then found unfinished. */
	fixture_expect(deep, "3:1+1 error: not valid YAML: did not find expected ',' or ']', while "
			     "parsing a flow sequence on line 2\n");
	fixture_expect(deeper, "2:73+1 error: nested more than 64 deep\n");
	fixture_expect(deepest, "2:73+1 error: nested more than 64 deep\n");
}

static void sixteen_mebibytes_are_the_end(void **state)
{
	size_t size = 16 << 20;
	_cleanup_free_ char *text = repeat("version: 1\ndefault: drop\n# ", "x", size, "");

	text[size] = '\0';
	fixture_expect(text, "");
	text[size] = 'x';
	text[size + 1] = '\0';
	fixture_expect(text, "0:0+0 error: over 16 MiB; long lists belong in list files\n");
}

static void many_anchors_take_no_quadratic_time(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("version: 1\ndefault: drop\nsets:\n  a: [", out);
	for (unsigned i = 0; i < 200000; i++)
		fprintf(out, "&a%u 192.0.2.%u, *a%u,\n", i, i % 256, i);
	fputs("]\n", out);
	fclose(out);
	fixture_expect(text, "");
	free(text);
}

static void many_keys_and_sets_take_no_quadratic_time(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("version: 1\ndefault: drop\nsets:\n  all: {sets: [", out);
	for (unsigned i = 0; i < 100000; i++)
		fprintf(out, "s%u,\n", i);
	fputs("]}\n", out);
	for (unsigned i = 0; i < 100000; i++)
		fprintf(out, "  s%u: 192.0.2.%u\n", i, i % 256);
	fclose(out);
	fixture_expect(text, "");
	free(text);
}

static void sets_within_sets_are_taken_in_once(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	/* Written out, the last of them would be 2^60 addresses. */
	fputs("version: 1\ndefault: drop\nsets:\n  s0: [192.0.2.1, 192.0.2.3]\n", out);
	for (unsigned i = 1; i <= 60; i++)
		fprintf(out, "  s%u: [s%u, s%u]\n", i, i - 1, i - 1);
	fclose(out);
	fixture_expect(text, "");
	free(text);
}

static void sets_within_sets_have_a_bottom(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("version: 1\ndefault: drop\nsets:\n", out);
	for (unsigned i = 0; i < 70; i++)
		fprintf(out, "  s%u: [s%u]\n", i, i + 1);
	fputs("  s70: 192.0.2.1\n", out);
	fclose(out);
	fixture_expect(text, "67:9+3 error: sets within sets more than 64 deep\n");
	free(text);
}

static void only_the_first_hundred_errors_are_kept(void **state)
{
	_cleanup_free_ char *text = repeat("version: 1\nsets:\n  a: [", "nobody,\n", 5000, "]\n");
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(text, NULL);

	assert_int_equal(fixture.diagnostics.n_items, DIAGNOSTICS_MAX);
	assert_int_equal(fixture.diagnostics.n_errors, 5000);
	assert_int_equal(fixture.diagnostics.n_suppressed, 4900);
}

static void what_the_file_says_is_shown_short_and_harmless(void **state)
{
	_cleanup_free_ char *name = repeat("version: 1\nsets: {a: [", "n", 5000, "]}\n");
	_cleanup_free_ char *word =
		repeat("2:12+5000 error: unknown set \"", "n", 64, "\" in sets.a\n");
	_cleanup_(fixture_release) struct fixture fixture =
		fixture_load("version: 1\nmode: \"\\e[2J\\u009b\"\n", NULL);
	_cleanup_free_ char *told = fixture_told(&fixture);

	fixture_expect(name, word);
	assert_string_equal(told, "2:7+13 error: mode \"?[2J?\": expected enforce or monitor\n");
}

static void a_long_line_is_not_shown(void **state)
{
	_cleanup_free_ char *text = repeat("version: 1\nmode: [", "a, ", 1000, "]\n");
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(text, NULL);

	assert_int_equal(fixture.diagnostics.n_items, 1);
	assert_null(fixture.diagnostics.items[0].excerpt);
}

static void any_line_break_counts_as_one(void **state)
{
	fixture_expect("version: 1\r\ndefault: drop\rmode: on\n",
		       "3:7+2 error: mode \"on\": expected "
		       "enforce or monitor\n");
	fixture_expect("version: 1\xc2\x85"
		       "default: drop\xe2\x80\xa8mode: on\n",
		       "3:7+2 error: mode \"on\": expected enforce or monitor\n");
}

static void a_byte_order_mark_is_skipped(void **state)
{
	fixture_expect(
		"\xef\xbb\xbfversion: 2\ndefault: drop\n",
		"1:10+1 error: version \"2\": expected 1, the version that this xdpguard reads\n");
}

static void broken_utf8_has_its_place(void **state)
{
	fixture_expect("version: 1\n# \xc3\xa9\ndefault: \xc3\xa9\xff\n",
		       "3:11+1 error: not valid YAML: invalid leading UTF-8 octet\n");
	fixture_expect("\xff\xfev\0e\0",
		       "1:1+1 error: not valid YAML: invalid leading UTF-8 octet\n");
}

static void what_can_not_be_read_is_said(void **state)
{
	_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
	struct policy *policy = NULL;

	assert_int_equal(policy_load("nowhere.yaml", NULL, &diagnostics, &policy), -EINVAL);
	assert_int_equal(policy_load("lists", NULL, &diagnostics, &policy), -EINVAL);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(policy_load("fifo", NULL, &diagnostics, &policy), -EINVAL);

	assert_null(policy);
	assert_int_equal(diagnostics.n_items, 3);
	assert_string_equal(diagnostics.items[0].file, "nowhere.yaml");
	assert_string_equal(diagnostics.items[0].text, "no such file");
	assert_string_equal(diagnostics.items[1].text, "is a folder, not a file");
	assert_string_equal(diagnostics.items[2].text,
			    "not a regular file; to read a pipe give \"-\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliases_that_repeat_more_than_the_file_are_refused),
		cmocka_unit_test(an_alias_that_stands_for_a_limit_is_fine),
		cmocka_unit_test(sixty_four_deep_is_the_end),
		cmocka_unit_test(sixteen_mebibytes_are_the_end),
		cmocka_unit_test(many_anchors_take_no_quadratic_time),
		cmocka_unit_test(many_keys_and_sets_take_no_quadratic_time),
		cmocka_unit_test(sets_within_sets_are_taken_in_once),
		cmocka_unit_test(sets_within_sets_have_a_bottom),
		cmocka_unit_test(only_the_first_hundred_errors_are_kept),
		cmocka_unit_test(what_the_file_says_is_shown_short_and_harmless),
		cmocka_unit_test(a_long_line_is_not_shown),
		cmocka_unit_test(any_line_break_counts_as_one),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(broken_utf8_has_its_place),
		cmocka_unit_test(what_can_not_be_read_is_said),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
