/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks that rules set: whom, for how long, how they grow, and what monitoring makes of them. */
#include "check.h"

#define WEB(address) FRAME(IPV4(.from = address), UDP(80))
#define WEB6(address) FRAME(IPV6(.from = address), UDP(80))
#define DNS(address) FRAME(IPV4(.from = address), UDP(53))
#define DNS6(address) FRAME(IPV6(.from = address), UDP(53))

static uint64_t units(uint64_t ns)
{
	return ns << GUARD_TIME_SHIFT;
}

static void at(struct fixture *fixture, uint64_t ns)
{
	fixture_set_time(fixture, START_NS + ns);
}

static struct guard_block find_block(struct fixture *fixture, const char *prefix)
{
	struct guard_block block;

	if (!fixture_find_block(fixture, prefix, &block))
		fail_msg("%s is not blocked", prefix);
	return block;
}

static void who_exceeds_is_blocked_for_so_long(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: web, to_port: 80, limit: {rate: 1/s, burst: 2, block: 10s}}]\n");
	struct guard_block block;

	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "second", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "other traffic", DNS("192.0.2.1"), "default-pass");
	check_frame(fixture, "third", WEB("192.0.2.1"), "over-rate web");
	check_frame(fixture, "fourth", WEB("192.0.2.1"), "blocked");
	check_frame(fixture, "all its traffic", DNS("192.0.2.1"), "blocked");
	check_frame(fixture, "nobody else's", WEB("192.0.2.2"), "within-limit web");
	at(fixture, 10 * NS_PER_S - 1);
	check_frame(fixture, "a nanosecond before the end", WEB("192.0.2.1"), "blocked");
	at(fixture, 10 * NS_PER_S);
	check_frame(fixture, "at the end", WEB("192.0.2.1"), "within-limit web");

	block = find_block(fixture, "192.0.2.1");
	assert_int_equal(block.since, units(START_NS));
	assert_int_equal(block.until, units(START_NS + 10 * NS_PER_S));
	assert_int_equal(block.forget, block.until);
	assert_int_equal(block.level, 0);
	assert_int_equal(block.slot, 1 + fixture->identity.rules[0].slot);
	assert_int_equal(block.flags, 0);
}

static void what_is_blocked_does_not_prolong_it(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: web, to_port: 80, limit: {rate: 1/s, burst: 1, block: 10s}}]\n");

	check_frame(fixture, "first", WEB6("2001:db8::1"), "within-limit web");
	check_frame(fixture, "exceeds", WEB6("2001:db8::1"), "over-rate web");
	for (unsigned i = 0; i < 10; i++) {
		at(fixture, i * NS_PER_S);
		check_frame(fixture, "again", WEB6("2001:db8::1"), "blocked");
	}
	at(fixture, 10 * NS_PER_S);
	check_frame(fixture, "at the end", WEB6("2001:db8::2"), "within-limit web");
	check_frame(fixture, "a relapse of the plain form", WEB6("2001:db8::1"), "over-rate web");
	assert_int_equal(find_block(fixture, "2001:db8::/64").level, 0);
	assert_int_equal(find_block(fixture, "2001:db8::/64").until,
			 units(START_NS + 20 * NS_PER_S));
}

static void bandwidth_blocks_as_well(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules: [{name: bulk, to_port: 80, limit: {bandwidth: 1kbit/s, block: 1m}}]\n");

	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit bulk");
	check_frame(fixture, "exceeds", WEB("192.0.2.1"), "over-bandwidth bulk");
	check_frame(fixture, "blocked", DNS("192.0.2.1"), "blocked");
}

static void a_limit_per_prefix_blocks_the_prefix(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"rules:\n"
		"  - name: web\n"
		"    to_port: 80\n"
		"    limit: {rate: 1/s, burst: 2, per: {ipv4: 24, ipv6: 48}, block: 10s}\n");

	check_frame(fixture, "a bystander, known before", DNS("192.0.2.9"), "default-pass");
	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "second", WEB("192.0.2.2"), "within-limit web");
	check_frame(fixture, "exceeds", WEB("192.0.2.3"), "over-rate web");
	check_frame(fixture, "the bystander", DNS("192.0.2.9"), "blocked");
	check_frame(fixture, "one that was never seen", DNS("192.0.2.200"), "blocked");
	check_frame(fixture, "the prefix next to it", WEB("192.0.3.1"), "within-limit web");
	check_frame(fixture, "IPv6", WEB6("2001:db8:1:1::1"), "within-limit web");
	check_frame(fixture, "IPv6, second", WEB6("2001:db8:1:2::1"), "within-limit web");
	check_frame(fixture, "IPv6, exceeds", WEB6("2001:db8:1:3::1"), "over-rate web");
	check_frame(fixture, "IPv6, the prefix", DNS6("2001:db8:1:4::1"), "blocked");
	check_frame(fixture, "IPv6, another", DNS6("2001:db8:2::1"), "default-pass");
	at(fixture, 10 * NS_PER_S);
	check_frame(fixture, "the bystander, at the end", DNS("192.0.2.9"), "default-pass");
}

