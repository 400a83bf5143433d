/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each mistake outside rules: its place, its words, and that it is told once. */
#include "policy_fixture.h"

#define POLICY "version: 1\ndefault: drop\n"
#define RULES "version: 1\nrules:\n"

struct error_case {
	const char *text;
	const char *told;
};

static const struct error_case structure_cases[] = {
	{"", "0:0+0 error: holds no policy\n"},
	{"# nothing\n", "0:0+0 error: holds no policy\n"},
	{"--- ~\n", "0:0+0 error: holds no policy\n"},
	{"[]\n", "1:1+1 error: the policy: expected a mapping with keys such as \"version\", found "
		 "a list\n"},
	{"word\n",
	 "1:1+4 error: the policy \"word\": expected a mapping with keys such as \"version\"\n"},
	{"default: drop\n", "1:1+1 error: no \"version\": a policy starts with \"version: 1\"\n"},
	{"version: 2\ndefault: drop\n",
	 "1:10+1 error: version \"2\": expected 1, the version that this xdpguard reads\n"},
	{"version: one\ndefault: drop\n",
	 "1:10+3 error: version \"one\": expected 1, the version that this xdpguard reads\n"},
	{"version:\ndefault: drop\n", "1:1+7 error: version has no value: expected 1\n"},
	{"version: [1]\ndefault: drop\n", "1:10+1 error: version: expected 1, found a list\n"},
	{"verson: 1\ndefault: drop\n",
	 "1:1+6 error: unknown key \"verson\"; did you mean \"version\"?\n"},
	{POLICY "port: 22\ncolour: red\n", "3:1+4 error: unknown key \"port\"\n"
					   "4:1+6 error: unknown key \"colour\"\n"},
	{POLICY "default: pass\ndefault: drop\n",
	 "3:1+7 error: duplicate key \"default\"; the first is on line 2\n"
	 "4:1+7 error: duplicate key \"default\"; the first is on line 2\n"},
	{POLICY "---\nversion: 1\n", "3:1+1 error: a second document: a policy is one\n"},
	{POLICY "rules: {name: a}\n",
	 "3:8+1 error: rules: expected a list of rules, found a mapping\n"},
	{POLICY "rules:\n", "3:1+5 error: rules has no value: expected a list of rules\n"},
	{POLICY "rules: [a, [b], ~]\n",
	 "3:9+1 error: rules[0] \"a\": expected a mapping with keys such as \"name\"\n"
	 "3:12+1 error: rules[1]: expected a mapping with keys such as \"name\", found a list\n"
	 "3:17+1 error: rules[2] has no value: expected a mapping with keys such as \"name\"\n"},
	{POLICY "sets: [a]\n",
	 "3:7+1 error: sets: expected a mapping of names to prefixes, found a list\n"},
	{POLICY "sets:\n",
	 "3:1+4 error: sets has no value: expected a mapping of names to prefixes\n"},
	{POLICY "? [a, b]\n: c\n", "3:3+1 error: a key must be a text\n"},
};

