/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program on several CPUs at once: limits and counters are one, and a policy is never half of two. */
#include "check.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define CPUS_MAX 8

static cpu_set_t allowed_cpus;

struct sender {
	pthread_t thread;
	const struct fixture *fixture;
	const struct frame *frame;
	int cpu;
	uint64_t packets; /* to send; 0: until is_over */
	atomic_bool *is_over;
};

static void *send_packets(void *argument)
{
	const struct sender *sender = argument;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sender->cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (sender->packets)
		fixture_send_many(sender->fixture, sender->frame->bytes, sender->frame->size,
				  sender->packets);
	while (!sender->packets && !atomic_load(sender->is_over))
		fixture_passes(sender->fixture, sender->frame->bytes, sender->frame->size);
	return NULL;
}

/* A sender on each CPU, at most CPUS_MAX. */
static unsigned start_senders(const struct sender *like, struct sender senders[CPUS_MAX])
{
	unsigned n = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE && n < CPUS_MAX; cpu++) {
		if (!CPU_ISSET(cpu, &allowed_cpus))
			continue;
		senders[n] = *like;
		senders[n].cpu = cpu;
		assert_int_equal(
			pthread_create(&senders[n].thread, NULL, send_packets, &senders[n]), 0);
		n++;
	}
	return n;
}

static void join_senders(struct sender senders[CPUS_MAX], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pthread_join(senders[i].thread, NULL);
}

static uint64_t sum_outcomes(const struct fixture *fixture)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < GUARD_OUTCOMES; i++)
		sum += fixture_outcome(fixture, i).packets;
	return sum;
}

static void check_burst(const char *limit, uint64_t burst)
{
	const uint64_t packets = 200000;
	const struct frame frame = frame_of(FRAME(IPV4(), UDP(80)));
	_cleanup_fixture_ struct fixture *fixture = NULL;
	struct sender senders[CPUS_MAX];
	struct guard_source source;
	char policy[256];
	uint64_t passed;
	unsigned n;

	snprintf(policy, sizeof(policy), "version: 1\nrules: [{name: web, limit: {%s}}]\n", limit);
	fixture = fixture_from_text(policy);
	n = start_senders(&(struct sender){.fixture = fixture, .frame = &frame, .packets = packets},
			  senders);
	join_senders(senders, n);

	passed = fixture_outcome(fixture, GUARD_PASS_LIMIT).packets;
	/* Who loses every race is let through: at most one packet a CPU. */
	if (passed < burst || passed > burst + n)
		fail_msg("{%s}: %" PRIu64 " passed on %u CPUs", limit, passed, n);
	assert_int_equal(sum_outcomes(fixture), n * packets);
	assert_true(fixture_source(fixture, "192.0.2.1", &source));
	assert_int_equal((source.passed >> GUARD_TALLY_BYTES_BITS) + source.passed_wide.packets,
			 passed);
	assert_int_equal((source.dropped >> GUARD_TALLY_BYTES_BITS) + source.dropped_wide.packets,
			 n * packets - passed);
}

static void all_cpus_share_one_budget(void **state)
{
	check_burst("rate: 1/s, burst: 100k", 100000);
	check_burst("rate: 1/s, burst: 100k, per: all", 100000);
	check_burst("rate: 1/s, burst: 100k, per: {ipv4: 24, ipv6: 48}", 100000);
	check_burst("bandwidth: 336Mbit/s", 100000); /* 42 bytes a microsecond, for 100 ms */
}

/* Both drop the packet, by another rule, set and field: half of one and half of the other would pass it. */
static const char *const policies[] = {
	"version: 1\n"
	"rules:\n"
	"  - {name: a, from: 198.51.100.0/24, action: pass}\n"
	"  - {name: b, from: 192.0.2.0/24, to_port: 80, action: drop}\n",
	"version: 1\n"
	"default: drop\n"
	"rules:\n"
	"  - {name: c, to_port: 81, action: pass}\n"
	"  - {name: d, from: 203.0.113.0/24, action: pass}\n"
	"  - {name: e, to: 192.0.2.0/24, action: pass}\n",
};

static void every_packet_sees_one_policy(void **state)
{
	const struct frame frame = frame_of(FRAME(IPV4(), UDP(80)));
	_cleanup_fixture_ struct fixture *fixture = fixture_from_text(policies[0]);
	struct sender senders[CPUS_MAX];
	atomic_bool is_over = false;
	uint64_t by_rule, by_default;
	unsigned n;

	n = start_senders(
		&(struct sender){.fixture = fixture, .frame = &frame, .is_over = &is_over},
		senders);
	for (unsigned i = 1; i <= 50; i++)
		fixture_apply_text(fixture, policies[i % 2]);
	atomic_store(&is_over, true);
	join_senders(senders, n);

	by_rule = fixture_outcome(fixture, GUARD_DROP_RULE).packets;
	by_default = fixture_outcome(fixture, GUARD_DROP_DEFAULT).packets;
	print_message("# %" PRIu64 " packets during 50 swaps\n", by_rule + by_default);
	assert_true(by_rule > 0 && by_default > 0);
	assert_int_equal(by_rule + by_default, sum_outcomes(fixture));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cpus_share_one_budget),
		cmocka_unit_test(every_packet_sees_one_policy),
	};

	if (sched_getaffinity(0, sizeof(allowed_cpus), &allowed_cpus) < 0)
		return 1;
	if (CPU_COUNT(&allowed_cpus) < 2) {
		check_skip(tests, ARRAY_SIZE(tests), "there is only one CPU");
		return 0;
	}
	return CHECK_RUN(tests);
}
