/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Warnings about a policy as a whole. */
#include "policy_fixture.h"

struct pair_case {
	const char *earlier, *later; /* match keys of two rules */
	bool covers;
};

#define SETS \
	"sets:\n" \
	"  office: [192.0.2.0/24, '2001:db8::/32']\n" \
	"  desk: [192.0.2.7, '2001:db8::7']\n" \
	"  abuse: 203.0.113.0/24\n" \
	"  internet: [0.0.0.0/0, '::/0']\n" \
	"  nobody: []\n"

static const struct pair_case pairs[] = {
	/* everything, nothing asked */
	{"", "", true},
	{"", "from: office, protocol: tcp, to_port: 22, tcp_flags: syn, fragment: false", true},
	{"protocol: tcp", "", false},
	/* addresses */
	{"from: office", "from: office", true},
	{"from: office", "from: desk", true},
	{"from: office", "from: 192.0.2.128/25", true},
	{"from: desk", "from: office", false},
	{"from: office", "from: [desk, abuse]", false},
	{"from: [abuse, office]", "from: [desk, 203.0.113.9]", true},
	{"from: office", "", false},
	{"from: internet", "", true},
	{"from: 0.0.0.0/0", "", false},
	{"from: '::/0'", "", false},
	{"from: '::/0'", "from: '2001:db8::/32'", true},
	{"from: '::/0'", "from: 192.0.2.1", false},
	{"to: office", "to: desk", true},
	{"to: office", "from: desk", false},
	{"to: desk", "to: office", false},
	{"", "from: [nobody, desk]", true},
	/* exclusions */
	{"not_from: office", "", false},
	{"not_from: office", "from: abuse", true},
	{"not_from: office", "from: desk", false},
	{"not_from: office", "not_from: office", true},
	{"not_from: desk", "not_from: office", true},
	{"not_from: office", "not_from: desk", false},
	{"from: office, not_from: desk", "from: office, not_from: [desk, abuse]", true},
	{"from: office, not_from: desk", "from: office", false},
	{"from: office, not_from: desk", "from: 192.0.2.128/25", true},
	{"not_from: 192.0.2.7", "from: 192.0.2.0/24", false},
	{"not_to: office", "to: abuse", true},
	{"not_to: office", "to: desk", false},
	/* protocols */
	{"protocol: [tcp, udp]", "protocol: udp", true},
	{"protocol: udp", "protocol: [tcp, udp]", false},
	{"protocol: [tcp, udp, sctp]", "to_port: 53", true},
	{"to_port: 53", "protocol: udp, to_port: 53", true},
	/* ports */
	{"to_port: 80-90", "to_port: [80, 85-90]", true},
	{"to_port: [80, 443]", "to_port: 80-443", false},
	{"to_port: [80-89, 90-99]", "to_port: 85-95", true},
	{"to_port: 80", "from_port: 80", false},
	{"from_port: 1024-65535", "from_port: 5000, to_port: 80", true},
	{"protocol: udp, to_port: 0-65535", "protocol: udp", false}, /* later fragments */
	/* flags */
	{"tcp_flags: syn", "tcp_flags: [syn, '!ack']", true},
	{"tcp_flags: [syn, '!ack']", "tcp_flags: syn", false},
	{"tcp_flags: syn", "protocol: tcp", false},
	{"protocol: tcp", "tcp_flags: syn", true},
	/* fragments */
	{"fragment: true", "fragment: true", true},
	{"fragment: false", "to_port: 80", false}, /* first fragments */
	{"fragment: true", "", false},
	{"fragment: true", "fragment: false", false},
};

static void a_rule_behind_one_that_covers_it_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "version: 1\nrules:\n"
			 "  - {name: one, action: pass, %s}\n"
			 "  - {name: two, action: drop, %s}\n" SETS,
			 pairs[i].earlier, pairs[i].later);
		fixture_expect(text, pairs[i].covers
					     ? "4:12+3 warning: rule \"two\" can never match: "
					       "rule \"one\" on line 3 covers it\n"
					     : "");
	}
}

static void only_the_first_covering_rule_is_named(void **state)
{
	fixture_expect(
		"version: 1\n"
		"rules:\n"
		"  - {name: other, protocol: udp, action: drop}\n"
		"  - {name: first, protocol: tcp, action: pass}\n"
		"  - {name: second, protocol: [tcp, gre], limit: {rate: 1/s}}\n"
		"  - {name: third, protocol: tcp, to_port: 22, mode: monitor, action: drop}\n",
		"6:12+5 warning: rule \"third\" can never match: rule \"first\" on line 4 covers "
		"it\n");
}