static const struct error_case settings_cases[] = {
	{POLICY "mode: on\n", "3:7+2 error: mode \"on\": expected enforce or monitor\n"},
	{POLICY "mode: Monitor\n",
	 "3:7+7 error: mode \"Monitor\": expected enforce or monitor; did you mean \"monitor\"?\n"},
	{POLICY "mode: [monitor]\n",
	 "3:7+1 error: mode: expected enforce or monitor, found a list\n"},
	{POLICY "mode:\n", "3:1+4 error: mode has no value: expected enforce or monitor\n"},
	{"version: 1\ndefault: reject\n",
	 "2:10+6 error: default \"reject\": expected pass or drop\n"},
	{POLICY "malformed: maybe\n", "3:12+5 error: malformed \"maybe\": expected drop or pass\n"},
	{POLICY "interfaces: [eth0, eth0]\n",
	 "3:20+4 error: interfaces[1]: \"eth0\" is named twice\n"},
	{POLICY "interfaces: [0123456789abcdef]\n",
	 "3:14+16 error: interfaces[0] \"0123456789abcdef\": expected the name of an interface, 15 "
	 "characters at most\n"},
	{POLICY "interfaces: [a/b, 'a b', '..', '', 'a:b']\n",
	 "3:14+3 error: interfaces[0] \"a/b\": expected the name of an interface, 15 characters at "
	 "most\n"
	 "3:19+5 error: interfaces[1] \"a b\": expected the name of an interface, 15 characters at "
	 "most\n"
	 "3:26+4 error: interfaces[2] \"..\": expected the name of an interface, 15 characters at "
	 "most\n"
	 "3:32+2 error: interfaces[3] \"\": expected the name of an interface, 15 characters at "
	 "most\n"
	 "3:36+5 error: interfaces[4] \"a:b\": expected the name of an interface, 15 characters at "
	 "most\n"},
	{POLICY "interfaces: {eth0: on}\n", "3:13+1 error: interfaces: expected the name of an "
					    "interface, 15 characters at most, found a mapping\n"},
	{POLICY "interfaces: [[eth0]]\n", "3:14+1 error: interfaces[0]: expected the name of an "
					  "interface, 15 characters at most, found a list\n"},
	{POLICY "interfaces: []\n", ""},
	{POLICY "chain: 10\n",
	 "3:8+2 error: chain \"10\": expected a mapping with keys such as \"priority\"\n"},
	{POLICY "chain: {prio: 10}\n",
	 "3:9+4 error: unknown key \"prio\" in chain; did you mean \"priority\"?\n"},
	{POLICY "chain: {priority: -1}\n",
	 "3:19+2 error: chain.priority \"-1\": expected a number from 0 to 65535\n"},
	{POLICY "chain: {priority: 65536}\n",
	 "3:19+5 error: chain.priority \"65536\": expected a number from 0 to 65535\n"},
	{POLICY "chain: {priority: ten}\n",
	 "3:19+3 error: chain.priority \"ten\": expected a number from 0 to 65535\n"},
	{POLICY "chain: {on: [pass, fall]}\n",
	 "3:20+4 error: chain.on[1] \"fall\": expected aborted, drop, pass, tx or redirect\n"},
	{POLICY "chain: {on: []}\n", "3:13+1 error: chain.on: an empty list\n"},
	{POLICY "chain: {attach: skb}\n",
	 "3:17+3 error: chain.attach \"skb\": expected native, generic or offload\n"},
	{POLICY "chain: {attach: auto}\n",
	 "3:17+4 error: chain.attach \"auto\": expected native, generic or offload\n"},
	{POLICY "sources: auto\n",
	 "3:10+4 error: sources \"auto\": expected a mapping with keys such as \"capacity\"\n"},
	{POLICY "sources: {capacity: 999}\n",
	 "3:21+3 error: sources.capacity \"999\": expected a number from 1000 to 16777216\n"},
	{POLICY "sources: {capacity: 17M}\n",
	 "3:21+3 error: sources.capacity \"17M\": expected a number from 1000 to 16777216\n"},
	{POLICY "sources: {capacity: lots}\n",
	 "3:21+4 error: sources.capacity \"lots\": expected a number from 1000 to 16777216\n"},
	{POLICY "sources: {capcity: auto}\n",
	 "3:11+7 error: unknown key \"capcity\" in sources; did you mean \"capacity\"?\n"},
	{POLICY "sources: {aggregate: {ipv4: 0, ipv6: 0}}\n",
	 "3:29+1 error: sources.aggregate.ipv4 \"0\": expected a number from 1 to 32\n"
	 "3:38+1 error: sources.aggregate.ipv6 \"0\": expected a number from 1 to 128\n"},
	{POLICY "sources: {aggregate: {ipv4: 33, ipv6: 129}}\n",
	 "3:29+2 error: sources.aggregate.ipv4 \"33\": expected a number from 1 to 32\n"
	 "3:39+3 error: sources.aggregate.ipv6 \"129\": expected a number from 1 to 128\n"},
	{POLICY "sources: {aggregate: 24}\n",
	 "3:22+2 error: sources.aggregate \"24\": expected a mapping with keys such as \"ipv4\"\n"},
	{POLICY "sources: {aggregate: {ip4: 24}}\n",
	 "3:23+3 error: unknown key \"ip4\" in sources.aggregate; did you mean \"ipv4\"?\n"},
	{POLICY "sources: {admission: never}\n",
	 "3:22+5 error: sources.admission \"never\": expected auto or always\n"},
};

