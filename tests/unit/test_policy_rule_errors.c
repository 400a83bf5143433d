/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each mistake in rules and limits: its place, its words, and that it is told once. */
#include "policy_fixture.h"

#define RULES "version: 1\nrules:\n"
#define RULE RULES "  - name: a\n    action: drop\n"
#define LIMIT RULES "  - name: a\n    limit: "

struct error_case {
	const char *text;
	const char *told;
};

static const struct error_case rules_cases[] = {
	{RULES "  - action: drop\n", "3:5+1 error: rules[0] has no name\n"},
	{RULES "  - name:\n    action: drop\n",
	 "3:5+4 error: rules[0].name has no value: expected a letter, then letters, digits, \"-\", "
	 "\"_\" or \".\", 63 characters at most\n"},
	{RULES "  - name: a b\n    action: drop\n",
	 "3:11+3 error: rules[0].name \"a b\": expected a letter, then letters, digits, \"-\", "
	 "\"_\" or \".\", 63 characters at most\n"},
	{RULES "  - {nam: a, action: drop}\n",
	 "3:6+3 error: unknown key \"nam\" in rules[0]; did you mean \"name\"?\n"},
	{RULES "  - {name: a, action: drop}\n  - {name: b, protocol: udp, action: drop}\n  - "
	       "{name: a, protocol: tcp, action: drop}\n",
	 "5:12+1 error: duplicate rule name \"a\"; the first is on line 3\n"},
	{RULES "  - name: a\n",
	 "3:5+1 error: rules[0] does nothing: needs \"action\", \"limit\" or \"limits\"\n"},
	{RULES "  - name: a\n    acton: drop\n",
	 "4:5+5 error: unknown key \"acton\" in rules[0]; did you mean \"action\"?\n"},
	{RULES "  - {name: a, action: limit}\n",
	 "3:23+5 error: rules[0].action \"limit\": expected pass or drop\n"},
	{RULES "  - {name: a, action: drop, limit: {rate: 1/s}}\n",
	 "3:15+6 error: rules[0] has both an action and a limit; a limit passes what it holds\n"},
	{RULES "  - {name: a, limit: {rate: 1/s}, limits: [{rate: 1/s}]}\n",
	 "3:35+6 error: rules[0] has both \"limit\" and \"limits\"\n"},
	{RULES "  - {name: a, action: drop, limit: {rate: 1/s}, limits: [{rate: 1/s}]}\n",
	 "3:15+6 error: rules[0] has both an action and a limit; a limit passes what it holds\n"
	 "3:49+6 error: rules[0] has both \"limit\" and \"limits\"\n"},
	{RULE "    mode: test\n",
	 "5:11+4 error: rules[0].mode \"test\": expected enforce or monitor\n"},
	{RULE "    from: nobody\n", "5:11+6 error: unknown set \"nobody\" in rules[0].from\n"},
	{RULE "    from: []\n", "5:11+1 error: rules[0].from: an empty list\n"},
	{RULE "    from:\n",
	 "5:5+4 error: rules[0].from has no value: expected a prefix or the name of a set\n"},
	{RULE "    from: [192.0.2.0/24, {a: b}]\n",
	 "5:26+1 error: rules[0].from[1]: expected a prefix or the name of a set, found a "
	 "mapping\n"},
	{RULE "    not_from: 192.0.2.1/33\n",
	 "5:15+12 error: rules[0].not_from \"192.0.2.1/33\": expected a prefix such as "
	 "192.0.2.0/24 or 2001:db8::/32\n"},
	{RULE "    to: 192.0.2.1/24\n",
	 "5:9+12 warning: \"192.0.2.1/24\" has host bits set: taken as 192.0.2.0/24\n"},
	{RULE "    not_to: [x, 2001:db8::/32]\n",
	 "5:14+1 error: unknown set \"x\" in rules[0].not_to\n"},
	{RULE "    source: 192.0.2.1\n    port: 22\n    proto: tcp\n",
	 "5:5+6 error: unknown key \"source\" in rules[0]\n"
	 "6:5+4 error: unknown key \"port\" in rules[0]; did you mean \"to_port\"?\n"
	 "7:5+5 error: unknown key \"proto\" in rules[0]; did you mean \"protocol\"?\n"},
	{RULE "    protocol: tpc\n", "5:15+3 error: rules[0].protocol \"tpc\": expected tcp, udp, "
				     "icmp, icmpv6, sctp, gre, esp or a number from 0 to 255\n"},
	{RULE "    protocol: 256\n", "5:15+3 error: rules[0].protocol \"256\": expected tcp, udp, "
				     "icmp, icmpv6, sctp, gre, esp or a number from 0 to 255\n"},
	{RULE "    protocol: []\n", "5:15+1 error: rules[0].protocol: an empty list\n"},
	{RULE "    protocol: [udp, 1k, -1]\n",
	 "5:21+2 error: rules[0].protocol[1] \"1k\": expected tcp, udp, icmp, icmpv6, sctp, gre, "
	 "esp or a number from 0 to 255\n"
	 "5:25+2 error: rules[0].protocol[2] \"-1\": expected tcp, udp, icmp, icmpv6, sctp, gre, "
	 "esp or a number from 0 to 255\n"},
	{RULE "    protocol: udp\n    to_port: 65536\n",
	 "6:14+5 error: rules[0].to_port \"65536\": expected a port from 0 to 65535, a range such "
	 "as 8000-8099 or a service name\n"},
	{RULE "    to_port: 90-80\n",
	 "5:14+5 error: rules[0].to_port \"90-80\": expected a port from 0 to 65535, a range such "
	 "as 8000-8099 or a service name\n"},
	{RULE "    to_port: [80, 1k, '80 - 90', 80-, -80, no-such-service]\n",
	 "5:19+2 error: rules[0].to_port[1] \"1k\": expected a port from 0 to 65535, a range such "
	 "as 8000-8099 or a service name\n"
	 "5:23+9 error: rules[0].to_port[2] \"80 - 90\": expected a port from 0 to 65535, a range "
	 "such as 8000-8099 or a service name\n"
	 "5:34+3 error: rules[0].to_port[3] \"80-\": expected a port from 0 to 65535, a range such "
	 "as 8000-8099 or a service name\n"
	 "5:39+3 error: rules[0].to_port[4] \"-80\": expected a port from 0 to 65535, a range such "
	 "as 8000-8099 or a service name\n"
	 "5:44+15 error: rules[0].to_port[5] \"no-such-service\": expected a port from 0 to 65535, "
	 "a range such as 8000-8099 or a service name\n"},
	{RULE "    to_port: []\n", "5:14+1 error: rules[0].to_port: an empty list\n"},
	{RULE "    to_port:\n", "5:5+7 error: rules[0].to_port has no value: expected a port from "
				"0 to 65535, a range such as 8000-8099 or a service name\n"},
	{RULE "    from_port: {a: 1}\n",
	 "5:16+1 error: rules[0].from_port: expected a port from 0 to 65535, a range such as "
	 "8000-8099 or a service name, found a mapping\n"},
	{RULE "    protocol: icmp\n    to_port: 53\n",
	 "6:14+2 error: rules[0].to_port: protocol icmp has no ports\n"},
	{RULE "    protocol: [udp, gre]\n    to_port: 53\n    from_port: 53\n",
	 "6:14+2 error: rules[0].to_port: protocol gre has no ports\n"
	 "7:16+2 error: rules[0].from_port: protocol gre has no ports\n"},
	{RULE "    protocol: 47\n    from_port: 53\n",
	 "6:16+2 error: rules[0].from_port: protocol gre has no ports\n"},
	{RULE "    tcp_flags: [sin]\n",
	 "5:17+3 error: rules[0].tcp_flags[0] \"sin\": expected fin, syn, rst, psh, ack, urg, ece "
	 "or cwr, or one of them behind a \"!\"\n"},
	{RULE "    tcp_flags: []\n", "5:16+1 error: rules[0].tcp_flags: an empty list\n"},
	{RULE "    tcp_flags: [syn, '!syn']\n",
	 "5:16+1 error: rules[0].tcp_flags: the same flag both set and clear\n"},
	{RULE "    protocol: udp\n    tcp_flags: syn\n",
	 "6:16+3 error: rules[0].tcp_flags: only protocol tcp has these flags\n"},
	{RULE "    tcp_flags: [syn, !ack ]\n",
	 "5:22+4 error: \"!ack\" is a YAML tag, which means nothing here; a text that starts with "
	 "\"!\" needs quotes\n"},
	{RULE "    tcp_flags: [syn, !ack]\n",
	 "5:22+1 error: a text that starts with \"!\" needs quotes\n"},
	{RULE "    tcp_flags: ['!!ack', '!']\n",
	 "5:17+7 error: rules[0].tcp_flags[0] \"!!ack\": expected fin, syn, rst, psh, ack, urg, "
	 "ece or cwr, or one of them behind a \"!\"\n"
	 "5:26+3 error: rules[0].tcp_flags[1] \"!\": expected fin, syn, rst, psh, ack, urg, ece or "
	 "cwr, or one of them behind a \"!\"\n"},
	{RULE "    fragment: yes\n",
	 "5:15+3 error: rules[0].fragment \"yes\": expected false or true\n"},
	{RULE "    fragment: [true]\n",
	 "5:15+1 error: rules[0].fragment: expected false or true, found a list\n"},
};

