// SPDX-License-Identifier: GPL-2.0-or-later
#include "known.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "measure.h"
#include "policies.h"

#define PACKETS 100000

/* What becomes of a packet, and at what cost at most: times the floor under a short and a long policy. */
static const struct known_case {
	const char *name;
	uint32_t first;
	unsigned port;
	double target;
} cases[] = {
	{"blocked source: drop", BENCH_BLOCKED, POLICY_PORT_FREE, 1.3},
	{"denied source: drop", POLICY_DENIED, POLICY_PORT_FREE, 1.3},
	{"no rule matches: pass", BENCH_FREE, POLICY_PORT_FREE, 1.5},
	{"rate and bandwidth: pass", BENCH_FREE, POLICY_PORT_LIMITED, 2.0},
};

#define TARGET_LARGE 3.0
#define TARGET_IPV6 1.2

static struct stream *open_stream(const struct known_case *c, bool is_ipv6, int program)
{
	const struct stream_options options = {
		.kind = STREAM_KNOWN,
		.is_ipv6 = is_ipv6,
		.first = c->first,
		.sources = BENCH_KNOWN,
		.port = c->port,
	};

	return stream_new(&options, program);
}

static struct subject *introduce(struct bench *bench, const struct known_case *c, bool is_large,
				 bool is_ipv6)
{
	struct subject *subject = is_large ? bench_large(bench) : bench_small(bench);

	if (c->first == BENCH_BLOCKED)
		subject_block(subject, c->first, BENCH_KNOWN, is_ipv6);
	return subject;
}

static void measure_ipv4(struct bench *bench, const struct known_case *c, bool is_large)
{
	_cleanup_(stream_free) struct stream *candidate = NULL;
	_cleanup_(stream_free) struct stream *floor = NULL;
	char name[80];

	snprintf(name, sizeof(name), "%s%s", is_large ? "1,024 rules, 1M prefixes; " : "", c->name);
	if (!bench_wants(bench, name))
		return;
	candidate = open_stream(c, false, subject_fd(introduce(bench, c, is_large, false)));
	floor = open_stream(c, false, bench->floors->counter);
	bench_measure(bench, &(struct row){
				     .name = name,
				     .target = is_large ? TARGET_LARGE : c->target,
				     .subject = candidate,
				     .floor = floor,
				     .packets = PACKETS,
			     });
}

static void measure_ipv6(struct bench *bench, const struct known_case *c, bool is_large)
{
	_cleanup_(stream_free) struct stream *candidate = NULL;
	_cleanup_(stream_free) struct stream *floor = NULL;
	char name[80];

	snprintf(name, sizeof(name), "IPv6 beside IPv4: %s%s",
		 is_large ? "1,024 rules, 1M prefixes; " : "", c->name);
	if (!bench_wants(bench, name))
		return;
	candidate = open_stream(c, true, subject_fd(introduce(bench, c, is_large, true)));
	floor = open_stream(c, false, subject_fd(introduce(bench, c, is_large, false)));
	bench_measure(bench, &(struct row){
				     .name = name,
				     .target = TARGET_IPV6,
				     .subject = candidate,
				     .floor = floor,
				     .packets = PACKETS,
			     });
}

void known_measure(struct bench *bench)
{
	for (int is_large = 0; is_large <= 1; is_large++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			measure_ipv4(bench, &cases[i], is_large);
	for (int is_large = 0; is_large <= 1; is_large++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			measure_ipv6(bench, &cases[i], is_large);
}