static const struct error_case sets_cases[] = {
	{POLICY "sets: {office: 192.0.2.300}\n",
	 "3:16+11 error: sets.office \"192.0.2.300\": expected a prefix such as 192.0.2.0/24 or "
	 "2001:db8::/32\n"},
	{POLICY
	 "sets: {office: [192.0.2.0/33, '2001:db8::/129', 192.0.2, '192.0.2.1-192.0.2.9']}\n",
	 "3:17+12 error: sets.office[0] \"192.0.2.0/33\": expected a prefix such as 192.0.2.0/24 "
	 "or 2001:db8::/32\n"
	 "3:31+16 error: sets.office[1] \"2001:db8::/129\": expected a prefix such as 192.0.2.0/24 "
	 "or 2001:db8::/32\n"
	 "3:49+7 error: sets.office[2] \"192.0.2\": expected a prefix such as 192.0.2.0/24 or "
	 "2001:db8::/32\n"
	 "3:58+21 error: sets.office[3] \"192.0.2.1-192.0.2.9\": expected a prefix such as "
	 "192.0.2.0/24 or 2001:db8::/32\n"},
	{POLICY "sets: {office: {prefixes: [offce]}}\n",
	 "3:28+5 error: sets.office.prefixes[0] \"offce\": expected a prefix such as 192.0.2.0/24 "
	 "or 2001:db8::/32\n"},
	{POLICY "sets: {office: 192.0.2.7/24}\n",
	 "3:16+12 warning: \"192.0.2.7/24\" has host bits set: taken as 192.0.2.0/24\n"},
	{POLICY "sets: {office: {sets: [a], prefixs: []}}\n",
	 "3:24+1 error: unknown set \"a\" in sets.office.sets\n"
	 "3:28+7 error: unknown key \"prefixs\" in sets.office; did you mean \"prefixes\"?\n"},
	{POLICY "sets: {office: {prefixes: []}}\n",
	 "3:27+1 error: sets.office.prefixes: an empty list\n"},
	{POLICY "sets: {office: {}}\n",
	 "3:16+1 error: sets.office: needs \"prefixes\", \"sets\" or \"file\"\n"},
	{POLICY "sets: {office: }\n",
	 "3:8+6 error: sets.office has no value: expected a prefix or the name of a set\n"},
	{POLICY "sets: {office: [~]}\n",
	 "3:17+1 error: sets.office[0] has no value: expected a prefix or the name of a set\n"},
	{POLICY "sets: {office: [[192.0.2.0/24]]}\n",
	 "3:17+1 error: sets.office[0]: expected a prefix or the name of a set, found a list\n"},
	{POLICY "sets: {office: 192.0.2.0/24, ofice: [offise]}\n",
	 "3:38+6 error: unknown set \"offise\" in sets.ofice; did you mean \"office\"?\n"},
	{POLICY "sets: {1st: 192.0.2.0/24, 'a b': 192.0.2.0/24, '': 192.0.2.0/24}\n",
	 "3:8+3 error: set name \"1st\": expected a letter, then letters, digits, \"-\", \"_\" or "
	 "\".\", 63 characters at most\n"
	 "3:27+5 error: set name \"a b\": expected a letter, then letters, digits, \"-\", \"_\" or "
	 "\".\", 63 characters at most\n"
	 "3:48+2 error: set name \"\": expected a letter, then letters, digits, \"-\", \"_\" or "
	 "\".\", 63 characters at most\n"},
	{POLICY
	 "sets: {aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 192.0.2.0/24}\n",
	 "3:8+64 error: set name "
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": expected a letter, "
	 "then letters, digits, \"-\", \"_\" or \".\", 63 characters at most\n"},
	{POLICY "sets: {office: 192.0.2.0/24, office: 192.0.2.0/25}\n",
	 "3:30+6 error: duplicate key \"office\" in sets; the first is on line 3\n"},
	{POLICY "sets: {a: [a]}\n", "3:12+1 error: set cycle: a > a\n"},
	{POLICY "sets: {a: [b], b: {sets: [c]}, c: [a, d], d: 192.0.2.1}\n",
	 "3:36+1 error: set cycle: a > b > c > a\n"},
	{POLICY "sets: {a: {file: nowhere.txt}}\n",
	 "3:18+11 error: list file \"nowhere.txt\": no such file\n"},
	{POLICY "sets: {a: {file: lists}}\n",
	 "3:18+5 error: list file \"lists\": is a folder, not a file\n"},
	{POLICY "sets: {a: {file: }}\n",
	 "3:12+4 error: sets.a.file has no value: expected the name of a file\n"},
	{POLICY "sets: {a: {file: [a, b]}}\n",
	 "3:18+1 error: sets.a.file: expected the name of a file, found a list\n"},
	{POLICY "sets: {a: {file: /dev/null}}\n",
	 "3:18+9 error: list file \"/dev/null\": not a regular file; to read a pipe give \"-\"\n"},
};

