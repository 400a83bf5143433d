/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/cleanup.h"

struct parse_case {
	const char *text;
	const char *expected; /* as formatted again */
	unsigned bits;
	bool has_host_bits;
};

static const struct parse_case parses[] = {
	{"192.0.2.1", "192.0.2.1", 128},
	{"192.0.2.0/24", "192.0.2.0/24", 120},
	{"192.0.2.1/32", "192.0.2.1", 128},
	{"192.0.2.7/24", "192.0.2.0/24", 120, true},
	{"198.51.100.129/25", "198.51.100.128/25", 121, true},
	{"0.0.0.0/0", "0.0.0.0/0", 96},
	{"255.255.255.255", "255.255.255.255", 128},
	{"203.0.113.255/1", "128.0.0.0/1", 97, true},
	{"2001:db8::1", "2001:db8::1", 128},
	{"2001:DB8:0:0::1", "2001:db8::1", 128},
	{"2001:db8::/32", "2001:db8::/32", 32},
	{"2001:db8::1/33", "2001:db8::/33", 33, true},
	{"::/0", "::/0", 0},
	{"::", "::", 128},
	{"::ffff:192.0.2.0/120", "192.0.2.0/24", 120},
	{"::ffff:192.0.2.1", "192.0.2.1", 128},
	{"::ffff:0:0/96", "0.0.0.0/0", 96},
	{"::ffff:0:0/95", "::fffe:0:0/95", 95, true},
	{"::/95", "::/95", 95},
};

static void a_prefix_parses_and_formats_back(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(parses); i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct prefix prefix;
		bool has_host_bits;

		assert_int_equal(prefix_parse(parses[i].text, &prefix, &has_host_bits), 0);
		assert_string_equal(prefix_format(&prefix, text), parses[i].expected);
		assert_int_equal(prefix.bits, parses[i].bits);
		assert_int_equal(has_host_bits, parses[i].has_host_bits);
	}
}

static void what_is_no_prefix_is_refused_and_leaves_the_outputs_alone(void **state)
{
	static const char *const bad[] = {
		"",
		" 192.0.2.1",
		"192.0.2.1 ",
		"192.0.2",
		"192.0.2.",
		"192.0.2.1.1",
		"192.0.2.256",
		"192.0.2.01",
		"192.0.2.-1",
		"192.0.2.1/",
		"192.0.2.1/33",
		"192.0.2.1/032",
		"192.0.2.1/24x",
		"192.0.2.1/24/24",
		"192.0.2.1/ 24",
		"192.0.2.99999999999999999999",
		"192.0.2.1-192.0.2.9",
		"2001:db8::/129",
		"2001:db8::/-1",
		"2001:db8::1::",
		"2001:db8",
		"2001:db8::1%eth0",
		"[2001:db8::1]",
		"2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8",
		"/24",
		"office",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct prefix prefix = {.bits = 77};
		bool has_host_bits = true;

		assert_int_equal(prefix_parse(bad[i], &prefix, &has_host_bits), -EINVAL);
		assert_int_equal(prefix.bits, 77);
		assert_true(has_host_bits);
	}
}

static struct prefix prefix(const char *text)
{
	struct prefix prefix;
	bool has_host_bits;

	assert_int_equal(prefix_parse(text, &prefix, &has_host_bits), 0);
	return prefix;
}

static void masking_clears_every_bit_behind(void **state)
{
	for (unsigned bits = 0; bits <= 128; bits++) {
		struct guard_address address;

		memset(&address, 0xff, sizeof(address));
		address_mask(&address, bits);
		for (unsigned bit = 0; bit < 128; bit++)
			assert_int_equal(address.bytes[bit / 8] >> (7 - bit % 8) & 1, bit < bits);
	}
}

struct cover_case {
	const char *outer, *inner;
	bool covers;
};

static const struct cover_case covers[] = {
	{"192.0.2.0/24", "192.0.2.0/24", true},
	{"192.0.2.0/24", "192.0.2.128/25", true},
	{"192.0.2.128/25", "192.0.2.0/24", false},
	{"192.0.2.0/25", "192.0.2.128/25", false},
	{"0.0.0.0/0", "203.0.113.1", true},
	{"2001:db8::/32", "2001:db8:1::/48", true},
	{"2001:db8::/32", "2001:db9::/48", false},
	{"::/0", "2001:db8::1", true},
	{"::/0", "192.0.2.1", false},
	{"0.0.0.0/0", "2001:db8::1", false},
	{"0.0.0.0/0", "::/0", false},
};

static void a_prefix_covers_only_its_own_family(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(covers); i++) {
		struct prefix outer = prefix(covers[i].outer), inner = prefix(covers[i].inner);

		assert_int_equal(prefix_covers(&outer, &inner), covers[i].covers);
		if (inner.bits == 128)
			assert_int_equal(prefix_contains(&outer, &inner.address), covers[i].covers);
	}
}

static void prefixes_sort_by_family_address_and_length(void **state)
{
	static const char *const sorted[] = {
		"0.0.0.0/0", "192.0.2.0/24",  "192.0.2.0/25",  "192.0.2.0",	"198.51.100.1",
		"::/0",	     "2001:db8::/32", "2001:db8::/48", "2001:db8:1::1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
		for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
			struct prefix a = prefix(sorted[i]), b = prefix(sorted[j]);
			int order = prefix_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_parses_and_formats_back),
		cmocka_unit_test(what_is_no_prefix_is_refused_and_leaves_the_outputs_alone),
		cmocka_unit_test(masking_clears_every_bit_behind),
		cmocka_unit_test(a_prefix_covers_only_its_own_family),
		cmocka_unit_test(prefixes_sort_by_family_address_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
