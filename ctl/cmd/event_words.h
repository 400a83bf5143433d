/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event of the packet program in the words that people and programs read. */
#pragma once

#include <net/if.h>

#include "frame/head.h"
#include "view.h"

struct event_words {
	const char *event;  /* "drop", "would_drop", "block", "would_block" */
	const char *verb;   /* likewise, for people */
	const char *rule;   /* NULL: none decided, or it is gone */
	const char *reason; /* NULL: of a block */
	const char *source; /* NULL: of a malformed packet; of a block a prefix */
	const char *packet; /* as explain takes it; NULL: of a block or a malformed packet */
	struct head head;   /* of `packet` */
	uint64_t time_ns;   /* since 1970 */
	uint64_t until_ns;  /* of a block; 0 */
	uint32_t size;	    /* of a packet's frame; 0 */
	char interface[IF_NAMESIZE];
	char source_text[ADDRESS_TEXT_SIZE], packet_text[HEAD_TEXT_SIZE];
};

/* `words` points to itself and to the view. */
void event_words_read(const struct view *view, const struct guard_event *event,
		      struct event_words *words);
