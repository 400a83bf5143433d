/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "frame/build.h"
#include "frame/head.h"
#include "frame/hex.h"
#include "frame/spec.h"

/* What is written, built, and read again by the packet program's parser. */
struct spec_case {
	const char *text;
	const char *expected; /* NULL: the same */
	size_t size;
};

static const struct spec_case cases[] = {
	{"udp 192.0.2.1:1234 > 198.51.100.53:53", NULL, 60},
	{"udp 192.0.2.1:1234 > 198.51.100.53:53 size 512", "udp 192.0.2.1:1234 > 198.51.100.53:53",
	 512},
	{"udp 192.0.2.1:1 > 198.51.100.53:53 size 65535", "udp 192.0.2.1:1 > 198.51.100.53:53",
	 65535},
	{"udp 192.0.2.1 > 198.51.100.53:domain", "udp 192.0.2.1:40000 > 198.51.100.53:53", 60},
	{"  udp\t192.0.2.1:1>198.51.100.53:53 ", "udp 192.0.2.1:1 > 198.51.100.53:53", 60},
	{"17 192.0.2.1:1 > 198.51.100.53:53", "udp 192.0.2.1:1 > 198.51.100.53:53", 60},
	{"tcp [2001:db8::1]:40000 > [2001:db8::53]:443 flags syn,ack", NULL, 74},
	{"tcp [2001:db8::1]:40000 > [2001:db8::53]:443", NULL, 74},
	{"tcp 192.0.2.1:40000 > 198.51.100.1:80 flags fin,syn,rst,psh,ack,urg,ece,cwr", NULL, 60},
	{"tcp 192.0.2.1:1 > 198.51.100.1:80 flags syn fragment first", NULL, 60},
	{"tcp 192.0.2.1:1 > 198.51.100.1:80 vlan 7 vlan 4094 size 1514",
	 "tcp 192.0.2.1:1 > 198.51.100.1:80", 1514},
	{"tcp 192.0.2.1 > 198.51.100.1 fragment later", NULL, 60},
	{"udp 2001:db8::1 > 2001:db8::2 fragment later", NULL, 62},
	{"udp [2001:db8::1]:5 > [2001:db8::2]:6 fragment first", NULL, 70},
	{"sctp 192.0.2.1:5 > 198.51.100.1:6", NULL, 60},
	{"icmp 192.0.2.1 > 198.51.100.1 icmp-type 3", "icmp 192.0.2.1 > 198.51.100.1", 60},
	{"icmp6 2001:db8::1 > 2001:db8::2", "icmpv6 2001:db8::1 > 2001:db8::2", 62},
	{"gre 192.0.2.1 > 198.51.100.1", NULL, 60},
	{"99 [2001:db8::1] > [2001:db8::2]", "99 2001:db8::1 > 2001:db8::2", 60},
};

static struct frame frame_of(const char *text)
{
	struct diagnostics diagnostics = {};
	struct frame frame;
	struct spec spec;
	struct why why;

	if (spec_parse(text, &diagnostics, &spec) < 0)
		fail_msg("%s: %u: %s", text, diagnostics.items[0].column,
			 diagnostics.items[0].text);
	if (build_frame(&spec, &frame, &why) < 0)
		fail_msg("%s: %s", text, why.text);
	return frame;
}

static void a_packet_is_read_back_as_it_was_written(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame frame = frame_of(cases[i].text);
		struct head head = head_read(frame.bytes, frame.size);
		char text[HEAD_TEXT_SIZE];

		assert_string_equal(head_format(&head, text), cases[i].expected ?: cases[i].text);
		assert_int_equal(frame.size, cases[i].size);
		free(frame.bytes);
	}
}