static const struct error_case limits_cases[] = {
	{LIMIT "500/s\n",
	 "4:12+5 error: rules[0].limit \"500/s\": expected a mapping with keys such as \"rate\"\n"},
	{LIMIT "[{rate: 1/s}]\n", "4:12+1 error: rules[0].limit: expected a mapping with keys such "
				  "as \"rate\", found a list\n"},
	{LIMIT "{}\n", "4:12+1 error: rules[0].limit: needs a rate, a bandwidth or both\n"},
	{LIMIT "\n", "4:5+5 error: rules[0].limit has no value: expected a mapping with keys such "
		     "as \"rate\"\n"},
	{LIMIT "{rat: 500/s}\n",
	 "4:13+3 error: unknown key \"rat\" in rules[0].limit; did you mean \"rate\"?\n"},
	{LIMIT "{rate: 500pps}\n", "4:19+6 error: rules[0].limit.rate \"500pps\": expected packets "
				   "a second, minute or hour, such as 500/s or 2k/m\n"},
	{LIMIT "{rate: 500}\n", "4:19+3 error: rules[0].limit.rate \"500\": expected packets a "
				"second, minute or hour, such as 500/s or 2k/m\n"},
	{LIMIT "{rate: 0/s}\n",
	 "4:19+3 error: rules[0].limit.rate \"0/s\": out of range, 1/h to 100M/s\n"},
	{LIMIT "{rate: 200M/s}\n",
	 "4:19+6 error: rules[0].limit.rate \"200M/s\": out of range, 1/h to 100M/s\n"},
	{LIMIT "{rate: [1/s]}\n", "4:19+1 error: rules[0].limit.rate: expected packets a second, "
				  "minute or hour, such as 500/s or 2k/m, found a list\n"},
	{LIMIT "{rate: }\n", "4:13+4 error: rules[0].limit.rate has no value: expected packets a "
			     "second, minute or hour, such as 500/s or 2k/m\n"},
	{LIMIT "{bandwidth: 10Mbps}\n",
	 "4:24+6 error: rules[0].limit.bandwidth \"10Mbps\": expected bit/s, kbit/s, Mbit/s, "
	 "Gbit/s, kB/s or MB/s, such as 10Mbit/s\n"},
	{LIMIT "{bandwidth: 500bit/s}\n", "4:24+8 error: rules[0].limit.bandwidth \"500bit/s\": "
					  "out of range, 1kbit/s to 400Gbit/s\n"},
	{LIMIT "{bandwidth: 401Gbit/s}\n", "4:24+9 error: rules[0].limit.bandwidth \"401Gbit/s\": "
					   "out of range, 1kbit/s to 400Gbit/s\n"},
	{LIMIT "{rate: 1/s, burst: 0}\n",
	 "4:31+1 error: rules[0].limit.burst \"0\": expected a number of packets, at least 1\n"},
	{LIMIT "{rate: 1/s, burst: some}\n",
	 "4:31+4 error: rules[0].limit.burst \"some\": expected a number of packets, at least 1\n"},
	{LIMIT "{bandwidth: 1Mbit/s, burst: 10}\n",
	 "4:40+2 error: rules[0].limit.burst: a burst is of a rate, and there is none\n"},
	{LIMIT "{burst: 10}\n",
	 "4:12+1 error: rules[0].limit: needs a rate, a bandwidth or both\n"},
	{LIMIT "{rate: 1/h, burst: 9600}\n",
	 "4:31+4 error: rules[0].limit.burst \"9600\": out of range, at this rate it takes 400 "
	 "days or more to come back\n"},
	{LIMIT "{rate: 1/h, burst: 9599}\n", ""},
	{LIMIT "{rate: 1/s, per: client}\n",
	 "4:29+6 error: rules[0].limit.per \"client\": expected source or all\n"},
	{LIMIT "{rate: 1/s, per: {ipv4: 24}}\n",
	 "4:29+1 error: rules[0].limit.per: needs both, such as {ipv4: 24, ipv6: 48}\n"},
	{LIMIT "{rate: 1/s, per: {ipv4: 33, ipv6: 129}}\n",
	 "4:36+2 error: rules[0].limit.per.ipv4 \"33\": expected a number from 0 to 32\n"
	 "4:46+3 error: rules[0].limit.per.ipv6 \"129\": expected a number from 0 to 128\n"},
	{LIMIT "{rate: 1/s, per: {ipv4: 24, ip6: 48}}\n",
	 "4:40+3 error: unknown key \"ip6\" in rules[0].limit.per; did you mean \"ipv6\"?\n"},
	{LIMIT "{rate: 1/s, per: [source]}\n", "4:29+1 error: rules[0].limit.per: expected source, "
					       "all or {ipv4: bits, ipv6: bits}, found a list\n"},
	{LIMIT "{rate: 1/s, block: forever}\n",
	 "4:31+7 error: rules[0].limit.block \"forever\": expected a duration such as 90s, 10m, "
	 "1h30m or 1d\n"},
	{LIMIT "{rate: 1/s, block: 10}\n", "4:31+2 error: rules[0].limit.block \"10\": expected a "
					   "duration such as 90s, 10m, 1h30m or 1d\n"},
	{LIMIT "{rate: 1/s, block: 0s}\n",
	 "4:31+2 error: rules[0].limit.block \"0s\": out of range, 1ms to 365d\n"},
	{LIMIT "{rate: 1/s, block: 366d}\n",
	 "4:31+4 error: rules[0].limit.block \"366d\": out of range, 1ms to 365d\n"},
	{LIMIT "{rate: 1/s, block: [1m]}\n",
	 "4:31+1 error: rules[0].limit.block: expected a duration such as 10m, or a mapping of "
	 "first, factor, max, found a list\n"},
	{LIMIT "{rate: 1/s, block: }\n",
	 "4:24+5 error: rules[0].limit.block has no value: expected a duration such as 10m, or a "
	 "mapping of first, factor, max\n"},
	{LIMIT "{rate: 1/s, block: {}}\n",
	 "4:31+1 error: rules[0].limit.block has no \"first\": how long the first block is\n"},
	{LIMIT "{rate: 1/s, block: {frist: 1m}}\n",
	 "4:32+5 error: unknown key \"frist\" in rules[0].limit.block; did you mean \"first\"?\n"},
	{LIMIT "{rate: 1/s, block: {first: 1m, factor: 0}}\n",
	 "4:51+1 error: rules[0].limit.block.factor \"0\": expected a number from 1 to 1000\n"},
	{LIMIT "{rate: 1/s, block: {first: 1m, factor: 1001}}\n",
	 "4:51+4 error: rules[0].limit.block.factor \"1001\": expected a number from 1 to 1000\n"},
	{LIMIT "{rate: 1/s, block: {first: 1h, max: 1m}}\n",
	 "4:48+2 error: rules[0].limit.block.max: less than the first block\n"},
	{LIMIT "{rate: 1/s, block: {first: soon, max: 1m}}\n",
	 "4:39+4 error: rules[0].limit.block.first \"soon\": expected a duration such as 90s, 10m, "
	 "1h30m or 1d\n"},
	{LIMIT "{rate: 1/s, block: {first: 1m, max: 366d}}\n",
	 "4:48+4 error: rules[0].limit.block.max \"366d\": out of range, 1ms to 365d\n"},
	{LIMIT "{rate: 1/s, per: {ipv4: 24, ipv6: 0}, block: 1m}\n",
	 "4:57+2 error: rules[0].limit.block: with a prefix of 0 bits it would block every source "
	 "of "
	 "that family\n"},
	{LIMIT "{rate: 1/s, per: all, block: 1m}\n",
	 "4:41+2 error: rules[0].limit.block: with \"per: all\" it would block whoever happens to "
	 "come next\n"},
	{RULES "  - name: a\n    limits: {rate: 1/s}\n",
	 "4:13+1 error: rules[0].limits: expected a list of limits, found a mapping\n"},
	{RULES "  - name: a\n    limits: []\n", "4:13+1 error: rules[0].limits: an empty list\n"},
	{RULES "  - name: a\n    limits: [{rate: 1/s}, {rate: 2/s}, {rate: 3/s}, {rate: 4/s}, "
	       "{rate: 5/s}]\n",
	 "4:66+1 error: rules[0].limits[4]: at most 4 limits a rule\n"},
	{RULES "  - name: a\n    limits: [{rate: 1/s}, {burts: 2}]\n",
	 "4:27+1 error: rules[0].limits[1]: needs a rate, a bandwidth or both\n"
	 "4:28+5 error: unknown key \"burts\" in rules[0].limits[1]; did you mean \"burst\"?\n"},
};

