/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "render/page.h"

/* What `write` writes. */
static char *written(void (*write)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write(out);
	fclose(out);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void write_page(FILE *out)
{
	static const char *const titles[] = {"source", ">packets", NULL};
	const struct page_counts points[] = {{{1, 2, 3}}, {{0, 0, 0}}, {{10, 0, 0}}};
	const struct page_timeline timeline = {1000000000, points, ARRAY_SIZE(points)};

	page_begin(out, "a <b> & \"c\"");
	page_timeline(out, &timeline);
	page_table_begin(out, titles);
	page_row_begin(out);
	page_cell(out, "<script>alert('x')</script>\x1b[31m\xff");
	page_cell_bar(out, &points[0], 12);
	page_row_end(out);
	page_table_end(out);
	page_end(out);
}

static void what_others_wrote_is_text(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_has(page, "<title>a &#60;b&#62; &#38; &#34;c&#34;</title>");
	assert_has(page, "<td>&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;"
			 "&#65533;[31m&#65533;</td>");
	assert_null(strstr(page, "<script"));
	assert_null(strchr(page, '\x1b'));
}

static void nothing_is_loaded_from_anywhere(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_null(strstr(page, "://"));
	assert_null(strstr(page, "src="));
	assert_null(strstr(page, "href="));
	assert_null(strstr(page, "url("));
	assert_null(strstr(page, "@import"));
}

static void light_and_dark_follow_the_system(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_has(page, "color-scheme:light dark");
	assert_has(page, "prefers-color-scheme:dark");
}

static void a_column_of_numbers_is_one(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_has(page, "<th>source</th><th class=\"number\">packets</th>");
}

static void bars_are_shares_of_the_most(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_has(page, "<i class=\"passed\" style=\"width:8.33%\" title=\"1 passed\">");
	assert_has(page, "<i class=\"dropped\" style=\"width:16.67%\" title=\"2 dropped\">");
	assert_has(page, "<i class=\"watched\" style=\"width:25.00%\" title=\"3 would be");
}

/* 10/s at most; steps of 2.5, so 10 is the top, which the last point reaches. */
static void the_highest_point_fits_the_plot(void **state)
{
	_cleanup_free_ char *page = written(write_page);

	assert_has(page, ">10/s</text>");
	assert_has(page, "<title>+2s: 10 passed, 0 dropped, 0 would be dropped</title>"
			 "<rect class=\"passed\" x=\"657.33\" y=\"12.00\" width=\"297.67\" "
			 "height=\"202.00\"/>");
	/* A point without packets is none. */
	assert_null(strstr(page, "<title>+1s"));
}

static void write_empty(FILE *out)
{
	page_timeline(out, &(struct page_timeline){});
}

static void no_points_are_no_chart(void **state)
{
	_cleanup_free_ char *page = written(write_empty);

	assert_string_equal(page, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_wrote_is_text),
		cmocka_unit_test(nothing_is_loaded_from_anywhere),
		cmocka_unit_test(light_and_dark_follow_the_system),
		cmocka_unit_test(a_column_of_numbers_is_one),
		cmocka_unit_test(bars_are_shares_of_the_most),
		cmocka_unit_test(the_highest_point_fits_the_plot),
		cmocka_unit_test(no_points_are_no_chart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
