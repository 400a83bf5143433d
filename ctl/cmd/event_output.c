/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event_output.h"

#include <inttypes.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/cleanup.h"
#include "journal.h"
#include "policy/protocol.h"
#include "render/report.h"

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define SOURCE_WIDTH 15 /* of any IPv4 address */

#define CLOCK_SIZE 16
#define LINE_SIZE 512
#define NUMBER_SIZE 24

int event_output_open(const struct arguments *args, bool has_log, struct event_output *ret_output,
		      struct why *why)
{
	*ret_output = (struct event_output){
		.args = args,
		.has_log = has_log,
		.journal = -1,
		.source_width = SOURCE_WIDTH,
	};
	return has_log ? journal_open(&ret_output->journal, why) : 0;
}

void event_output_close(struct event_output *output)
{
	closep(&output->journal);
}

/* "14:03:07.123" */
static char *format_clock(uint64_t time_ns, char text[CLOCK_SIZE])
{
	time_t seconds = (time_t)(time_ns / NS_PER_S);
	struct tm local;
	size_t n = strftime(text, CLOCK_SIZE, "%T", localtime_r(&seconds, &local));

	snprintf(text + n, CLOCK_SIZE - n, ".%03u", (unsigned)(time_ns % NS_PER_S / NS_PER_MS));
	return text;
}

/* What is behind source and rule: why, or how long. */
static void format_rest(const struct event_words *words, char text[LINE_SIZE])
{
	char duration[UNITS_TEXT_SIZE];

	if (words->until_ns)
		snprintf(text, LINE_SIZE, "for %-10s  %s",
			 units_duration(words->until_ns - words->time_ns, duration),
			 words->interface);
	else
		snprintf(text, LINE_SIZE, "%-14s  %s  %s", words->reason, words->interface,
			 words->packet ?: "");
}

/* The columns grow with what they have to hold, so that a stream stays aligned. */
static void widen(int *width, const char *text)
{
	int length = (int)strlen(text);

	if (length > *width)
		*width = length;
}

void event_output_expect_rule(struct event_output *output, const char *rule)
{
	widen(&output->rule_width, rule);
}

static enum report_colour colour_of(const struct event_words *words)
{
	return words->event[0] == 'w' ? REPORT_WARN : REPORT_BAD;
}

static void report_text(struct event_output *output, struct report *report,
			const struct event_words *words)
{
	const char *source = words->source ?: "-", *rule = words->rule ?: "-";
	char clock[CLOCK_SIZE], rest[LINE_SIZE];

	widen(&output->source_width, source);
	widen(&output->rule_width, rule);
	format_rest(words, rest);
	report_line(report, "%s  %-11s  %-*s  %-*s  %s", format_clock(words->time_ns, clock),
		    words->verb, output->source_width, source, output->rule_width, rule, rest);
	report_colour(report, colour_of(words));
}

static void report_port(struct report *report, const char *key, const struct event_words *words,
			uint32_t port)
{
	if (words->packet && port != GUARD_NO_PORT)
		report_value(report, key, NULL, REPORT_NUMBER, port);
	else
		report_string(report, key, NULL, NULL);
}

static void report_members(struct report *report, const struct event_words *words)
{
	char protocol[PROTOCOL_TEXT_SIZE], to[ADDRESS_TEXT_SIZE];

	report_value(report, "time", NULL, REPORT_TIME, words->time_ns);
	report_string(report, "event", NULL, words->event);
	report_string(report, "source", NULL, words->source);
	report_string(report, "rule", NULL, words->rule);
	report_string(report, "reason", NULL, words->reason);
	report_value(report, "until", NULL, REPORT_TIME, words->until_ns);
	report_string(report, "interface", NULL, words->interface);
	if (words->size)
		report_value(report, "size", NULL, REPORT_NUMBER, words->size);
	else
		report_string(report, "size", NULL, NULL);
	report_string(report, "protocol", NULL,
		      words->packet ? protocol_format(words->head.protocol, protocol) : NULL);
	report_port(report, "from_port", words, words->head.from_port);
	report_string(report, "to", NULL,
		      words->packet ? address_format(&words->head.to, to) : NULL);
	report_port(report, "to_port", words, words->head.to_port);
	report_string(report, "packet", NULL, words->packet);
}

