/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest_tally.h"

#include <string.h>

#include <netinet/in.h>

#include "base/cleanup.h"

#define PORTS 65536
#define FIRST_EPHEMERAL 32768 /* where Linux takes the ports of its own connections from */
#define PORT_PACKETS_MIN 20
#define PORT_SHARE_MIN 1000 /* a port has a rule from one in so many packets on */
#define NS_PER_S 1000000000ull
#define RATE_MIN 10 /* below, a policy has no use and tables no room for the rate */
#define BURST_MIN 10
#define RATE_GUESSED 100 /* of what was not seen at all; a second's worth at once */
#define SYN 0x02
#define ACK 0x10

/* Packets of one source in one class, by windows of a second and of a tenth. */
struct window {
	uint64_t number;
	uint32_t packets, peak;
};

struct suggest_peak {
	struct window second, tenth;
	uint64_t packets;
};

int suggest_tally_new(struct suggest_tally *ret_tally)
{
	struct suggest_tally tally = {
		.learnt = calloc(2 * PORTS, sizeof(*tally.learnt)),
		.port_classes = calloc(2 * PORTS, sizeof(*tally.port_classes)),
	};

	if (!tally.learnt || !tally.port_classes) {
		suggest_tally_release(&tally);
		return -ENOMEM;
	}
	*ret_tally = tally;
	return 0;
}

void suggest_tally_release(struct suggest_tally *tally)
{
	free(tally->learnt);
	free(tally->port_classes);
	free(tally->peaks);
	source_index_release(&tally->index);
	*tally = (struct suggest_tally){};
}

/* Of a table by port; -1: the packet is of no port that may have a rule. */
static int port_index(const struct head *head)
{
	if (head->to_port >= FIRST_EPHEMERAL)
		return -1;
	if (head->protocol == IPPROTO_TCP)
		return (int)head->to_port;
	return head->protocol == IPPROTO_UDP ? (int)(PORTS + head->to_port) : -1;
}

static bool is_handshake(const struct head *head)
{
	return head->protocol == IPPROTO_TCP && (head->flags & (SYN | ACK)) == SYN;
}

void suggest_learn(struct suggest_tally *tally, const struct head *head, size_t packets)
{
	int port = head->kind == HEAD_IP && !is_handshake(head) ? port_index(head) : -1;

	if (head->kind == HEAD_IP)
		tally->n_learnt += packets;
	if (port >= 0)
		tally->learnt[port] += packets;
}

/* The port with most packets that has no class yet; -1: none has enough. */
static int find_port(const struct suggest_tally *tally)
{
	uint64_t most = tally->n_learnt / PORT_SHARE_MIN;
	int found = -1;

	if (most < PORT_PACKETS_MIN)
		most = PORT_PACKETS_MIN;
	for (int i = 0; i < 2 * PORTS; i++) {
		if (tally->learnt[i] < most || tally->port_classes[i])
			continue;
		most = tally->learnt[i] + 1;
		found = i;
	}
	return found;
}

static void add_class(struct suggest_tally *tally, enum suggest_kind kind)
{
	tally->classes[tally->n_classes++].kind = kind;
}

void suggest_choose(struct suggest_tally *tally)
{
	int port;

	add_class(tally, SUGGEST_HANDSHAKES);
	for (size_t i = 0; i < SUGGEST_PORTS_MAX && (port = find_port(tally)) >= 0; i++) {
		struct suggest_class *class = &tally->classes[tally->n_classes];

		add_class(tally, SUGGEST_PORT);
		class->protocol = port < PORTS ? IPPROTO_TCP : IPPROTO_UDP;
		class->port = (uint16_t)(port % PORTS);
		tally->port_classes[port] = (uint8_t)tally->n_classes;
	}
	for (unsigned kind = SUGGEST_TCP; kind <= SUGGEST_OTHER; kind++)
		add_class(tally, kind);
}

static enum suggest_kind kind_of(const struct head *head)
{
	switch (head->protocol) {
	case IPPROTO_TCP:
		return SUGGEST_TCP;
	case IPPROTO_UDP:
		return SUGGEST_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return SUGGEST_ICMP;
	}
	return SUGGEST_OTHER;
}

/* The rule that the packet would match first, in the order in which they are written. */
static size_t class_of(const struct suggest_tally *tally, const struct head *head)
{
	int port = port_index(head);

	if (is_handshake(head))
		return 0;
	if (port >= 0 && tally->port_classes[port])
		return tally->port_classes[port] - 1u;
	return tally->n_classes - 1 - (SUGGEST_OTHER - kind_of(head));
}

