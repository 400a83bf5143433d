/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of drops and blocks: the first of a source, so many at most, and what is suppressed to the packet. */
#include "check.h"

#include <string.h>

#include "base/address.h"
#include "guard/events.h"
#include "guard/read.h"

#define WINDOW_NS (1ull << GUARD_EVENT_WINDOW_SHIFT >> GUARD_TIME_SHIFT)
#define LEASE_NS (GUARD_EVENT_LEASE >> GUARD_TIME_SHIFT)
#define FIRST_NS (100 * WINDOW_NS) /* a window begins */
#define EVENTS_MAX 4096

#define RULES \
	"version: 1\n" \
	"rules:\n" \
	"  - {name: banned, to_port: 79, action: drop}\n" \
	"  - {name: tried, mode: monitor, to_port: 78, action: drop}\n" \
	"  - {name: game, to_port: 27015, limit: {rate: 1/s, burst: 1, block: 10m}}\n" \
	"  - {name: other, to_port: 80, action: drop}\n"

/* A reader, and what it was told. */
struct reader {
	struct fixture *fixture;
	struct events *events;
	struct guard_event told[EVENTS_MAX];
	size_t n;
};

static int keep(const struct guard_event *event, void *data)
{
	struct reader *reader = data;

	assert_true(reader->n < EVENTS_MAX);
	reader->told[reader->n++] = *event;
	return 0;
}

static void reader_free(struct reader **reader)
{
	events_close(&(*reader)->events);
	fixture_free(&(*reader)->fixture);
	free(*reader);
}

#define _cleanup_reader_ _cleanup_(reader_free)

/* Without a lease yet; the clock stands at FIRST_NS. */
static struct reader *reader_with(const char *policy, const struct fixture_options *options)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	struct why why = {};

	assert_non_null(reader);
	check_stay_on_one_cpu();
	reader->fixture = fixture_with(policy, options);
	if (events_open(reader->fixture->guard, keep, reader, &reader->events, &why) < 0)
		fail_msg("%s", why.text);
	fixture_set_time(reader->fixture, FIRST_NS);
	return reader;
}

static bool renew(struct reader *reader, uint64_t ns)
{
	return events_renew(reader->events, ns << GUARD_TIME_SHIFT);
}

static struct reader *reader_new(const char *policy)
{
	struct reader *reader = reader_with(policy, &(struct fixture_options){});

	renew(reader, FIRST_NS);
	return reader;
}

/* How many are told that were not yet. */
static size_t read_new(struct reader *reader)
{
	size_t before = reader->n;

	assert_int_equal(events_read(reader->events), 0);
	return reader->n - before;
}

static const struct guard_event *last(const struct reader *reader)
{
	assert_true(reader->n > 0);
	return &reader->told[reader->n - 1];
}

static uint64_t count_drops(const struct fixture *fixture)
{
	uint64_t n = 0;

	for (unsigned i = GUARD_FIRST_DROP; i < 2 * GUARD_REASON_COUNT; i++)
		n += i % GUARD_REASON_COUNT < GUARD_FIRST_DROP
			     ? 0
			     : fixture_outcome(fixture, i).packets;
	return n;
}

static struct guard_event_counts counts_of(const struct reader *reader)
{
	struct guard_event_counts counts;
	struct why why = {};

	assert_int_equal(events_count(reader->events, &counts, &why), 0);
	return counts;
}

/* Every drop was told or counted as suppressed, and what was told can be read. */
static void check_sum(struct reader *reader)
{
	struct guard_event_counts counts;

	read_new(reader);
	counts = counts_of(reader);
	assert_int_equal(counts.sent[GUARD_EVENT_DROP] + counts.suppressed[GUARD_EVENT_DROP],
			 count_drops(reader->fixture));
	assert_int_equal(counts.sent[GUARD_EVENT_DROP] + counts.sent[GUARD_EVENT_BLOCK], reader->n);
}