static int print_event(struct event_output *output, const struct event_words *words)
{
	struct report *report = output_begin_look(output->args);

	report_text(output, report, words);
	report_members(report, words);
	return report_end(&report);
}

/* "drop 192.0.2.7, rule game, over-rate, eth0: udp …": all of it, for syslog has no fields. */
static void format_message(const struct event_words *words, char text[LINE_SIZE])
{
	char duration[UNITS_TEXT_SIZE];
	bool is_block = words->until_ns != 0;

	if (is_block)
		units_duration(words->until_ns - words->time_ns, duration);
	snprintf(text, LINE_SIZE, "%s %s%s%s, %s%s, %s%s%s", words->verb,
		 words->source ?: "a packet", words->rule ? ", rule " : "", words->rule ?: "",
		 is_block ? "for " : "", is_block ? duration : words->reason, words->interface,
		 words->packet ? ": " : "", words->packet ?: "");
}

static int log_event(const struct event_output *output, const struct event_words *words)
{
	char message[LINE_SIZE], until[UNITS_TEXT_SIZE], size[NUMBER_SIZE];
	const struct journal_field fields[] = {
		{"XDPGUARD_EVENT", words->event},
		{"XDPGUARD_SOURCE", words->source},
		{"XDPGUARD_RULE", words->rule},
		{"XDPGUARD_REASON", words->reason},
		{"XDPGUARD_UNTIL",
		 words->until_ns ? units_timestamp(words->until_ns, until) : NULL},
		{"XDPGUARD_INTERFACE", words->interface},
		{"XDPGUARD_SIZE", words->size ? size : NULL},
		{"XDPGUARD_PACKET", words->packet},
	};

	snprintf(size, sizeof(size), "%u", words->size);
	format_message(words, message);
	return journal_send(output->journal, words->until_ns ? LOG_NOTICE : LOG_INFO, message,
			    fields, ARRAY_SIZE(fields));
}

int event_output_event(struct event_output *output, const struct event_words *words)
{
	return output->has_log ? log_event(output, words) : print_event(output, words);
}

/* "1.23M more drops and 5 more blocks" */
static void format_more(uint64_t drops, uint64_t blocks, char text[LINE_SIZE])
{
	char count[UNITS_TEXT_SIZE];
	int n = 0;

	if (drops)
		n = snprintf(text, LINE_SIZE, "%s more drop%s", units_count(drops, count),
			     drops == 1 ? "" : "s");
	if (blocks)
		snprintf(text + n, LINE_SIZE - n, "%s%s more block%s", n ? " and " : "",
			 units_count(blocks, count), blocks == 1 ? "" : "s");
}

static int print_suppressed(struct event_output *output, uint64_t time_ns, uint64_t drops,
			    uint64_t blocks)
{
	struct report *report = output_begin_look(output->args);
	char more[LINE_SIZE], clock[CLOCK_SIZE];

	format_more(drops, blocks, more);
	report_line(report, "%s  and %s%s", format_clock(time_ns, clock), more,
		    output->is_part ? " of all sources and rules" : "");
	report_colour(report, REPORT_DIM);
	report_value(report, "time", NULL, REPORT_TIME, time_ns);
	report_string(report, "event", NULL, "suppressed");
	report_value(report, "drops", NULL, REPORT_COUNT, drops);
	report_value(report, "blocks", NULL, REPORT_COUNT, blocks);
	return report_end(&report);
}

static int log_suppressed(const struct event_output *output, uint64_t drops, uint64_t blocks)
{
	char message[LINE_SIZE], n_drops[NUMBER_SIZE], n_blocks[NUMBER_SIZE];
	const struct journal_field fields[] = {
		{"XDPGUARD_EVENT", "suppressed"},
		{"XDPGUARD_DROPS", n_drops},
		{"XDPGUARD_BLOCKS", n_blocks},
	};

	snprintf(n_drops, sizeof(n_drops), "%" PRIu64, drops);
	snprintf(n_blocks, sizeof(n_blocks), "%" PRIu64, blocks);
	format_more(drops, blocks, message);
	return journal_send(output->journal, LOG_INFO, message, fields, ARRAY_SIZE(fields));
}

int event_output_suppressed(struct event_output *output, uint64_t time_ns, uint64_t drops,
			    uint64_t blocks)
{
	return output->has_log ? log_suppressed(output, drops, blocks)
			       : print_suppressed(output, time_ns, drops, blocks);
}