static void an_icmp_type_reaches_the_packet(void **state)
{
	struct frame solicitation = frame_of("icmp6 2001:db8::1 > 2001:db8::2 icmp-type 135");
	struct frame echo = frame_of("icmp6 2001:db8::1 > 2001:db8::2");

	assert_true(head_read(solicitation.bytes, solicitation.size).is_neighbour_discovery);
	assert_false(head_read(echo.bytes, echo.size).is_neighbour_discovery);
	free(solicitation.bytes);
	free(echo.bytes);
}

struct error_case {
	const char *text;
	unsigned column, length;
	const char *message; /* begins so */
};

static const struct error_case errors[] = {
	{"", 1, 0, "expected a packet"},
	{"  ", 3, 0, "expected a packet"},
	{"dup 192.0.2.1:1 > 192.0.2.2:2", 1, 3, "\"dup\": expected tcp, udp"},
	{"256 192.0.2.1 > 192.0.2.2", 1, 3, "\"256\": expected tcp, udp"},
	{"udp", 4, 0, "expected a source address"},
	{"udp 192.0.2.256:1 > 192.0.2.2:2", 5, 13, "\"192.0.2.256:1\": expected a source"},
	{"udp 192.0.2.0/24:1 > 192.0.2.2:2", 5, 14, "\"192.0.2.0/24:1\": expected a source"},
	{"udp 192.0.2.1:99999 > 192.0.2.2:2", 5, 15, "\":99999\": expected a port"},
	{"udp 192.0.2.1:1-2 > 192.0.2.2:2", 5, 13, "\":1-2\": expected a port"},
	{"udp [2001:db8::1:53 > 192.0.2.2:2", 5, 15, "\"[2001:db8::1:53\": expected a source"},
	{"udp 192.0.2.1:1", 16, 0, "expected \">\""},
	{"udp 192.0.2.1:1 192.0.2.2:2", 17, 11, "\"192.0.2.2:2\": expected \">\""},
	{"udp 192.0.2.1:1 >", 18, 0, "expected a destination address"},
	{"udp 192.0.2.1:1 > [2001:db8::1]:2", 19, 15, "from IPv4 to IPv6"},
	{"udp 192.0.2.1:1 > 192.0.2.2", 19, 9, "expected a port behind the destination"},
	{"icmp 192.0.2.1:1 > 192.0.2.2", 6, 11, "ports are of"},
	{"icmp6 192.0.2.1 > 192.0.2.2", 19, 9, "IPv4 has icmp"},
	{"icmp 2001:db8::1 > 2001:db8::2", 20, 11, "IPv6 has icmp6"},
	{"0 2001:db8::1 > 2001:db8::2", 17, 11,
	 "0 is an extension header of IPv6; name the protocol"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 sise 60", 31, 4,
	 "\"sise\": unknown; did you mean \"size\""},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 size", 35, 0, "expected a number from 1 to 65535"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 size 65536", 36, 5, "\"65536\": expected a number"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 size 6x", 36, 2, "\"6x\": expected a number"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 size -6", 36, 2, "\"-6\": expected a number"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 flags syn", 31, 5, "flags are of tcp"},
	{"tcp 192.0.2.1:1 > 192.0.2.2:2 flags syn,nak", 41, 3, "\"nak\": expected fin, syn"},
	{"tcp 192.0.2.1:1 > 192.0.2.2:2 flags syn,", 41, 0, "\"\": expected fin, syn"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 icmp-type 8", 31, 9, "icmp-type is of icmp"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 vlan 4095", 36, 4, "\"4095\": expected a number"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 vlan 1 vlan 2 vlan 3", 45, 4, "at most 2 VLAN"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 fragment last", 40, 4, "\"last\": expected first or"},
	{"udp 192.0.2.1:1 > 192.0.2.2:2 fragment later", 19, 11, "a later fragment carries no"},
	{"udp 192.0.2.1:1 > 192.0.2.2 fragment later", 19, 9, "a later fragment carries no"},
};

