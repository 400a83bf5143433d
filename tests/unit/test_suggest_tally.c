/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "base/cleanup.h"
#include "cmd/suggest_tally.h"

#define S 1000000000ull
#define MS (S / 1000)
#define START (1767225600 * S)
#define SYN 0x02
#define ACK 0x10

static struct head packet(uint8_t protocol, unsigned to_port, uint8_t flags)
{
	return (struct head){
		.kind = HEAD_IP,
		.protocol = protocol,
		.flags = flags,
		.from_port = 40000,
		.to_port = to_port,
	};
}

static struct guard_address source(uint64_t n)
{
	return (struct guard_address){.words = {0, n}};
}

static void measure(struct suggest_tally *tally, const struct head *head, uint64_t from,
		    uint64_t after_ns)
{
	struct guard_address address = source(from);

	assert_int_equal(suggest_measure(tally, head, &address, START + after_ns, 1), 0);
}

/* Learns so many packets of each. */
static void learn(struct suggest_tally *tally, const struct head *head, unsigned n)
{
	while (n--)
		suggest_learn(tally, head, 1);
}

static const struct suggest_class *find(const struct suggest_tally *tally, enum suggest_kind kind,
					unsigned port)
{
	for (size_t i = 0; i < tally->n_classes; i++)
		if (tally->classes[i].kind == kind &&
		    (kind != SUGGEST_PORT || tally->classes[i].port == port))
			return &tally->classes[i];
	return NULL;
}

static void ports_that_matter_have_classes(void **state)
{
	struct head dns = packet(IPPROTO_UDP, 53, 0), web = packet(IPPROTO_TCP, 443, ACK);
	struct head rare = packet(IPPROTO_UDP, 161, 0), answer = packet(IPPROTO_UDP, 40000, 0);
	struct head knock = packet(IPPROTO_TCP, 22, SYN);
	struct suggest_tally tally;

	assert_int_equal(suggest_tally_new(&tally), 0);
	learn(&tally, &dns, 1000);
	learn(&tally, &web, 3000);
	learn(&tally, &rare, 19);
	learn(&tally, &answer, 500);
	learn(&tally, &knock, 500);
	suggest_choose(&tally);
	assert_int_equal(tally.classes[0].kind, SUGGEST_HANDSHAKES);
	assert_int_equal(tally.classes[1].port, 443);
	assert_int_equal(tally.classes[1].protocol, IPPROTO_TCP);
	assert_int_equal(tally.classes[2].port, 53);
	assert_int_equal(tally.classes[2].protocol, IPPROTO_UDP);
	assert_int_equal(tally.n_classes, 7);
	suggest_tally_release(&tally);
}

static void only_so_many_ports_have_classes(void **state)
{
	struct suggest_tally tally;

	assert_int_equal(suggest_tally_new(&tally), 0);
	for (unsigned port = 1; port <= 100; port++) {
		struct head head = packet(IPPROTO_UDP, port, 0);

		learn(&tally, &head, 100 + port);
	}
	suggest_choose(&tally);
	assert_int_equal(tally.n_classes, SUGGEST_CLASSES_MAX);
	assert_int_equal(tally.classes[1].port, 100);
	assert_int_equal(tally.classes[SUGGEST_PORTS_MAX].port, 100 - SUGGEST_PORTS_MAX + 1);
	suggest_tally_release(&tally);
}

static void a_packet_counts_in_the_first_class_that_matches(void **state)
{
	static const struct {
		uint8_t protocol;
		unsigned port;
		uint8_t flags;
		enum suggest_kind kind;
	} cases[] = {
		{IPPROTO_TCP, 443, SYN, SUGGEST_HANDSHAKES},
		{IPPROTO_TCP, 443, SYN | ACK, SUGGEST_PORT},
		{IPPROTO_TCP, 443, ACK, SUGGEST_PORT},
		{IPPROTO_TCP, 444, ACK, SUGGEST_TCP},
		{IPPROTO_UDP, 443, 0, SUGGEST_UDP},
		{IPPROTO_TCP, GUARD_NO_PORT, 0, SUGGEST_TCP}, /* a later fragment */
		{IPPROTO_ICMP, GUARD_NO_PORT, 0, SUGGEST_ICMP},
		{IPPROTO_ICMPV6, GUARD_NO_PORT, 0, SUGGEST_ICMP},
		{IPPROTO_GRE, GUARD_NO_PORT, 0, SUGGEST_OTHER},
		{IPPROTO_SCTP, 443, 0, SUGGEST_OTHER},
	};
	struct head web = packet(IPPROTO_TCP, 443, ACK);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct head head = packet(cases[i].protocol, cases[i].port, cases[i].flags);
		struct suggest_tally tally;

		assert_int_equal(suggest_tally_new(&tally), 0);
		learn(&tally, &web, 20);
		suggest_choose(&tally);
		measure(&tally, &head, 1, 0);
		assert_int_equal(suggest_finish(&tally), 0);
		assert_int_equal(find(&tally, cases[i].kind, 443)->packets, 1);
		suggest_tally_release(&tally);
	}
}

