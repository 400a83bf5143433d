/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in, verdicts out: how tests/oracle asks the real program.
 *
 * Reads lines, and answers each with one. `policy FILE`, the first, forgets all that was and puts that
 * policy in force: `ok`. `TIME_NS INTERFACE HEXFRAME` is a packet that comes by interface 0 or 1: `pass|drop
 * OUTCOME RULE`; OUTCOME is the name of the reason, behind `would:` where monitor mode passed the packet, RULE is `-`
 * where none decided. `block TIME_NS PREFIX DURATION_NS`, of 0 for ever: `ok`; `unblock PREFIX`: `lifted`, or `nothing`
 * was there. `counters`: JSON, and all answers are out.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "fixture.h"
#include "guard/blocks.h"
#include "guard/read.h"

#define INTERFACES 2

static size_t from_hex(const char *hex, unsigned char *frame, size_t size)
{
	size_t n = 0;
	unsigned octet;

	while (n < size && sscanf(hex + 2 * n, "%2x", &octet) == 1)
		frame[n++] = octet;
	return n;
}

static void answer_packet(struct fixture *fixture, const char *line)
{
	static unsigned char frame[65536];
	unsigned long long time;
	struct outcome outcome;
	unsigned interface;
	int at;

	if (sscanf(line, "%llu %u %n", &time, &interface, &at) != 2) {
		printf("error: expected TIME_NS INTERFACE HEXFRAME\n");
		return;
	}
	fixture_set_time(fixture, time);
	fixture_enter_by(fixture, interface);
	outcome = fixture_send(fixture, frame, from_hex(line + at, frame, sizeof(frame)));
	printf("%s %s%s %s\n", outcome.is_dropped ? "drop" : "pass",
	       outcome.is_monitored ? "would:" : "", reason_name(outcome.reason),
	       outcome.rule ?: "-");
}

static void answer_block(struct fixture *fixture, const char *arguments)
{
	unsigned long long time, duration;
	struct guard_block block;
	char prefix[64];

	if (sscanf(arguments, "%llu %63s %llu", &time, prefix, &duration) != 3) {
		printf("error: expected block TIME_NS PREFIX DURATION_NS\n");
		return;
	}
	block = block_by_hand(time << GUARD_TIME_SHIFT, duration, "");
	fixture_block(fixture, prefix, &block);
	printf("ok\n");
}

static void answer_unblock(struct fixture *fixture, const char *prefix)
{
	puts(fixture_unblock(fixture, prefix) ? "lifted" : "nothing");
}

static void print_count(const char *name, struct guard_count count)
{
	printf("\"%s\":{\"packets\":%llu,\"bytes\":%llu}", name, count.packets, count.bytes);
}

static void print_rules(const struct fixture *fixture)
{
	for (size_t i = 0; i < fixture->identity.n_rules; i++) {
		const char *name = fixture->identity.rules[i].name;
		struct guard_rule_count count = fixture_rule(fixture, name);

		printf("%s{\"name\":\"%s\",", i ? "," : "", name);
		print_count("passed", count.passed);
		putchar(',');
		print_count("dropped", count.dropped);
		putchar(',');
		print_count("would_drop", count.would_drop);
		putchar('}');
	}
}

static int print_source(const struct source_counts *s, void *data)
{
	const char **separator = data;
	char text[ADDRESS_TEXT_SIZE];

	printf("%s{\"address\":\"%s\",\"packets\":%llu,\"bytes\":%llu,\"passed\":%llu,"
	       "\"dropped\":%llu,\"would_drop\":%llu}",
	       *separator, address_format(&s->address, text),
	       (unsigned long long)(s->passed.packets + s->dropped.packets),
	       (unsigned long long)(s->passed.bytes + s->dropped.bytes),
	       (unsigned long long)s->passed.packets, (unsigned long long)s->dropped.packets,
	       (unsigned long long)s->would_drop);
	*separator = ",";
	return 0;
}

static void print_sources(const struct fixture *fixture)
{
	const char *separator = "";
	struct why why = {};

	if (read_sources(fixture->guard, print_source, &separator, &why) < 0)
		errx(1, "%s", why.text);
}

static void print_outcomes(const struct fixture *fixture)
{
	const char *separator = "";

	for (unsigned i = 0; i < 2 * GUARD_REASON_COUNT; i++) {
		struct guard_count count = fixture_outcome(fixture, i);
		char name[64];

		if (!count.packets && !count.bytes)
			continue;
		snprintf(name, sizeof(name), "%s%s", i >= GUARD_REASON_COUNT ? "would:" : "",
			 reason_name(i % GUARD_REASON_COUNT));
		printf("%s", separator);
		print_count(name, count);
		separator = ",";
	}
}

static void print_interfaces(struct fixture *fixture)
{
	for (unsigned i = 0; i < INTERFACES; i++) {
		fixture_enter_by(fixture, i);
		printf("%s{", i ? "," : "");
		print_outcomes(fixture);
		putchar('}');
	}
}

static void answer_counters(struct fixture *fixture)
{
	printf("{\"sources\":[");
	print_sources(fixture);
	printf("],\"rules\":[");
	print_rules(fixture);
	printf("],\"interfaces\":[");
	print_interfaces(fixture);
	printf("]}\n");
}

int main(void)
{
	struct fixture *fixture = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "policy ", strlen("policy "))) {
			fixture_free(&fixture);
			fixture = fixture_from_file(line + strlen("policy "),
						    &(struct fixture_options){.interfaces =
										      INTERFACES});
			printf("ok\n");
		} else if (!fixture) {
			errx(2, "expected policy FILE, not \"%s\"", line);
		} else if (!strcmp(line, "counters")) {
			answer_counters(fixture);
			fflush(stdout);
		} else if (!strncmp(line, "block ", strlen("block "))) {
			answer_block(fixture, line + strlen("block "));
		} else if (!strncmp(line, "unblock ", strlen("unblock "))) {
			answer_unblock(fixture, line + strlen("unblock "));
		} else {
			answer_packet(fixture, line);
		}
	}
	fixture_free(&fixture);
	return 0;
}
