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
#include "store/snapshot.h"

#define MEMBERS \
	"\"xdpguard\": \"snapshot\", \"version\": 1, \"taken\": \"2026-01-31T23:59:59.250Z\", " \
	"\"clock\": 5000, \"guard\": \"boot-7\", " \
	"\"resets\": { \"sources\": 1, \"rules\": 2, \"reasons\": 3 }"
#define HEAD "{ " MEMBERS ",\n"
#define STATUS \
	"\"status\": { \"policy\": \"edge.yaml\", \"hash\": \"0123456789abcdef\", " \
	"\"applied\": \"2026-01-01T00:00:00.000Z\", " \
	"\"verdicts\": [{ \"verdict\": \"passed\", \"packets\": 3, \"bytes\": 180 }], " \
	"\"reasons\": [{ \"reason\": \"rule-pass\", \"packets\": 3, \"bytes\": 180, " \
	"\"would_drop\": 0 }], " \
	"\"traffic\": [{ \"interface\": \"eth0\", \"passed\": 3, \"passed_bytes\": 180, " \
	"\"dropped\": 0, " \
	"\"dropped_bytes\": 0, \"would_drop\": 0 }] },\n"
#define RULE \
	"{ \"name\": \"dns\", \"hits\": 3, \"bytes\": 180, \"passed\": 3, \"passed_bytes\": 180, " \
	"\"dropped\": 0, \"dropped_bytes\": 0, \"would_drop\": 0, \"would_drop_bytes\": 0 }"
#define RULES "\"rules\": [" RULE "],\n"
#define SOURCE(packets) \
	"{ \"address\": \"192.0.2.1\", \"packets\": " packets ", \"bytes\": 180, \"passed\": 3, " \
	"\"dropped\": 0, \"would_drop\": 0, \"rule\": null, \"entered\": 77 }"
#define SOURCES(rows) "\"sources\": [" rows "],\n"
#define BLOCKS \
	"\"blocks\": [{ \"prefix\": \"192.0.2.77\", \"until\": \"forever\", " \
	"\"since\": \"2026-01-31T00:00:00.000Z\", \"by\": \"hand\", \"rule\": null, \"reason\": " \
	"null }]"
#define WITH_SOURCES(rows) HEAD STATUS RULES SOURCES(rows) BLOCKS "\n}\n"
#define WHOLE WITH_SOURCES(SOURCE("3"))

static struct snapshot *read_text(const char *text)
{
	struct snapshot *snapshot = NULL;
	struct why why = {};

	if (snapshot_parse("a.json", text, strlen(text), &snapshot, &why) < 0)
		fail_msg("%s", why.text);
	return snapshot;
}

static void refuses(const char *text, const char *expected)
{
	struct snapshot *snapshot = NULL;
	struct why why = {};

	assert_int_equal(snapshot_parse("a.json", text, strlen(text), &snapshot, &why), -EBADMSG);
	assert_null(snapshot);
	assert_string_equal(why.text, expected);
}

static void everything_is_read(void **state)
{
	_cleanup_(snapshot_free) struct snapshot *s = read_text(WHOLE);
	const struct snapshot_row *row;

	assert_int_equal(s->taken_ns, 1769903999250000000);
	assert_int_equal(s->clock_ns, 5000);
	assert_string_equal(s->guard, "boot-7");
	assert_string_equal(s->policy, "edge.yaml");
	assert_int_equal(s->resets[0] * 100 + s->resets[1] * 10 + s->resets[2], 123);
	for (unsigned i = 0; i < SNAPSHOT_LISTS; i++)
		assert_int_equal(s->lists[i].n, 1);
	row = &s->lists[SNAPSHOT_SOURCES].items[0];
	assert_string_equal(row->name, "192.0.2.1");
	assert_int_equal(row->entered, 77);
	assert_int_equal(row->counts[SNAPSHOT_BYTES], 180);
	assert_int_equal(s->lists[SNAPSHOT_INTERFACES].items[0].counts[SNAPSHOT_PASSED], 3);
	assert_int_equal(s->lists[SNAPSHOT_RULES].items[0].counts[SNAPSHOT_PACKETS], 3);
	assert_string_equal(s->blocks.items[0].until, "forever");
}

