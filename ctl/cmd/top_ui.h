/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys do: from one state of the screen to the next. Pure: knows no terminal, and changes no guard. */
#pragma once

#include "top_sources.h"

/* Keys are characters, and these. */
enum top_key {
	TOP_KEY_NONE = 0x110000, /* behind the last character */
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
};

enum top_mode {
	TOP_LIST,
	TOP_HELP,
	TOP_FILTER,   /* a prefix is typed */
	TOP_DURATION, /* of a block */
	TOP_CONFIRM_BLOCK,
	TOP_CONFIRM_CUT, /* likewise, of one's own SSH session: "yes" is typed */
	TOP_CONFIRM_UNBLOCK,
};

/* What is to be done for a key, beside drawing. */
enum top_action {
	TOP_NOTHING,
	TOP_QUIT,
	TOP_SORTED,
	TOP_FILTERED,
	TOP_PAUSED, /* or no longer */
	TOP_BLOCK,  /* ui->target for ui->duration_ns */
	TOP_UNBLOCK,
};

#define TOP_INPUT_SIZE 64
#define TOP_DURATION_DEFAULT "10m"

struct top_ui {
	enum top_mode mode;
	enum source_order order;
	bool is_paused;
	bool has_filter, has_mark, has_session;
	struct prefix filter;
	struct prefix mark;	      /* the source; it may have left the list */
	struct guard_address session; /* where one's SSH session comes from */

	char input[TOP_INPUT_SIZE]; /* what is being typed */
	struct prefix target;
	uint64_t duration_ns; /* 0: until unblocked */

	char message[256]; /* until the next key; empty: none */
	bool is_error;
};

/* `page`: rows of the list that are shown. */
enum top_action top_ui_key(struct top_ui *ui, int key, const struct top_sources *sources,
			   unsigned page);

void top_ui_say(struct top_ui *ui, bool is_error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "for 10m", "until unblocked" */
char *top_ui_duration_words(uint64_t duration_ns, char text[UNITS_TEXT_SIZE]);