static void peaks_are_of_the_busiest_second_and_tenth(void **state)
{
	struct head head = packet(IPPROTO_GRE, GUARD_NO_PORT, 0);
	const struct suggest_class *class;
	struct suggest_tally tally;

	assert_int_equal(suggest_tally_new(&tally), 0);
	suggest_choose(&tally);
	for (unsigned i = 0; i < 10; i++)
		measure(&tally, &head, 1, i * 100 * MS);
	for (unsigned i = 0; i < 7; i++)
		measure(&tally, &head, 2, 1000 * MS + i);
	for (unsigned i = 0; i < 3; i++)
		measure(&tally, &head, 3, (1000 + 2000 * i) * MS);
	assert_int_equal(suggest_finish(&tally), 0);
	class = find(&tally, SUGGEST_OTHER, 0);
	assert_int_equal(class->packets, 20);
	assert_int_equal(class->n_sources, 3);
	assert_int_equal(class->most, 10);
	assert_int_equal(class->busiest.words[1], 1);
	assert_int_equal(class->median, 7);
	assert_int_equal(class->p99, 10);
	assert_int_equal(class->most_tenth, 7);
	suggest_tally_release(&tally);
}

/* The limit's own algorithm, in packets. */
static bool holds(const struct suggest_limit *limit, const uint64_t *times, size_t n)
{
	double level = 0;

	for (size_t i = 0; i < n; i++) {
		double since = i ? (double)(times[i] - times[i - 1]) / S : 0;

		level -= since * (double)limit->rate;
		level = (level > 0 ? level : 0) + 1;
		if (level > (double)limit->burst + 1e-6)
			return false;
	}
	return true;
}

/* xorshift: the same traffic every time. */
static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	return *random ^= *random << 17;
}

/* Bursts of all sizes at all places of a second, with pauses of all lengths. */
static size_t make_times(uint64_t *random, uint64_t *times, size_t room)
{
	uint64_t now = START + next_random(random) % S;
	size_t n = 0;

	while (n < room) {
		size_t burst = 1 + next_random(random) % 60;
		uint64_t apart = next_random(random) % (1ull << next_random(random) % 28);

		for (size_t i = 0; i < burst && n < room; i++, now += apart)
			times[n++] = now;
		now += next_random(random) % (S << next_random(random) % 3);
	}
	return n;
}

static void no_source_exceeds_a_limit_without_margin(void **state)
{
	struct head head = packet(IPPROTO_GRE, GUARD_NO_PORT, 0);
	uint64_t random = 88172645463325252, times[600];

	for (unsigned round = 0; round < 2000; round++) {
		size_t n = make_times(&random, times, 1 + next_random(&random) % 600);
		struct suggest_limit limit;
		struct suggest_tally tally;

		assert_int_equal(suggest_tally_new(&tally), 0);
		suggest_choose(&tally);
		for (size_t i = 0; i < n; i++)
			measure(&tally, &head, 1, times[i] - START);
		assert_int_equal(suggest_finish(&tally), 0);
		limit = suggest_limit(find(&tally, SUGGEST_OTHER, 0), 1);
		if (!holds(&limit, times, n))
			fail_msg("round %u: rate %lu, burst %lu", round, limit.rate, limit.burst);
		suggest_tally_release(&tally);
	}
}

static void limits_are_no_larger_than_need_be(void **state)
{
	/* 100 in a second, evenly: 10 in each tenth. */
	const struct suggest_class even = {.n_sources = 1, .most = 100, .most_tenth = 10};
	/* The same, all in one tenth. */
	const struct suggest_class uneven = {.n_sources = 1, .most = 100, .most_tenth = 100};
	struct suggest_limit limit = suggest_limit(&even, 2);

	assert_int_equal(limit.rate, 200);
	assert_int_equal(limit.burst, 40);
	limit = suggest_limit(&uneven, 2);
	assert_int_equal(limit.rate, 200);
	assert_int_equal(limit.burst, 400);
}

static void what_was_not_seen_is_guessed_and_the_least_is_no_less(void **state)
{
	const struct suggest_class unseen = {},
				   least = {.n_sources = 1, .most = 1, .most_tenth = 1};
	struct suggest_limit limit = suggest_limit(&unseen, 2);

	assert_int_equal(limit.rate, 100);
	assert_int_equal(limit.burst, 100);
	limit = suggest_limit(&least, 2);
	assert_int_equal(limit.rate, 10);
	assert_int_equal(limit.burst, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_that_matter_have_classes),
		cmocka_unit_test(only_so_many_ports_have_classes),
		cmocka_unit_test(a_packet_counts_in_the_first_class_that_matches),
		cmocka_unit_test(peaks_are_of_the_busiest_second_and_tenth),
		cmocka_unit_test(no_source_exceeds_a_limit_without_margin),
		cmocka_unit_test(limits_are_no_larger_than_need_be),
		cmocka_unit_test(what_was_not_seen_is_guessed_and_the_least_is_no_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