static void a_rule_that_excludes_all_it_has_is_told(void **state)
{
	fixture_expect(
		"version: 1\n"
		"rules:\n"
		"  - {name: a, from: desk, not_from: office, action: drop}\n"
		"  - {name: b, not_to: internet, action: drop}\n"
		"  - {name: c, from: office, not_from: desk, action: drop}\n" SETS,
		"3:12+1 warning: rule \"a\" can never match: what it excludes is all it has\n"
		"4:12+1 warning: rule \"b\" can never match: what it excludes is all it has\n");
}

static void a_rule_for_nobody_is_told(void **state)
{
	/* Which is no mistake of the rule before it. */
	fixture_expect(
		"version: 1\n"
		"rules:\n"
		"  - {name: all, action: pass}\n"
		"  - {name: a, from: nobody, action: drop}\n"
		"  - {name: b, to: nobody, not_to: desk, action: drop}\n" SETS,
		"4:12+1 warning: rule \"a\" matches nothing: its from names nothing but empty "
		"sets\n"
		"5:12+1 warning: rule \"b\" matches nothing: its to names nothing but empty "
		"sets\n");
}

struct policy_case {
	const char *text;
	const char *told;
};

#define NEVER \
	"1:1+1 warning: nothing here could ever drop a packet that is well-formed: no rule drops " \
	"or limits, and the " \
	"default " \
	"is pass\n"

static const struct policy_case harmless[] = {
	{"version: 1\n", NEVER},
	{"version: 1\ndefault: pass\nrules: []\n", NEVER},
	{"version: 1\nrules: [{name: a, action: pass}]\n", NEVER},
	{"version: 1\nrules: [{name: a, action: pass}]\ndefault: drop\n", ""},
	{"version: 1\nrules: [{name: a, action: drop}]\n", ""},
	{"version: 1\nrules: [{name: a, limit: {rate: 1/s}}]\n", ""},
	{"version: 1\nrules: [{name: a, action: drop, mode: monitor}]\n", ""},
	{"version: 1\nmode: monitor\nrules: [{name: a, action: drop}]\n", ""},
};

static void a_policy_that_can_not_drop_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		fixture_expect(harmless[i].text, harmless[i].told);
}

#define SSH "2:16+1 warning: your SSH session from 198.51.100.7 to port 22 "
#define SLOWED "would be slowed down by a low limit: rule \"a\"\n"
#define OPENING \
	"would be blocked as soon as new connections from there exceed a limit: rule \"a\"\n"
#define SSH_CUT " warning: your SSH session from 198.51.100.7 to port 22 would be cut off: "
#define NO_RULE "no rule passes it, and the default is drop\n"