static void what_is_written_wrong_is_told_once_and_where(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const struct error_case *e = &errors[i];
		struct diagnostics diagnostics = {};
		struct spec spec;

		if (spec_parse(e->text, &diagnostics, &spec) != -EINVAL)
			fail_msg("\"%s\" was taken", e->text);
		assert_int_equal(diagnostics.n_errors, 1);
		if (strncmp(diagnostics.items[0].text, e->message, strlen(e->message)) != 0)
			fail_msg("\"%s\": %s", e->text, diagnostics.items[0].text);
		if (diagnostics.items[0].column != e->column ||
		    diagnostics.items[0].length != e->length)
			fail_msg("\"%s\": %u, %u long", e->text, diagnostics.items[0].column,
				 diagnostics.items[0].length);
		diagnostics_free(&diagnostics);
	}
}

static void a_word_without_end_is_refused(void **state)
{
	struct diagnostics diagnostics = {};
	char text[4096] = "udp 192.0.2.1:";
	struct spec spec;

	memset(text + 14, '1', sizeof(text) - 15);
	assert_int_equal(spec_parse(text, &diagnostics, &spec), -EINVAL);
	diagnostics_free(&diagnostics);
}

static void a_size_below_the_headers_is_refused(void **state)
{
	struct diagnostics diagnostics = {};
	struct frame frame;
	struct spec spec;
	struct why why;

	assert_int_equal(spec_parse("udp 192.0.2.1:1 > 192.0.2.2:2 size 41", &diagnostics, &spec),
			 0);
	assert_int_equal(build_frame(&spec, &frame, &why), -EINVAL);
	assert_non_null(strstr(why.text, "take 42 bytes"));
}

static void hexadecimal_is_read_with_blanks_and_colons(void **state)
{
	struct diagnostics diagnostics = {};
	struct frame frame;

	assert_int_equal(
		hex_parse(" 02:00 00\n00:00:01 020000000002 0806aBCd ", &diagnostics, &frame), 0);
	assert_int_equal(frame.size, 16);
	assert_memory_equal(frame.bytes + 12, "\x08\x06\xab\xcd", 4);
	free(frame.bytes);
}

static void hexadecimal_that_is_none_is_told_where(void **state)
{
	static const struct error_case bad[] = {
		{"0200000000010200000000020x00", 26, 1, "expected two"},
		{"0200000000010200000000020", 26, 1, "expected two"},
		{"02000000000102000000000208", 27, 1, "a frame has an Ethernet header"},
		{"", 1, 1, "a frame has an Ethernet header"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct diagnostics diagnostics = {};
		struct frame frame;

		assert_int_equal(hex_parse(bad[i].text, &diagnostics, &frame), -EINVAL);
		assert_int_equal(diagnostics.items[0].column, bad[i].column);
		assert_memory_equal(diagnostics.items[0].text, bad[i].message,
				    strlen(bad[i].message));
		diagnostics_free(&diagnostics);
	}
}

static void frames_that_no_policy_judges_are_named(void **state)
{
	static const unsigned char arp[60] = {[12] = 0x08, [13] = 0x06};
	static const unsigned char cut[20] = {[12] = 0x08, [13] = 0x00, [14] = 0x45};
	struct head other = head_read(arp, sizeof(arp)), malformed = head_read(cut, sizeof(cut));
	char text[HEAD_TEXT_SIZE];

	assert_string_equal(head_format(&other, text), "neither IPv4 nor IPv6");
	assert_string_equal(head_format(&malformed, text), "malformed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_read_back_as_it_was_written),
		cmocka_unit_test(an_icmp_type_reaches_the_packet),
		cmocka_unit_test(what_is_written_wrong_is_told_once_and_where),
		cmocka_unit_test(a_word_without_end_is_refused),
		cmocka_unit_test(a_size_below_the_headers_is_refused),
		cmocka_unit_test(hexadecimal_is_read_with_blanks_and_colons),
		cmocka_unit_test(hexadecimal_that_is_none_is_told_where),
		cmocka_unit_test(frames_that_no_policy_judges_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