/* From a source by number. */
static void send_unread(struct reader *reader, unsigned source, unsigned port)
{
	struct frame frame;
	char from[32];

	snprintf(from, sizeof(from), "10.0.%u.%u", source >> 8, source & 255);
	frame = frame_of(FRAME(IPV4(.from = from), UDP(port)));
	fixture_passes(reader->fixture, frame.bytes, frame.size);
}

/* How many are told of it. */
static size_t send(struct reader *reader, unsigned source, unsigned port)
{
	send_unread(reader, source, port);
	return read_new(reader);
}

/* From as many new sources, nothing read meanwhile. */
static void send_sources(struct reader *reader, unsigned first, unsigned n, unsigned port)
{
	for (unsigned i = first; i < first + n; i++)
		send_unread(reader, i, port);
}

static void nothing_is_told_without_a_lease(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_with(RULES, &(struct fixture_options){});
	struct guard_event_counts counts;
	struct guard_source source;

	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(send(reader, 1, 79), 0);
	assert_int_equal(send(reader, 1, 27015) + send(reader, 1, 27015), 0);
	counts = counts_of(reader);
	assert_int_equal(counts.suppressed[GUARD_EVENT_DROP], 0);
	assert_true(fixture_source(reader->fixture, "10.0.0.1", &source) && !source.event);
}

static void a_lease_ends_to_the_unit(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	fixture_set_time(reader->fixture, FIRST_NS + LEASE_NS - 1);
	assert_int_equal(send(reader, 1, 79), 1);
	fixture_set_time(reader->fixture, FIRST_NS + LEASE_NS);
	assert_int_equal(send(reader, 2, 79), 0);
	assert_false(renew(reader, FIRST_NS + LEASE_NS));
	assert_int_equal(send(reader, 2, 79), 1);
	assert_true(renew(reader, FIRST_NS + LEASE_NS + 1));
	/* It is the reader's clock that it was renewed by, and jiffies lag behind that. */
	fixture_set_time(reader->fixture, FIRST_NS + LEASE_NS - 10 * NS_PER_MS);
	assert_int_equal(send(reader, 4, 79), 1);
	events_stop(reader->events);
	assert_int_equal(send(reader, 3, 79), 0);
	assert_int_equal(counts_of(reader).suppressed[GUARD_EVENT_DROP], 0);
}

/* The clock has 57 bits of ns, and is compared by difference. */
static void nothing_is_told_without_a_lease_at_any_uptime(void **state)
{
	static const uint64_t uptimes[] = {
		0, 1, 1ull << 55, (1ull << 56) - 1, 1ull << 56, (1ull << 57) - 3 * LEASE_NS};
	_cleanup_reader_ struct reader *reader = reader_with(RULES, &(struct fixture_options){});

	for (size_t i = 0; i < ARRAY_SIZE(uptimes); i++) {
		fixture_set_time(reader->fixture, uptimes[i]);
		assert_int_equal(send(reader, i, 79), 0);
		renew(reader, uptimes[i]);
		assert_int_equal(send(reader, i, 79), 1);
		events_stop(reader->events);
	}
}

static void the_first_drop_of_a_source_in_a_window_is_told(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	for (unsigned window = 0; window < 3; window++) {
		fixture_set_time(reader->fixture, FIRST_NS + window * WINDOW_NS);
		assert_int_equal(send(reader, 1, 79), 1);
		for (unsigned i = 0; i < 100; i++)
			assert_int_equal(send(reader, 1, 79), 0);
		assert_int_equal(send(reader, 2, 79), 1);
		fixture_set_time(reader->fixture, FIRST_NS + (window + 1) * WINDOW_NS - 1);
		assert_int_equal(send(reader, 1, 79), 0);
	}
	assert_int_equal(counts_of(reader).suppressed[GUARD_EVENT_DROP], 3 * 101);
	check_sum(reader);
}