static void counters_are_exact_to_the_last_bit(void **state)
{
	_cleanup_(snapshot_free) struct snapshot *s =
		read_text(WITH_SOURCES(SOURCE("18446744073709551614")));

	assert_true(s->lists[SNAPSHOT_SOURCES].items[0].counts[SNAPSHOT_PACKETS] == UINT64_MAX - 1);
	refuses(WITH_SOURCES(SOURCE("18446744073709551616")),
		"a.json:4: \"packets\": expected a number from 0, of 64 bits");
	refuses(WITH_SOURCES(SOURCE("-1")),
		"a.json:4: \"packets\": expected a number from 0, of 64 bits");
	refuses(WITH_SOURCES(SOURCE("3.0")),
		"a.json:4: \"packets\": expected a number from 0, of 64 bits");
}

static void one_name_twice_is_one_row(void **state)
{
	_cleanup_(snapshot_free) struct snapshot *s =
		read_text(WITH_SOURCES(SOURCE("3") ", " SOURCE("4") ", " SOURCE("5")));

	assert_int_equal(s->lists[SNAPSHOT_SOURCES].n, 1);
	assert_int_equal(s->lists[SNAPSHOT_SOURCES].items[0].counts[SNAPSHOT_PACKETS], 12);
}

static void the_order_is_free_and_members_that_nobody_knows_are_passed_over(void **state)
{
	_cleanup_(snapshot_free) struct snapshot *s =
		read_text("{" BLOCKS ", \"later\": [1, {\"a\": [2]}, []]," RULES SOURCES("") STATUS
			  "\"more\": {}, " MEMBERS "}");

	assert_int_equal(s->lists[SNAPSHOT_SOURCES].n, 0);
	assert_int_equal(s->lists[SNAPSHOT_RULES].n, 1);
}

static void what_is_cut_off_anywhere_is_refused(void **state)
{
	size_t size = strlen(WHOLE);

	for (size_t i = 0; i < size - 1; i++) {
		struct snapshot *s = NULL;

		if (snapshot_parse("a.json", WHOLE, i, &s, NULL) != -EBADMSG)
			fail_msg("%zu bytes of %zu are taken for a snapshot", i, size);
	}
}

static void what_is_wrong_is_said(void **state)
{
	refuses("", "a.json:1: not written by xdpguard snapshot");
	refuses("version: 1\n", "a.json:1: not written by xdpguard snapshot");
	refuses("{}", "a.json:1: not written by xdpguard snapshot");
	refuses("{\"xdpguard\": \"blocks\"}", "a.json:1: not written by xdpguard snapshot");
	refuses("{\"xdpguard\": \"snapshot\", \"version\": 2}",
		"a.json:1: a snapshot of version 2: this xdpguard reads version 1");
	refuses("{\"xdpguard\": \"snapshot\", \"version\": 1}", "a.json:1: \"taken\" is missing");
	refuses(HEAD STATUS RULES RULES, "a.json:4: \"rules\" is there twice");
	refuses(HEAD STATUS "\"rules\": {}", "a.json:3: \"rules\": expected a list");
	refuses(WITH_SOURCES("7"), "a.json:4: expected an object");
	refuses(WITH_SOURCES("{\"address\": \"a\\u0000b\"}"),
		"a.json:4: \"address\": expected a string without NUL");
	refuses(WITH_SOURCES("{\"address\": null}"),
		"a.json:4: \"address\": expected a string that is not empty");
	refuses(WHOLE "{}", "a.json:7: not JSON, or cut off");
	refuses(WITH_SOURCES(SOURCE("3") ","), "a.json:4: not JSON, or cut off");
}

static void nesting_has_a_bound(void **state)
{
	char text[2048] = "{\"later\": ";

	memset(text + strlen(text), '[', sizeof(text) - strlen(text) - 1);
	refuses(text, "a.json:1: not JSON, or cut off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(counters_are_exact_to_the_last_bit),
		cmocka_unit_test(one_name_twice_is_one_row),
		cmocka_unit_test(the_order_is_free_and_members_that_nobody_knows_are_passed_over),
		cmocka_unit_test(what_is_cut_off_anywhere_is_refused),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(nesting_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
