/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "ssh_session.h"
#include "top_layout.h"

#define WARNING_ROWS 3 /* with the longest addresses, in 80 columns */

static const char *const help[] = {
	"up, down, page up,    mark a source; the mark follows it wherever it moves",
	"page down, home, end",
	"b                     block the marked source: asks for how long",
	"u                     unblock the marked source",
	"s, S                  sort by the next, or the last: packets, bytes, drops, pps,",
	"                      last-seen",
	"f, /                  show only sources in a prefix; an empty one shows all",
	"p, space              pause: the screen stands still; marking and blocking go on",
	"escape                mark none; leave a question without an answer",
	"q, Ctrl-C             quit: nothing that is in force changes by that",
	"",
	"PPS, the rates and the charts are of the time between two readings. DROPPED",
	"also counts what monitor mode would drop, in yellow where nothing really was.",
	"RULE is the rule that last dropped a packet of the source.",
	"",
	"The sources are read less often than the rest where reading them takes more",
	"than a tenth of the time: the line over them says so then.",
	"",
	"Any key leads back.",
};

void top_layout_help(struct canvas *canvas)
{
	for (unsigned i = 0; i < ARRAY_SIZE(help); i++)
		canvas_text(canvas, 2 + i, 1, canvas->columns, CANVAS_PLAIN, help[i]);
}

static void question(const struct top_ui *ui, char *text, size_t size)
{
	char target[ADDRESS_TEXT_SIZE], duration[UNITS_TEXT_SIZE];

	prefix_format(&ui->target, target);
	top_ui_duration_words(ui->duration_ns, duration);
	switch (ui->mode) {
	case TOP_LIST:
	case TOP_HELP:
		text[0] = '\0';
		break;
	case TOP_FILTER:
		snprintf(text, size, "only sources in: %s_", ui->input);
		break;
	case TOP_DURATION:
		snprintf(text, size, "block %s for (empty: until unblocked): %s_", target,
			 ui->input);
		break;
	case TOP_CONFIRM_BLOCK:
		snprintf(text, size, "block %s %s? y/n", target, duration);
		break;
	case TOP_CONFIRM_CUT:
		snprintf(text, size, "block it %s all the same? Type yes: %s_", duration,
			 ui->input);
		break;
	case TOP_CONFIRM_UNBLOCK:
		snprintf(text, size, "unblock %s? y/n", target);
		break;
	}
}

static void keys(struct canvas *canvas, unsigned row)
{
	canvas_text(canvas, row, 1, canvas->columns, CANVAS_DIM,
		    "q quit  up/down mark  b block  u unblock  s sort  f filter  p pause  ? help");
}

/* A question that would cut off one's own session says so above. */
static unsigned ask(const struct top_ui *ui, struct canvas *canvas, unsigned row)
{
	char text[ADDRESS_TEXT_SIZE + 128], words[SSH_SESSION_WORDS_SIZE];

	question(ui, text, sizeof(text));
	canvas_text(canvas, row, 1, canvas->columns, CANVAS_TITLE, text);
	if (ui->mode != TOP_CONFIRM_CUT)
		return row;
	canvas_paragraph(canvas, row - WARNING_ROWS, CANVAS_BAD,
			 ssh_session_words(&ui->target, &ui->session, words));
	return row - WARNING_ROWS;
}

unsigned top_layout_footer(const struct top_scene *scene, struct canvas *canvas)
{
	const struct top_ui *ui = scene->ui;
	unsigned row = canvas->rows - 1;

	if (ui->message[0])
		canvas_text(canvas, row, 1, canvas->columns,
			    ui->is_error ? CANVAS_BAD : CANVAS_GOOD, ui->message);
	else if (ui->mode != TOP_LIST)
		return ask(ui, canvas, row);
	else
		keys(canvas, row);
	return row;
}
