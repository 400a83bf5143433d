/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No reason of bpf/abi.h without a packet that is counted by it, so that none is a branch that no test has taken. A
 * reason that is added there fails here until its packet stands in the table.
 */
#include "check.h"

#include "guard/read.h"

#define RULES \
	"rules:\n" \
	"  - {name: trusted, to_port: 78, action: pass}\n" \
	"  - {name: banned, to_port: 79, action: drop}\n" \
	"  - {name: web, to_port: 80, limit: {rate: 1/h, burst: 1}}\n" \
	"  - {name: bulk, to_port: 81, limit: {bandwidth: 1kbit/s}}\n" \
	"  - {name: login, to_port: 82, limit: {rate: 1/h, burst: 1, block: 1h}}\n"

#define PASSING "version: 1\nmalformed: pass\n" RULES
#define DROPPING "version: 1\ndefault: drop\n" RULES
#define MONITORING "version: 1\ndefault: drop\nmode: monitor\n" RULES

#define TO_PORT(port) FRAME(IPV4(), UDP(port))
#define LARGE(port) FRAME(IPV4(), UDP(port), PAYLOAD(200))
#define MALFORMED FRAME(IPV4(), UDP(53, .total = EXACTLY(7)))

#define MONITORED(reason) (GUARD_REASON_COUNT + (reason))

struct reason_case {
	const char *policy; /* NULL: none is in force */
	const struct layer *frame;
	unsigned before; /* so many of the same go before it */
};

/* By outcome. */
static const struct reason_case cases[2 * GUARD_REASON_COUNT] = {
	[GUARD_PASS_OTHER] = {DROPPING, FRAME(OTHER(0x0806))},
	[GUARD_PASS_MALFORMED] = {PASSING, MALFORMED},
	[GUARD_PASS_RULE] = {DROPPING, TO_PORT(78)},
	[GUARD_PASS_LIMIT] = {DROPPING, TO_PORT(80)},
	[GUARD_PASS_DEFAULT] = {PASSING, TO_PORT(53)},
	[GUARD_PASS_NEIGHBOUR] = {DROPPING, FRAME(IPV6(), ICMPV6(135))},
	[GUARD_PASS_UNGUARDED] = {NULL, TO_PORT(53)},
	[GUARD_DROP_MALFORMED] = {DROPPING, MALFORMED},
	[GUARD_DROP_BLOCKED] = {DROPPING, TO_PORT(82), .before = 2},
	[GUARD_DROP_RULE] = {DROPPING, TO_PORT(79)},
	[GUARD_DROP_RATE] = {DROPPING, TO_PORT(80), .before = 1},
	[GUARD_DROP_BANDWIDTH] = {DROPPING, LARGE(81), .before = 1},
	[GUARD_DROP_DEFAULT] = {DROPPING, TO_PORT(53)},

	[MONITORED(GUARD_DROP_MALFORMED)] = {MONITORING, MALFORMED},
	[MONITORED(GUARD_DROP_BLOCKED)] = {MONITORING, TO_PORT(82), .before = 2},
	[MONITORED(GUARD_DROP_RULE)] = {MONITORING, TO_PORT(79)},
	[MONITORED(GUARD_DROP_RATE)] = {MONITORING, TO_PORT(80), .before = 1},
	[MONITORED(GUARD_DROP_BANDWIDTH)] = {MONITORING, LARGE(81), .before = 1},
	[MONITORED(GUARD_DROP_DEFAULT)] = {MONITORING, TO_PORT(53)},
};

/* What passes anyway has nothing that a monitor could let pass. */
static bool is_impossible(unsigned outcome)
{
	return outcome >= GUARD_REASON_COUNT && outcome - GUARD_REASON_COUNT < GUARD_FIRST_DROP;
}

static void check_outcome(unsigned outcome)
{
	const struct reason_case *c = &cases[outcome];
	bool is_monitored = outcome >= GUARD_REASON_COUNT;
	const char *name = reason_name(outcome % GUARD_REASON_COUNT);
	_cleanup_fixture_ struct fixture *fixture = NULL;
	struct outcome last = {};
	struct frame frame;

	if (!c->frame)
		fail_msg("no packet stands here that is counted as %s%s",
			 is_monitored ? "would:" : "", name);
	fixture = fixture_with(c->policy, &(struct fixture_options){});
	frame = frame_of(c->frame);
	for (unsigned i = 0; i <= c->before; i++)
		last = fixture_send(fixture, frame.bytes, frame.size);
	if (last.reason != outcome % GUARD_REASON_COUNT || last.is_monitored != is_monitored)
		fail_msg("the packet for %s%s was counted as %s%s", is_monitored ? "would:" : "",
			 name, last.is_monitored ? "would:" : "", reason_name(last.reason));
}

static void every_reason_is_counted_by_some_packet(void **state)
{
	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++)
		check_outcome(i);
}

static void every_reason_to_drop_is_counted_where_a_monitor_passes(void **state)
{
	for (unsigned i = GUARD_REASON_COUNT; i < ARRAY_SIZE(cases); i++)
		if (!is_impossible(i))
			check_outcome(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_is_counted_by_some_packet),
		cmocka_unit_test(every_reason_to_drop_is_counted_where_a_monitor_passes),
	};

	return CHECK_RUN(tests);
}