static void a_prefix_longer_than_a_source_blocks_only_itself(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"sources: {aggregate: {ipv4: 24, ipv6: 64}}\n"
		"rules:\n"
		"  - name: web\n"
		"    to_port: 80\n"
		"    limit: {rate: 1/s, burst: 1, per: {ipv4: 32, ipv6: 128}, block: 10s}\n");

	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "its neighbour", WEB("192.0.2.2"), "within-limit web");
	check_frame(fixture, "exceeds", WEB("192.0.2.1"), "over-rate web");
	check_frame(fixture, "blocked", DNS("192.0.2.1"), "blocked");
	check_frame(fixture, "the neighbour", DNS("192.0.2.2"), "default-pass");
	check_frame(fixture, "IPv6, first", WEB6("2001:db8::1"), "within-limit web");
	check_frame(fixture, "IPv6, exceeds", WEB6("2001:db8::1"), "over-rate web");
	check_frame(fixture, "IPv6, blocked", DNS6("2001:db8::1"), "blocked");
	check_frame(fixture, "IPv6, the neighbour", DNS6("2001:db8::2"), "default-pass");
}

static void a_source_is_blocked_as_far_as_it_reaches(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(
		"version: 1\n"
		"sources: {aggregate: {ipv4: 24, ipv6: 48}}\n"
		"rules: [{name: web, to_port: 80, limit: {rate: 1/s, burst: 1, block: 10s}}]\n");

	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "exceeds", WEB("192.0.2.2"), "over-rate web");
	check_frame(fixture, "all of the aggregate", DNS("192.0.2.3"), "blocked");
	check_frame(fixture, "nothing else", DNS("192.0.3.3"), "default-pass");
	assert_int_equal(find_block(fixture, "192.0.2.0/24").level, 0);
}

#define GROWING \
	"version: 1\n" \
	"rules:\n" \
	"  - {name: web, to_port: 80,\n" \
	"     limit: {rate: 1/s, burst: 1, block: {first: 2s, factor: 3, max: 20s}}}\n"

/* Two packets at once: the second starts a block, which has to last `seconds`. */
static uint64_t offend(struct fixture *fixture, uint64_t now_ns, unsigned level, unsigned seconds)
{
	struct guard_block block;

	at(fixture, now_ns);
	check_frame(fixture, "the one allowed", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "an offence", WEB("192.0.2.1"), "over-rate web");
	block = find_block(fixture, "192.0.2.1");
	assert_int_equal(block.level, level);
	assert_int_equal(block.until - block.since, units(seconds * NS_PER_S));
	assert_int_equal(block.forget - block.until, units(20 * NS_PER_S));
	return now_ns + seconds * NS_PER_S;
}

static void every_relapse_blocks_longer(void **state)
{
	static const unsigned seconds[] = {2, 6, 18, 20, 20};
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(GROWING);
	uint64_t now_ns = 0;

	for (unsigned level = 0; level < ARRAY_SIZE(seconds); level++) {
		now_ns = offend(fixture, now_ns, level, seconds[level]);
		at(fixture, now_ns - 1);
		check_frame(fixture, "its last nanosecond", DNS("192.0.2.1"), "blocked");
		at(fixture, now_ns);
		check_frame(fixture, "its end", DNS("192.0.2.1"), "default-pass");
	}
}

static void a_relapse_is_remembered_as_long_as_the_longest_block(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(GROWING);
	uint64_t end_ns = offend(fixture, 0, 0, 2);

	end_ns = offend(fixture, end_ns + 20 * NS_PER_S - 1, 1, 6);
	end_ns = offend(fixture, end_ns + 20 * NS_PER_S, 0, 2);
	offend(fixture, end_ns, 1, 6);
}

#define TRIED \
	"  - {name: web, to_port: 80,\n" \
	"     limit: {rate: 1/s, burst: 1, block: {first: 2s, factor: 3, max: 20s}}}\n" \
	"  - {name: tried, mode: monitor, to_port: 81,\n" \
	"     limit: {rate: 1/s, burst: 1, block: 10s}}\n" \
	"  - {name: wide, mode: monitor, to_port: 82,\n" \
	"     limit: {rate: 1/s, burst: 1, per: {ipv4: 24, ipv6: 48}, block: 1h}}\n" \
	"  - {name: real, to_port: 83, action: drop}\n" \
	"  - {name: open, to_port: 84, action: pass}\n"