static void each_rule_tells_its_own_first_drop(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(send(reader, 1, 79), i == 0);
		assert_int_equal(send(reader, 1, 80), i == 0);
		assert_int_equal(send(reader, 1, 78), i == 0);
	}
	check_sum(reader);
}

static void what_passes_is_never_told(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	assert_int_equal(send(reader, 1, 53), 0);
	assert_int_equal(send(reader, 1, 27015), 0);
	check_frame(reader->fixture, "other", FRAME(OTHER(0x0806)), "other");
	assert_int_equal(read_new(reader), 0);
	check_sum(reader);
}

static struct guard_address address_of(const char *text)
{
	struct prefix prefix;
	bool has_host_bits;

	assert_int_equal(prefix_parse(text, &prefix, &has_host_bits), 0);
	return prefix.address;
}

static unsigned slot_of(const struct reader *reader, const char *rule)
{
	const struct identity *identity = &reader->fixture->identity;

	for (size_t i = 0; i < identity->n_rules; i++)
		if (!strcmp(identity->rules[i].name, rule))
			return identity->rules[i].slot + 1;
	fail_msg("no rule %s", rule);
	return 0;
}

static void an_event_says_what_was_dropped_and_why(void **state)
{
	_cleanup_reader_ struct reader *reader =
		reader_with(RULES, &(struct fixture_options){.interface = 3});
	const struct guard_event expected = {
		.time = FIRST_NS << GUARD_TIME_SHIFT,
		.from = address_of("2001:db8::9"),
		.to = address_of("2001:db8:1::1"),
		.length = 14 + 40 + 20 + 100,
		.from_port = 1234,
		.to_port = 79,
		.shape = GUARD_SHAPE_TCP_WHOLE + (TCP_SYN | TCP_ACK),
		.slot = slot_of(reader, "banned"),
		.kind = GUARD_EVENT_DROP,
		.reason = GUARD_DROP_RULE,
		.interface = 3,
	};

	renew(reader, FIRST_NS);
	check_frame(reader->fixture, "syn",
		    FRAME(IPV6(.from = "2001:db8::9", .to = "2001:db8:1::1"),
			  TCP(79, .from_port = 1234, .flags = TCP_SYN | TCP_ACK), PAYLOAD(100)),
		    "rule-drop banned");
	assert_int_equal(read_new(reader), 1);
	assert_memory_equal(last(reader), &expected, sizeof(expected));
}

static void monitor_mode_tells_what_it_would_drop(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	assert_int_equal(send(reader, 1, 78), 1);
	assert_int_equal(last(reader)->monitor, 1);
	assert_int_equal(last(reader)->reason, GUARD_DROP_RULE);
	assert_int_equal(last(reader)->slot, slot_of(reader, "tried"));
	assert_int_equal(send(reader, 1, 79), 1);
	assert_int_equal(last(reader)->monitor, 0);
}

static void a_malformed_packet_is_told_at_its_time(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	for (unsigned i = 1; i <= 3; i++) {
		fixture_set_time(reader->fixture, FIRST_NS + i);
		check_frame(reader->fixture, "short", FRAME(IPV4(.total = EXACTLY(9)), UDP(53)),
			    "malformed");
		/* It has no source that could be sampled. */
		assert_int_equal(read_new(reader), 1);
		assert_int_equal(last(reader)->reason, GUARD_DROP_MALFORMED);
		assert_int_equal(last(reader)->time, (FIRST_NS + i) << GUARD_TIME_SHIFT);
		assert_int_equal(last(reader)->slot, 0);
	}
	check_sum(reader);
}