static const struct policy_case sessions[] = {
	{"version: 1\ndefault: drop\n", "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nmode: monitor\n", ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, protocol: tcp, to_port: 22, action: "
	 "pass}]\n",
	 ""},
	{"version: 1\nrules: [{name: a, protocol: tcp, tcp_flags: [psh, ack], action: drop}]\n",
	 "2:16+1" SSH_CUT "rule \"a\" drops it\n"},
	{"version: 1\nrules: [{name: a, to_port: ssh, limit: {rate: 1k/s}}]\n", ""},
	{"version: 1\nrules: [{name: a, to_port: ssh, limit: {rate: 999/s}}]\n", SSH SLOWED},
	{"version: 1\nrules: [{name: a, to_port: ssh, limit: {rate: 60k/m}}]\n", ""},
	{"version: 1\nrules: [{name: a, to_port: ssh, limit: {rate: 59k/m}}]\n", SSH SLOWED},
	{"version: 1\nrules: [{name: a, limit: {bandwidth: 10Mbit/s}}]\n", ""},
	{"version: 1\nrules: [{name: a, limit: {bandwidth: 9Mbit/s}}]\n", SSH SLOWED},
	{"version: 1\nrules: [{name: a, limit: {rate: 1M/s, block: 1s}}]\n",
	 SSH "would be blocked as soon as it exceeds a limit, as a file transfer may: rule "
	     "\"a\"\n"},
	{"version: 1\nrules: [{name: a, limits: [{rate: 1M/s}, {rate: 1M/s, per: all}]}]\n",
	 SSH "shares a budget with everybody, so that a flood would cut it off: rule \"a\"\n"},
	{"version: 1\nrules: [{name: a, limit: {rate: 1M/s, per: {ipv4: 24, ipv6: 48}}}]\n",
	 SSH "shares a budget with its network, so that a flood from there would cut it off: rule "
	     "\"a\"\n"},
	{"version: 1\nrules: [{name: a, mode: monitor, limit: {rate: 1/s}}]\n", ""},
	{"version: 1\nrules: [{name: a, protocol: udp, limit: {rate: 1/s}}]\n", ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, from: 198.51.100.0/24, action: pass}]\n",
	 ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, from: 203.0.113.0/24, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, not_from: 198.51.100.0/24, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, to: 192.0.2.1, action: pass}]\n", ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, to: 192.0.2.2, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, from_port: 50022, action: pass}]\n", ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, protocol: udp, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, to_port: 2222, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, tcp_flags: [syn], action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, tcp_flags: [ack], action: pass}]\n", ""},
	{"version: 1\ndefault: drop\nrules: [{name: a, tcp_flags: ['!ack'], action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, fragment: true, action: pass}]\n",
	 "2:10+4" SSH_CUT NO_RULE},
	{"version: 1\ndefault: drop\nrules: [{name: a, fragment: false, action: pass}]\n", ""},
	{"version: 1\nrules: [{name: a, to_port: 22, action: drop}]\n",
	 "2:16+1" SSH_CUT "rule \"a\" drops it\n"},
	{"version: 1\nrules: [{name: a, to_port: 22, action: drop, mode: monitor}]\n", ""},
	{"version: 1\nrules: [{name: a, to_port: 80, action: drop}]\n", ""},
	{"version: 1\nrules: [{name: a, to_port: 22, tcp_flags: [syn, '!ack'], limit: {rate: 6/m, "
	 "block: 2m}}]\n",
	 SSH OPENING},
	{"version: 1\nrules: [{name: a, tcp_flags: [syn, '!ack'], limit: {rate: 6/m, per: {ipv4: "
	 "24, ipv6: 48}, block: 2m}}, {name: b, limit: {rate: 1/s}}]\n",
	 SSH OPENING
	 "2:111+1 warning: your SSH session from 198.51.100.7 to port 22 would be slowed down by a "
	 "low limit: rule \"b\"\n"},
	{"version: 1\nrules: [{name: a, tcp_flags: [syn, '!ack'], limit: {rate: 6/m}}]\n", ""},
	{"version: 1\nrules: [{name: a, tcp_flags: [syn, '!ack'], mode: monitor, limit: {rate: "
	 "6/m, "
	 "block: 2m}}]\n",
	 ""},
	{"version: 1\nrules: [{name: a, to_port: 80, tcp_flags: [syn], limit: {rate: 6/m, block: "
	 "2m}}]\n",
	 ""},
	{"version: 1\nrules: [{name: a, tcp_flags: [syn, ack], limit: {rate: 6/m, block: 2m}}]\n",
	 ""},
	{"version: 1\nrules: [{name: b, from: 198.51.100.0/24, action: pass}, {name: a, tcp_flags: "
	 "[syn, '!ack'], limit: {rate: 6/m, block: 2m}}]\n",
	 ""},
	{"version: 1\nrules: [{name: a, tcp_flags: [syn, '!ack'], action: drop}]\n",
	 SSH "could not be opened again: rule \"a\" drops new connections\n"},
};

static void a_policy_that_cuts_the_session_is_told(void **state)
{
	const struct load_context context = {.ssh_connection = "198.51.100.7 50022 192.0.2.1 22"};

	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		_cleanup_(fixture_release) struct fixture fixture =
			fixture_load(sessions[i].text, &context);
		_cleanup_free_ char *told = fixture_told(&fixture);

		assert_string_equal(told, sessions[i].told);
	}
}

struct connection_case {
	const char *connection;
	bool is_read;
};

static const struct connection_case connections[] = {
	{"2001:db8::7 50022 2001:db8::1 22", true},
	{"fe80::7%eth0 50022 fe80::1%eth0 22", true},
	{"", false},
	{"198.51.100.7", false},
	{"198.51.100.7 50022 192.0.2.1", false},
	{"somewhere 50022 192.0.2.1 22", false},
	{"198.51.100.7 50022 192.0.2.1 99999", false},
};

static void what_is_no_connection_warns_of_nothing(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(connections); i++) {
		const struct load_context context = {.ssh_connection = connections[i].connection};
		_cleanup_(fixture_release) struct fixture fixture =
			fixture_load("version: 1\ndefault: drop\n", &context);

		assert_int_equal(fixture.diagnostics.n_items, connections[i].is_read);
	}
}

static void errors_leave_no_room_for_what_follows_from_them(void **state)
{
	fixture_expect(
		"version: 1\nrules:\n  - {name: a, action: dorp}\n  - {name: b, action: pass}\n",
		"3:23+4 error: rules[0].action \"dorp\": expected pass or drop; did you mean "
		"\"drop\"?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_behind_one_that_covers_it_is_told),
		cmocka_unit_test(only_the_first_covering_rule_is_named),
		cmocka_unit_test(a_rule_that_excludes_all_it_has_is_told),
		cmocka_unit_test(a_rule_for_nobody_is_told),
		cmocka_unit_test(a_policy_that_can_not_drop_is_told),
		cmocka_unit_test(a_policy_that_cuts_the_session_is_told),
		cmocka_unit_test(what_is_no_connection_warns_of_nothing),
		cmocka_unit_test(errors_leave_no_room_for_what_follows_from_them),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