static void check(const struct error_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++)
		fixture_expect(cases[i].text, cases[i].told);
}

static void rules_are_checked(void **state)
{
	check(rules_cases, ARRAY_SIZE(rules_cases));
}

static void limits_are_checked(void **state)
{
	check(limits_cases, ARRAY_SIZE(limits_cases));
}

static void everything_is_told_at_once_in_the_order_of_the_file(void **state)
{
	fixture_expect(
		"version: 1\n"
		"rules:\n"
		"  - name: one\n"
		"    from: offce\n"
		"    action: drop\n"
		"  - name: two\n"
		"    limit: {rat: 500/s, burst: none}\n"
		"  - name: one\n"
		"    limit: {rate: 500pps}\n"
		"sets:\n"
		"  office: 192.0.2.1/24\n"
		"defualt: drop\n",
		"4:11+5 error: unknown set \"offce\" in rules[0].from; did you mean \"office\"?\n"
		"7:13+3 error: unknown key \"rat\" in rules[1].limit; did you mean \"rate\"?\n"
		"7:32+4 error: rules[1].limit.burst \"none\": expected a number of packets, at "
		"least 1\n"
		"8:11+3 error: duplicate rule name \"one\"; the first is on line 3\n"
		"9:19+6 error: rules[2].limit.rate \"500pps\": expected packets a second, minute "
		"or hour, such as 500/s or 2k/m\n"
		"11:11+12 warning: \"192.0.2.1/24\" has host bits set: taken as 192.0.2.0/24\n"
		"12:1+7 error: unknown key \"defualt\"; did you mean \"default\"?\n");
}