static void a_block_that_begins_is_told_once(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);
	const struct guard_event expected = {
		.time = FIRST_NS << GUARD_TIME_SHIFT,
		.from = address_of("10.0.0.1"),
		.until = (FIRST_NS + 600 * NS_PER_S) << GUARD_TIME_SHIFT,
		.slot = slot_of(reader, "game"),
		.kind = GUARD_EVENT_BLOCK,
		.bits = 128,
	};

	assert_int_equal(send(reader, 1, 27015), 0);
	/* The block, then the drop of the packet that was too much. */
	assert_int_equal(send(reader, 1, 27015), 2);
	assert_memory_equal(&reader->told[0], &expected, sizeof(expected));
	assert_int_equal(reader->told[1].reason, GUARD_DROP_RATE);
	/* From here on it is blocked, which no rule decides. */
	assert_int_equal(send(reader, 1, 27015), 1);
	assert_int_equal(last(reader)->reason, GUARD_DROP_BLOCKED);
	assert_int_equal(last(reader)->slot, 0);
	assert_int_equal(send(reader, 1, 27015) + send(reader, 1, 79), 0);
	check_sum(reader);
}

static void a_prefix_that_is_blocked_is_told_as_such(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(
		"version: 1\n"
		"mode: monitor\n"
		"rules: [{name: net, limit: {rate: 1/s, burst: 1, per: {ipv4: 24, ipv6: 48}, "
		"block: 10m}}]\n");
	const struct guard_event *block = &reader->told[0];
	const struct guard_address net = address_of("10.0.0.0");

	assert_int_equal(send(reader, 1, 53), 0);
	assert_int_equal(send(reader, 2, 53), 2);
	assert_int_equal(block->kind, GUARD_EVENT_BLOCK);
	assert_int_equal(block->bits, 96 + 24);
	assert_memory_equal(&block->from, &net, sizeof(net));
	assert_int_equal(block->monitor, 1);
	check_sum(reader);
}

static void so_many_are_told_in_a_window_at_most(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	for (unsigned window = 0; window < 3; window++) {
		fixture_set_time(reader->fixture, FIRST_NS + window * WINDOW_NS);
		send_sources(reader, 1500 * window, 1500, 79);
		assert_int_equal(read_new(reader), GUARD_EVENTS_PER_WINDOW);
		assert_int_equal(counts_of(reader).suppressed[GUARD_EVENT_DROP],
				 500 * (window + 1));
	}
	/* One that was suppressed by the bound may be told in the same window's next packet. */
	fixture_set_time(reader->fixture, FIRST_NS + 3 * WINDOW_NS);
	assert_int_equal(send(reader, 4400, 79), 1);
	check_sum(reader);
}

static void drops_do_not_keep_blocks_from_being_told(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	send_sources(reader, 0, 1500, 79);
	read_new(reader);
	assert_int_equal(send(reader, 9, 27015), 0);
	assert_int_equal(send(reader, 9, 27015), 1);
	assert_int_equal(last(reader)->kind, GUARD_EVENT_BLOCK);
	check_sum(reader);
}

static void blocks_have_a_bound_too(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);
	struct guard_event_counts counts;

	send_sources(reader, 0, 1500, 27015);
	send_sources(reader, 0, 1500, 27015);
	read_new(reader);
	counts = counts_of(reader);
	assert_int_equal(counts.sent[GUARD_EVENT_BLOCK], GUARD_EVENTS_PER_WINDOW);
	assert_int_equal(counts.suppressed[GUARD_EVENT_BLOCK], 500);
	check_sum(reader);
}

/* The precise clock may be in the next window while jiffies are in this one. */
static void clocks_in_two_windows_do_not_raise_the_bound(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);

	fixture_set_clocks(reader->fixture, FIRST_NS + WINDOW_NS - 1, FIRST_NS + WINDOW_NS + 1);
	send_sources(reader, 0, 1200, 79);
	assert_int_equal(read_new(reader), 1000);
	for (unsigned i = 1; i <= 3; i++) {
		/* The second of these exceeds, and asks the precise clock. */
		send(reader, 5000 + i, 27015);
		send(reader, 5000 + i, 27015);
		send_sources(reader, 1200 * i, 1200, 79);
		read_new(reader);
	}
	assert_int_equal(counts_of(reader).sent[GUARD_EVENT_DROP], 2000);
	check_sum(reader);
}

