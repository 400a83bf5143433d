/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

void top_ui_say(struct top_ui *ui, bool is_error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ui->message, sizeof(ui->message), format, arguments);
	va_end(arguments);
	ui->is_error = is_error;
}

char *top_ui_duration_words(uint64_t duration_ns, char text[UNITS_TEXT_SIZE])
{
	char duration[QUANTITY_TEXT_SIZE];

	if (!duration_ns)
		return strcpy(text, "until unblocked");
	snprintf(text, UNITS_TEXT_SIZE, "for %s", duration_format(duration_ns, duration));
	return text;
}

static void begin_input(struct top_ui *ui, enum top_mode mode, const char *text)
{
	ui->mode = mode;
	snprintf(ui->input, sizeof(ui->input), "%s", text);
}

/* Everything that can be typed here is ASCII. */
static void edit_input(struct top_ui *ui, int key)
{
	size_t length = strlen(ui->input);

	if (key == TOP_KEY_BACKSPACE && length)
		ui->input[length - 1] = '\0';
	else if (key == 'U' - '@') /* Ctrl-U */
		ui->input[0] = '\0';
	else if (key > ' ' && key < 0x7f && length + 1 < sizeof(ui->input)) {
		ui->input[length] = (char)key;
		ui->input[length + 1] = '\0';
	}
}

/* The marked source as it is in the list; NULL: none is marked, or it is not there now. */
static const struct top_source *marked(const struct top_ui *ui, const struct top_sources *sources)
{
	size_t at = ui->has_mark ? top_sources_find(sources, &ui->mark) : sources->n;

	return at < sources->n ? &sources->items[at] : NULL;
}

/* Whoever has left the list is not followed: marking begins at the top again. */
static void move_mark(struct top_ui *ui, int key, const struct top_sources *sources, unsigned page)
{
	const struct top_source *now = marked(ui, sources);
	size_t last = sources->n - 1, at = now ? (size_t)(now - sources->items) : 0;

	if (!sources->n || !sources->items)
		return;
	if (now && key == TOP_KEY_UP)
		at -= at > 0;
	else if (now && key == TOP_KEY_DOWN)
		at += at < last;
	else if (now && key == TOP_KEY_PAGE_UP)
		at -= at < page ? at : page;
	else if (now && key == TOP_KEY_PAGE_DOWN)
		at = last - at < page ? last : at + page;
	else
		at = key == TOP_KEY_END ? last : 0;
	ui->mark = sources->items[at].prefix;
	ui->has_mark = true;
}

static void begin_filter(struct top_ui *ui)
{
	char text[ADDRESS_TEXT_SIZE] = "";

	begin_input(ui, TOP_FILTER, ui->has_filter ? prefix_format(&ui->filter, text) : text);
}

static void begin_block(struct top_ui *ui, const struct top_sources *sources)
{
	const struct top_source *source = marked(ui, sources);

	if (!source) {
		top_ui_say(ui, true, "mark the source to block first, with the arrow keys");
		return;
	}
	ui->target = source->prefix;
	begin_input(ui, TOP_DURATION, TOP_DURATION_DEFAULT);
}

static void begin_unblock(struct top_ui *ui, const struct top_sources *sources)
{
	const struct top_source *source = marked(ui, sources);
	char text[ADDRESS_TEXT_SIZE];

	if (!source)
		top_ui_say(ui, true, "mark the source to unblock first, with the arrow keys");
	else if (!source->block_ends_ns)
		top_ui_say(ui, true, "%s is not blocked", prefix_format(&source->prefix, text));
	else {
		ui->target = source->prefix;
		ui->mode = TOP_CONFIRM_UNBLOCK;
	}
}

static enum top_action next_order(struct top_ui *ui, int step)
{
	ui->order = (ui->order + SOURCE_ORDERS + step) % SOURCE_ORDERS;
	return TOP_SORTED;
}

