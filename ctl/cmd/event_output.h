/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where events go: a line each on standard output, for people or as JSON, or to the journal with fields, or
 * where there is none to syslog. Each returns 0 or a negative errno; -EPIPE: nobody reads any more.
 */
#pragma once

#include "command.h"
#include "event_words.h"

struct event_output {
	const struct arguments *args;
	bool has_log;
	int journal;		      /* socket; -1: syslog */
	bool is_part;		      /* not all events are told */
	int source_width, rule_width; /* of text: what was the widest so far */
};

/* -ENOENT: `has_log`, and neither the journal nor syslog is there. */
int event_output_open(const struct arguments *args, bool has_log, struct event_output *ret_output,
		      struct why *why);
void event_output_close(struct event_output *output);

/* Makes room for it, so that the first lines are aligned with those that follow. */
void event_output_expect_rule(struct event_output *output, const char *rule);

int event_output_event(struct event_output *output, const struct event_words *words);
/* So many more there were, since the last time. */
int event_output_suppressed(struct event_output *output, uint64_t time_ns, uint64_t drops,
			    uint64_t blocks);