/* In order. */
static const struct check_case monitored_cases[] = {
	{"first", FRAME(IPV4(), UDP(81)), "within-limit tried"},
	{"exceeds", FRAME(IPV4(), UDP(81)), "would:over-rate tried"},
	{"again", FRAME(IPV4(), UDP(81)), "would:blocked"},
	{"what no rule matches", FRAME(IPV4(), UDP(53)), "would:blocked"},
	{"what another rule limits", FRAME(IPV4(), UDP(80)), "would:blocked"},
	{"what another rule drops", FRAME(IPV4(), UDP(83)), "rule-drop real"},
	{"what another rule passes", FRAME(IPV4(), UDP(84)), "rule-pass open"},
	{"another limit in monitor mode", FRAME(IPV4(), UDP(82)), "would:blocked"},
	{"which is exceeded, but starts no block", FRAME(IPV4(), UDP(82)), "would:blocked"},
	{"so its prefix is not blocked", DNS("192.0.2.9"), "default-pass"},
};

static void a_monitoring_rule_only_counts_its_blocks(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\nrules:\n" TRIED);
	struct guard_block block;

	check_cases(fixture, monitored_cases, ARRAY_SIZE(monitored_cases));
	block = find_block(fixture, "192.0.2.1");
	assert_int_equal(block.flags, GUARD_BLOCK_MONITOR);
	assert_int_equal(block.until - block.since, units(10 * NS_PER_S));
	at(fixture, 10 * NS_PER_S - 1);
	check_frame(fixture, "its last nanosecond", DNS("192.0.2.1"), "would:blocked");
	at(fixture, 10 * NS_PER_S);
	check_frame(fixture, "its end", DNS("192.0.2.1"), "default-pass");
}

static void an_enforced_block_takes_a_monitoring_ones_place(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\nrules:\n" TRIED);

	check_frame(fixture, "first", FRAME(IPV4(), UDP(81)), "within-limit tried");
	check_frame(fixture, "exceeds", FRAME(IPV4(), UDP(81)), "would:over-rate tried");
	check_frame(fixture, "enforced, first", WEB("192.0.2.1"), "would:blocked");
	check_frame(fixture, "enforced, exceeds", WEB("192.0.2.1"), "over-rate web");
	check_frame(fixture, "enforced", DNS("192.0.2.1"), "blocked");
	assert_int_equal(find_block(fixture, "192.0.2.1").flags, 0);
	assert_int_equal(find_block(fixture, "192.0.2.1").level, 0);
	at(fixture, 2 * NS_PER_S);
	check_frame(fixture, "at its end", DNS("192.0.2.1"), "default-pass");
}

static void a_monitoring_block_never_takes_an_enforced_ones_place(void **state)
{
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text("version: 1\nrules:\n" TRIED);
	uint64_t end_ns = offend(fixture, 0, 0, 2);

	at(fixture, end_ns);
	check_frame(fixture, "first", FRAME(IPV4(), UDP(81)), "within-limit tried");
	check_frame(fixture, "exceeds", FRAME(IPV4(), UDP(81)), "would:over-rate tried");
	check_frame(fixture, "no block", DNS("192.0.2.1"), "default-pass");
	offend(fixture, end_ns, 1, 6); /* the enforced offence is still remembered */
}

static void blocks_of_a_monitored_policy_stay_monitoring(void **state)
{
	_cleanup_fixture_ struct fixture *fixture =
		fixture_from_text("version: 1\nmode: monitor\nrules:\n" TRIED);

	check_frame(fixture, "first", WEB("192.0.2.1"), "within-limit web");
	check_frame(fixture, "exceeds", WEB("192.0.2.1"), "would:over-rate web");
	check_frame(fixture, "blocked", DNS("192.0.2.1"), "would:blocked");
	check_frame(fixture, "before a rule that drops", FRAME(IPV4(), UDP(83)), "would:blocked");
	fixture_apply_text(fixture, "version: 1\nrules:\n" TRIED);
	check_frame(fixture, "enforced from now on", DNS("192.0.2.1"), "would:blocked");
	check_frame(fixture, "what a rule drops", FRAME(IPV4(), UDP(83)), "rule-drop real");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_exceeds_is_blocked_for_so_long),
		cmocka_unit_test(what_is_blocked_does_not_prolong_it),
		cmocka_unit_test(bandwidth_blocks_as_well),
		cmocka_unit_test(a_limit_per_prefix_blocks_the_prefix),
		cmocka_unit_test(a_prefix_longer_than_a_source_blocks_only_itself),
		cmocka_unit_test(a_source_is_blocked_as_far_as_it_reaches),
		cmocka_unit_test(every_relapse_blocks_longer),
		cmocka_unit_test(a_relapse_is_remembered_as_long_as_the_longest_block),
		cmocka_unit_test(a_monitoring_rule_only_counts_its_blocks),
		cmocka_unit_test(an_enforced_block_takes_a_monitoring_ones_place),
		cmocka_unit_test(a_monitoring_block_never_takes_an_enforced_ones_place),
		cmocka_unit_test(blocks_of_a_monitored_policy_stay_monitoring),
	};

	return CHECK_RUN(tests);
}