static enum top_action list_key(struct top_ui *ui, int key, const struct top_sources *sources,
				unsigned page)
{
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case 'p':
	case ' ':
		ui->is_paused = !ui->is_paused;
		return TOP_PAUSED;
	case 's':
		return next_order(ui, 1);
	case 'S':
		return next_order(ui, -1);
	case 'f':
	case '/':
		begin_filter(ui);
		break;
	case 'b':
		begin_block(ui, sources);
		break;
	case 'u':
		begin_unblock(ui, sources);
		break;
	case '?':
	case 'h':
		ui->mode = TOP_HELP;
		break;
	case TOP_KEY_ESCAPE:
		ui->has_mark = false;
		break;
	case TOP_KEY_UP ... TOP_KEY_END:
		move_mark(ui, key, sources, page);
		break;
	}
	return TOP_NOTHING;
}

static enum top_action enter_filter(struct top_ui *ui)
{
	char text[ADDRESS_TEXT_SIZE];
	struct prefix filter;
	bool has_host_bits = false;

	if (ui->input[0] && prefix_parse(ui->input, &filter, &has_host_bits) < 0) {
		top_ui_say(ui, true,
			   "\"%s\": expected an address or a prefix, such as 192.0.2.0/24",
			   ui->input);
		return TOP_NOTHING;
	}
	ui->mode = TOP_LIST;
	ui->has_filter = ui->input[0] != '\0';
	if (ui->has_filter)
		ui->filter = filter;
	if (has_host_bits)
		top_ui_say(ui, false, "taken as %s", prefix_format(&filter, text));
	return TOP_FILTERED;
}

static enum top_action enter_duration(struct top_ui *ui)
{
	uint64_t ns = 0;

	if (ui->input[0] && duration_parse(ui->input, &ns) < 0) {
		top_ui_say(ui, true,
			   "\"%s\": expected a duration up to 365d, such as 90s, 10m or 7d",
			   ui->input);
		return TOP_NOTHING;
	}
	ui->duration_ns = ns;
	if (ui->has_session && prefix_contains(&ui->target, &ui->session))
		begin_input(ui, TOP_CONFIRM_CUT, "");
	else
		ui->mode = TOP_CONFIRM_BLOCK;
	return TOP_NOTHING;
}

static enum top_action enter_cut(struct top_ui *ui)
{
	ui->mode = TOP_LIST;
	if (!strcmp(ui->input, "yes"))
		return TOP_BLOCK;
	top_ui_say(ui, false, "nothing is blocked");
	return TOP_NOTHING;
}

/* Any key but y is a no. */
static enum top_action confirm(struct top_ui *ui, int key, enum top_action action)
{
	ui->mode = TOP_LIST;
	if (key == 'y' || key == 'Y')
		return action;
	top_ui_say(ui, false, "nothing was changed");
	return TOP_NOTHING;
}

static enum top_action input_key(struct top_ui *ui, int key,
				 enum top_action (*enter)(struct top_ui *))
{
	if (key == TOP_KEY_ENTER)
		return enter(ui);
	if (key == TOP_KEY_ESCAPE)
		ui->mode = TOP_LIST;
	else
		edit_input(ui, key);
	return TOP_NOTHING;
}

enum top_action top_ui_key(struct top_ui *ui, int key, const struct top_sources *sources,
			   unsigned page)
{
	ui->message[0] = '\0';
	switch (ui->mode) {
	case TOP_LIST:
		return list_key(ui, key, sources, page);
	case TOP_HELP:
		ui->mode = TOP_LIST;
		return TOP_NOTHING;
	case TOP_FILTER:
		return input_key(ui, key, enter_filter);
	case TOP_DURATION:
		return input_key(ui, key, enter_duration);
	case TOP_CONFIRM_BLOCK:
		return confirm(ui, key, TOP_BLOCK);
	case TOP_CONFIRM_CUT:
		return input_key(ui, key, enter_cut);
	case TOP_CONFIRM_UNBLOCK:
		return confirm(ui, key, TOP_UNBLOCK);
	}
	return TOP_NOTHING;
}