static void a_mistake_behind_an_alias_is_told_once(void **state)
{
	fixture_expect(
		"version: 1\n"
		"rules:\n"
		"  - {name: a, to_port: 1, limit: &slow {rate: 1/x, block: 1}}\n"
		"  - {name: b, to_port: 2, limit: *slow}\n"
		"  - {name: c, to_port: 3, limit: *slow}\n",
		"3:47+3 error: rules[0].limit.rate \"1/x\": expected packets a second, minute or "
		"hour, such as 500/s or 2k/m\n"
		"3:59+1 error: rules[0].limit.block \"1\": expected a duration such as 90s, 10m, "
		"1h30m or 1d\n");
}

static void the_line_is_shown(void **state)
{
	_cleanup_(fixture_release) struct fixture fixture = fixture_load(
		"version: 1\r\n# \xc3\xa9\r\nrules: [{name: \"\xc3\xa9\", acton: drop}]\r\n", NULL);
	const struct diagnostic *item = &fixture.diagnostics.items[1];

	assert_int_equal(item->line, 3);
	assert_int_equal(item->column, 21);
	assert_string_equal(item->excerpt, "rules: [{name: \"\xc3\xa9\", acton: drop}]");
}

static void a_thousand_and_one_rules_too_many(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("version: 1\nrules:\n", out);
	for (unsigned i = 0; i <= GUARD_RULES_MAX; i++)
		fprintf(out, "  - {name: r%u, to_port: %u, action: drop}\n", i, i);
	fclose(out);
	fixture_expect(text, "1027:5+1 error: 1025 rules: a policy holds at most 1024\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_checked),
		cmocka_unit_test(limits_are_checked),
		cmocka_unit_test(everything_is_told_at_once_in_the_order_of_the_file),
		cmocka_unit_test(a_mistake_behind_an_alias_is_told_once),
		cmocka_unit_test(the_line_is_shown),
		cmocka_unit_test(a_thousand_and_one_rules_too_many),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
