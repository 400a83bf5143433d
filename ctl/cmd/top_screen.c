/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_screen.h"

#include <curses.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "top_ui.h"

#define INSTEAD "without one: xdpguard sources --watch 1"
#define ESCAPE_MS 25 /* what tells the escape key from the start of another key's sequence */

static SCREEN *screen;

static void begin_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(CANVAS_GOOD, COLOR_GREEN, -1);
	init_pair(CANVAS_WARN, COLOR_YELLOW, -1);
	init_pair(CANVAS_BAD, COLOR_RED, -1);
}

int top_screen_begin(struct why *why)
{
	const char *terminal = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return why_set(why, -ENOTTY, "top needs a terminal; " INSTEAD);
	/* Unlike initscr(), it comes back when it fails. */
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return why_set(why, -ENOTTY,
			       "top needs a terminal that can be drawn on, and nothing is known of "
			       "one named \"%s\" (TERM); " INSTEAD,
			       terminal ? terminal : "");
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	begin_colours();
	return 0;
}

void top_screen_end(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

int top_screen_measure(struct canvas *canvas)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col &&
	    is_term_resized(size.ws_row, size.ws_col))
		resizeterm(size.ws_row, size.ws_col);
	return canvas_begin(canvas, (unsigned)LINES, (unsigned)COLS);
}

static attr_t attributes_of(const struct canvas_cell *cell)
{
	static const attr_t attributes[CANVAS_STYLES] = {
		[CANVAS_TITLE] = A_BOLD,
		[CANVAS_HEADER] = A_REVERSE,
		[CANVAS_DIM] = A_DIM,
	};

	return cell->is_marked ? A_REVERSE | A_BOLD : attributes[cell->style];
}

static void show_cell(unsigned row, unsigned column, const struct canvas_cell *cell)
{
	bool has_colour = cell->style == CANVAS_GOOD || cell->style == CANVAS_WARN ||
			  cell->style == CANVAS_BAD;
	wchar_t text[2] = {cell->character};
	cchar_t character;

	setcchar(&character, text, attributes_of(cell), has_colour ? cell->style : 0, NULL);
	mvadd_wch((int)row, (int)column, &character);
}

void top_screen_show(const struct canvas *canvas)
{
	erase();
	for (unsigned row = 0; row < canvas->rows; row++)
		for (unsigned column = 0; column < canvas->columns; column++) {
			const struct canvas_cell *cell = canvas_cell(canvas, row, column);

			if (cell->character)
				show_cell(row, column, cell);
		}
	refresh();
}

static int special_key(wint_t key)
{
	static const struct {
		wint_t theirs;
		int ours;
	} keys[] = {
		{KEY_UP, TOP_KEY_UP},	      {KEY_DOWN, TOP_KEY_DOWN},
		{KEY_PPAGE, TOP_KEY_PAGE_UP}, {KEY_NPAGE, TOP_KEY_PAGE_DOWN},
		{KEY_HOME, TOP_KEY_HOME},     {KEY_END, TOP_KEY_END},
		{KEY_ENTER, TOP_KEY_ENTER},   {KEY_BACKSPACE, TOP_KEY_BACKSPACE},
		{KEY_DC, TOP_KEY_BACKSPACE},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	return 0;
}

int top_screen_key(void)
{
	wint_t key;
	int r = get_wch(&key);

	if (r == ERR)
		return TOP_KEY_NONE;
	if (r == KEY_CODE_YES)
		return special_key(key);
	switch (key) {
	case '\r':
	case '\n':
		return TOP_KEY_ENTER;
	case 033:
		return TOP_KEY_ESCAPE;
	case 010:
	case 0177:
		return TOP_KEY_BACKSPACE;
	}
	return (int)key;
}