static const struct error_case yaml_cases[] = {
	{"version: 1\nrules: [\n", "3:1+1 error: not valid YAML: did not find expected node "
				   "content, while parsing a flow node on line 3\n"},
	{"version: 1\n	default: drop\n", "2:1+1 error: a tab can't indent YAML: use spaces\n"},
	{RULES "	- name: a\n", "3:1+1 error: a tab can't indent YAML: use spaces\n"},
	{"version: 1\ndefault: 'drop\n", "3:1+1 error: not valid YAML: found unexpected end of "
					 "stream, while scanning a quoted scalar on line 2\n"},
	{"version: 1\ndefault: \"\\q\"\n", "2:11+1 error: not valid YAML: found unknown escape "
					   "character, while parsing a quoted scalar on line 2\n"},
	{"version: 1\ndefault: drop: pass\n",
	 "2:14+1 error: not valid YAML: mapping values are not allowed in this context\n"},
	{"version: 1\ndefault: *nowhere\n",
	 "2:10+8 error: an alias of an anchor that is nowhere before it\n"},
	{"version: 1\nrules: &a [*a]\n", "2:12+2 error: an alias inside of what it repeats\n"},
	{"version: 1\ndefault: @drop\n",
	 "2:10+1 error: not valid YAML: found character that cannot start any token, while "
	 "scanning for the next token on line 2\n"},
	{"version: 1\ndefault: !!str drop\n",
	 "2:10+10 error: \"tag:yaml.org,2002:str\" is a YAML tag, which means nothing here; a text "
	 "that starts with \"!\" needs quotes\n"},
	{"version: !!int 1\ndefault: drop\n",
	 "1:10+7 error: \"tag:yaml.org,2002:int\" is a YAML tag, which means nothing here; a text "
	 "that starts with \"!\" needs quotes\n"},
	{"version: 1\ndefault: \"dr\\0op\"\n", "2:10+8 error: a NUL character inside a text\n"},
	{"version: 1\n&k default: drop\n*k : pass\n", "3:1+2 error: an alias can't be a key\n"},
	{"version: 1\ndefault: dr\x01"
	 "op\n",
	 "2:12+1 error: not valid YAML: control characters are not allowed\n"},
};

static void check(const struct error_case *cases, size_t n_cases)
{
	for (size_t i = 0; i < n_cases; i++)
		fixture_expect(cases[i].text, cases[i].told);
}

static void the_outline_is_checked(void **state)
{
	check(structure_cases, ARRAY_SIZE(structure_cases));
}

static void settings_are_checked(void **state)
{
	check(settings_cases, ARRAY_SIZE(settings_cases));
}

static void sets_are_checked(void **state)
{
	check(sets_cases, ARRAY_SIZE(sets_cases));
}

static void broken_yaml_is_explained(void **state)
{
	check(yaml_cases, ARRAY_SIZE(yaml_cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_outline_is_checked),
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(sets_are_checked),
		cmocka_unit_test(broken_yaml_is_explained),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