/* Held back by admission, a source has no entry that could say that it was told of. */
static void sources_outside_the_table_obey_the_bound_alone(void **state)
{
	_cleanup_reader_ struct reader *reader =
		reader_with(RULES, &(struct fixture_options){.has_admission = true});
	struct guard_source source;

	send_sources(reader, 0, 256, 53);
	renew(reader, FIRST_NS);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(send(reader, 300, 79), 1);
	assert_false(fixture_source(reader->fixture, "10.0.1.44", &source));
	send_sources(reader, 400, 2000, 79);
	assert_int_equal(read_new(reader), GUARD_EVENTS_PER_WINDOW - 5);
	check_sum(reader);
}

static void what_a_slow_reader_has_no_room_for_is_counted(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);
	struct guard_event_counts counts;

	for (unsigned window = 0; window < 4; window++) {
		fixture_set_time(reader->fixture, FIRST_NS + window * WINDOW_NS);
		send_sources(reader, 1000 * window, 1000, 79);
	}
	counts = counts_of(reader);
	/* A header of 8 bytes each. */
	assert_in_range(counts.sent[GUARD_EVENT_DROP],
			GUARD_EVENTS_SIZE / (sizeof(struct guard_event) + 8) - 1,
			GUARD_EVENTS_SIZE / (sizeof(struct guard_event) + 8));
	assert_int_equal(read_new(reader), counts.sent[GUARD_EVENT_DROP]);
	/* It has caught up. */
	fixture_set_time(reader->fixture, FIRST_NS + 4 * WINDOW_NS - 1);
	assert_int_equal(send(reader, 1, 80), 1);
	check_sum(reader);
}

static void another_reader_is_not_told_what_was_before_it(void **state)
{
	_cleanup_reader_ struct reader *reader = reader_new(RULES);
	struct why why = {};

	send_sources(reader, 0, 50, 79);
	send_sources(reader, 0, 50, 79);
	events_close(&reader->events);
	assert_int_equal(events_open(reader->fixture->guard, keep, reader, &reader->events, &why),
			 0);
	renew(reader, FIRST_NS);
	fixture_set_time(reader->fixture, FIRST_NS + WINDOW_NS);
	assert_int_equal(send(reader, 1, 79), 1);
	assert_int_equal(counts_of(reader).sent[GUARD_EVENT_DROP], 1);
	assert_int_equal(counts_of(reader).suppressed[GUARD_EVENT_DROP], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_without_a_lease),
		cmocka_unit_test(a_lease_ends_to_the_unit),
		cmocka_unit_test(nothing_is_told_without_a_lease_at_any_uptime),
		cmocka_unit_test(the_first_drop_of_a_source_in_a_window_is_told),
		cmocka_unit_test(each_rule_tells_its_own_first_drop),
		cmocka_unit_test(what_passes_is_never_told),
		cmocka_unit_test(an_event_says_what_was_dropped_and_why),
		cmocka_unit_test(monitor_mode_tells_what_it_would_drop),
		cmocka_unit_test(a_malformed_packet_is_told_at_its_time),
		cmocka_unit_test(a_block_that_begins_is_told_once),
		cmocka_unit_test(a_prefix_that_is_blocked_is_told_as_such),
		cmocka_unit_test(so_many_are_told_in_a_window_at_most),
		cmocka_unit_test(drops_do_not_keep_blocks_from_being_told),
		cmocka_unit_test(blocks_have_a_bound_too),
		cmocka_unit_test(clocks_in_two_windows_do_not_raise_the_bound),
		cmocka_unit_test(sources_outside_the_table_obey_the_bound_alone),
		cmocka_unit_test(what_a_slow_reader_has_no_room_for_is_counted),
		cmocka_unit_test(another_reader_is_not_told_what_was_before_it),
	};

	return CHECK_RUN(tests);
}