static void window_add(struct window *window, uint64_t number, size_t packets)
{
	if (window->number != number)
		*window = (struct window){number, 0, window->peak};
	window->packets += (uint32_t)packets;
	if (window->packets > window->peak)
		window->peak = window->packets;
}

static int grow(struct suggest_tally *tally)
{
	struct suggest_peak *peaks = realloc(tally->peaks, tally->index.room * sizeof(*peaks));

	if (!peaks)
		return -ENOMEM;
	memset(peaks + tally->room, 0, (tally->index.room - tally->room) * sizeof(*peaks));
	tally->peaks = peaks;
	tally->room = tally->index.room;
	return 0;
}

int suggest_measure(struct suggest_tally *tally, const struct head *head,
		    const struct guard_address *source, uint64_t time_ns, size_t packets)
{
	struct source_key key = {.address = *source};
	struct suggest_peak *peak;
	size_t number;
	int r;

	if (head->kind != HEAD_IP)
		return 0;
	key.part = (uint32_t)class_of(tally, head);
	r = source_index_find(&tally->index, &key, SUGGEST_SOURCES_MAX, &number);
	if (r == -ENOSPC) {
		tally->untracked += packets;
		return 0;
	}
	if (r == 0 && number >= tally->room)
		r = grow(tally);
	if (r < 0)
		return r;
	if (!tally->packets)
		tally->first_ns = time_ns;
	tally->packets += packets;
	tally->last_ns = time_ns;
	peak = &tally->peaks[number];
	peak->packets += packets;
	window_add(&peak->second, time_ns / NS_PER_S, packets);
	window_add(&peak->tenth, time_ns / (NS_PER_S / 10), packets);
	return 0;
}

static int compare_peaks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Adds the sources of the class to its counts; their peaks go to `peaks`. */
static void sum_up(const struct suggest_tally *tally, size_t number, struct suggest_class *class,
		   uint32_t *peaks)
{
	for (size_t i = 0; i < tally->index.n; i++) {
		const struct suggest_peak *peak = &tally->peaks[i];

		if (tally->index.keys[i].part != number)
			continue;
		class->packets += peak->packets;
		peaks[class->n_sources++] = peak->second.peak;
		if (peak->tenth.peak > class->most_tenth)
			class->most_tenth = peak->tenth.peak;
		if (peak->second.peak <= class->most)
			continue;
		class->most = peak->second.peak;
		class->busiest = tally->index.keys[i].address;
	}
}

int suggest_finish(struct suggest_tally *tally)
{
	_cleanup_free_ uint32_t *peaks = calloc(tally->index.n + 1, sizeof(*peaks));

	if (!peaks)
		return -ENOMEM;
	for (size_t i = 0; i < tally->n_classes; i++) {
		struct suggest_class *class = &tally->classes[i];
		size_t n;

		sum_up(tally, i, class, peaks);
		n = class->n_sources;
		if (!n)
			continue;
		qsort(peaks, n, sizeof(*peaks), compare_peaks);
		class->median = peaks[(n - 1) / 2];
		class->p99 = peaks[(n * 99 + 99) / 100 - 1];
	}
	return 0;
}

/* Up to two digits that are not zero: 1234 is 1300. */
static uint64_t round_up(double value)
{
	uint64_t unit = 1;

	while (value / (double)unit > 99)
		unit *= 10;
	return (uint64_t)(value / (double)unit + 0.999999) * unit;
}

struct suggest_limit suggest_limit(const struct suggest_class *class, double margin)
{
	double second = class->most * margin, tenth = class->most_tenth * margin;
	double rate = second > RATE_MIN ? (double)round_up(second) : RATE_MIN;
	double burst = 2 * tenth;

	if (!class->n_sources)
		return (struct suggest_limit){RATE_GUESSED, RATE_GUESSED};
	/* Where both bounds meet the rate leaves most over, unless it is above even the steeper one. */
	if (10 * tenth > rate) {
		double meet = 2 * (second - tenth) / (10 * tenth - second);

		burst = second * (meet + 2) - rate * meet;
	}
	return (struct suggest_limit){(uint64_t)rate,
				      round_up(burst > BURST_MIN ? burst : BURST_MIN)};
}
