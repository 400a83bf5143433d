/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event_words.h"

#include <stdio.h>
#include <string.h>

#include "guard/attach_table.h"
#include "guard/read.h"

static void read_interface(const struct view *view, const struct guard_event *event,
			   struct event_words *words)
{
	struct guard_interface row;
	char name[IF_NAMESIZE];

	if (attach_table_read_row(view->guard, event->interface, &row) < 0)
		return;
	snprintf(words->interface, sizeof(words->interface), "%s", attach_table_name(&row, name));
}

static void read_block(const struct view *view, const struct guard_event *event,
		       struct event_words *words)
{
	const struct prefix prefix = {event->from, event->bits};

	words->event = event->monitor ? "would_block" : "block";
	words->verb = event->monitor ? "would block" : "block";
	words->source = prefix_format(&prefix, words->source_text);
	words->until_ns = clock_to_wall(&view->now, event->until);
}

static void read_drop(const struct guard_event *event, struct event_words *words)
{
	words->event = event->monitor ? "would_drop" : "drop";
	words->verb = event->monitor ? "would drop" : "drop";
	words->reason = reason_name(event->reason);
	words->size = event->length;
	if (event->reason == GUARD_DROP_MALFORMED)
		return;
	words->head = (struct head){
		.kind = HEAD_IP,
		.from = event->from,
		.to = event->to,
		.is_ipv6 = !address_is_ipv4(&event->from),
		.from_port = event->from_port,
		.to_port = event->to_port,
	};
	head_read_shape(event->shape, &words->head);
	words->source = address_format(&event->from, words->source_text);
	words->packet = head_format(&words->head, words->packet_text);
}

void event_words_read(const struct view *view, const struct guard_event *event,
		      struct event_words *words)
{
	memset(words, 0, sizeof(*words));
	words->rule = view_rule_name(view, event->slot);
	words->time_ns = clock_to_wall(&view->now, event->time);
	read_interface(view, event, words);
	if (event->kind == GUARD_EVENT_BLOCK)
		read_block(view, event, words);
	else
		read_drop(event, words);
}
