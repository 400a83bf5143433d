/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: readings, keys and signals come in, a screen goes out. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/program.h"
#include "ssh_session.h"
#include "top_block.h"
#include "top_layout.h"
#include "top_reader.h"
#include "top_screen.h"
#include "values.h"

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define RETRY_NS (100 * NS_PER_MS) /* while another tool has the lock */

struct top {
	const struct arguments *args;
	uint64_t interval_ns;
	struct top_model model;
	struct top_sources sources;
	struct top_reader reader;
	struct top_ui ui;
	struct canvas canvas;
	unsigned page;	/* rows of the list */
	int signals;	/* descriptor */
	bool is_ending; /* by key or signal */

	enum top_action waiting; /* for the lock */
	uint64_t reading_due_ns, sources_due_ns, retry_due_ns;
	uint64_t sources_start_ns; /* of the last reading of them */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void forget_sources(struct top *top)
{
	top_reader_forget(&top->reader);
	top_sources_release(&top->sources);
	top->sources_due_ns = 0;
}

/* What cannot be read is shown, and tried again: a guard may come back. */
static int read_guard(struct top *top, struct why *why)
{
	_cleanup_(top_reading_release) struct top_reading reading = {};
	int r = top_reading_read(top->args->dir, &reading, why);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		top_model_lose(&top->model, why->text);
		forget_sources(top);
		return 0;
	}
	if (reading.guard != top->model.reading.guard)
		forget_sources(top);
	return top_model_take(&top->model, &reading);
}

static int start_sources(struct top *top)
{
	top->sources_start_ns = clock_ns(CLOCK_MONOTONIC);
	top->sources_due_ns = UINT64_MAX; /* top_reader_take knows */
	return top_reader_start(&top->reader, top->ui.order,
				top->ui.has_filter ? &top->ui.filter : NULL);
}

static uint64_t period_ns(const struct top *top)
{
	return top_reader_period(top->interval_ns, top->sources.took_ns);
}

/* The guard may have gone meanwhile, which the next reading of it tells. */
static void take_sources(struct top *top)
{
	struct top_sources sources = {};
	struct why why = {};

	if (top_reader_take(&top->reader, &sources, &why) == 0) {
		top_sources_release(&top->sources);
		top->sources = sources;
		/* Keys may have been pressed while it was read. */
		top_sources_sort(&top->sources, top->ui.order);
	}
	top->sources_due_ns = top->sources_start_ns + period_ns(top);
}

static int read_what_is_due(struct top *top, uint64_t now_ns, struct why *why)
{
	int r = 0;

	if (top->ui.is_paused)
		return 0;
	if (now_ns >= top->reading_due_ns) {
		top->reading_due_ns += top->interval_ns;
		if (top->reading_due_ns <= now_ns)
			top->reading_due_ns = now_ns + top->interval_ns;
		r = read_guard(top, why);
	}
	if (r == 0 && top->model.reading.time_ns && !top->reader.is_running &&
	    now_ns >= top->sources_due_ns)
		r = start_sources(top);
	return r < 0 ? why_set(why, r, "%s", strerror(-r)) : 0;
}

static void say_blocked(struct top *top)
{
	char target[ADDRESS_TEXT_SIZE], duration[UNITS_TEXT_SIZE];
	uint64_t ns = top->ui.duration_ns;

	top_sources_note_block(&top->sources, &top->ui.target,
			       ns ? clock_ns(CLOCK_REALTIME) + ns : TOP_FOREVER);
	top_ui_say(&top->ui, false, "blocked %s %s", prefix_format(&top->ui.target, target),
		   top_ui_duration_words(ns, duration));
}

static void say_unblocked(struct top *top, uint64_t until)
{
	char target[ADDRESS_TEXT_SIZE];

	prefix_format(&top->ui.target, target);
	if (until) {
		top_ui_say(&top->ui, true,
			   "still blocked, as part of a prefix: xdpguard blocks --match %s",
			   target);
		return;
	}
	top_sources_note_block(&top->sources, &top->ui.target, 0);
	top_ui_say(&top->ui, false, "unblocked %s", target);
}

/* A block, or the lifting of one; once more later when another tool is at work. */
static void change_block(struct top *top, enum top_action action)
{
	struct why why = {};
	uint64_t until = 0;
	int r = action == TOP_BLOCK
			? top_block(top->args->dir, &top->ui.target, top->ui.duration_ns, &why)
			: top_unblock(top->args->dir, &top->ui.target, &until, &why);

	top->waiting = r == -EWOULDBLOCK ? action : TOP_NOTHING;
	top->retry_due_ns = clock_ns(CLOCK_MONOTONIC) + RETRY_NS;
	if (r == -EWOULDBLOCK)
		top_ui_say(&top->ui, false, "%s; waiting for it, any key gives up", why.text);
	else if (r < 0)
		top_ui_say(&top->ui, true, "%s", why.text[0] ? why.text : strerror(-r));
	else if (action == TOP_BLOCK)
		say_blocked(top);
	else
		say_unblocked(top, until);
}

/* Half an interval after the last reading, rates are worth something again. */
static void sort_now(struct top *top)
{
	top_sources_sort(&top->sources, top->ui.order);
	if (!top->reader.is_running)
		top->sources_due_ns = top->sources_start_ns + top->interval_ns / 2;
}

static void filter_now(struct top *top)
{
	top_reader_forget(&top->reader);
	if (top->ui.has_filter)
		top_sources_filter(&top->sources, &top->ui.filter);
	top->sources_due_ns = 0;
}

static void act(struct top *top, enum top_action action)
{
	switch (action) {
	case TOP_NOTHING:
		break;
	case TOP_QUIT:
		top->is_ending = true;
		break;
	case TOP_SORTED:
		sort_now(top);
		break;
	case TOP_FILTERED:
		filter_now(top);
		break;
	case TOP_PAUSED:
		top->reading_due_ns = 0;
		break;
	case TOP_BLOCK:
	case TOP_UNBLOCK:
		change_block(top, action);
		break;
	}
}

static void take_keys(struct top *top)
{
	int key;

	while (!top->is_ending && (key = top_screen_key()) != TOP_KEY_NONE) {
		top->waiting = TOP_NOTHING;
		act(top, top_ui_key(&top->ui, key, &top->sources, top->page));
	}
}

/* A change of the terminal's size only has to interrupt: every screen is measured anew. */
static void take_signals(struct top *top)
{
	struct signalfd_siginfo info;

	while (read(top->signals, &info, sizeof(info)) == sizeof(info))
		top->is_ending |= info.ssi_signo != SIGWINCH;
}

static int draw(struct top *top, struct why *why)
{
	const struct top_scene scene = {
		.model = &top->model,
		.sources = &top->sources,
		.ui = &top->ui,
		.wall_ns = clock_ns(CLOCK_REALTIME),
		.interval_ns = top->interval_ns,
		.period_ns = period_ns(top),
	};
	int r = top_screen_measure(&top->canvas);

	if (r < 0)
		return why_set(why, r, "not enough memory");
	top->page = top_layout(&scene, &top->canvas);
	top_screen_show(&top->canvas);
	return 0;
}

/* Until the first of what is due; while paused, nothing is. */
static int wait_ms(const struct top *top)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), due_ns = UINT64_MAX;

	if (!top->ui.is_paused) {
		due_ns = top->reading_due_ns;
		if (!top->reader.is_running && top->model.reading.time_ns &&
		    top->sources_due_ns < due_ns)
			due_ns = top->sources_due_ns;
	}
	if (top->waiting && top->retry_due_ns < due_ns)
		due_ns = top->retry_due_ns;
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / NS_PER_MS + 1);
}

static void wait(struct top *top)
{
	struct pollfd waits[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = top->signals, .events = POLLIN},
		{.fd = top->reader.event, .events = POLLIN},
	};

	if (poll(waits, ARRAY_SIZE(waits), wait_ms(top)) < 0)
		return;
	take_signals(top);
	if (waits[0].revents & POLLIN)
		take_keys(top);
	else if (waits[0].revents)
		top->is_ending = true; /* the terminal is gone */
	if (waits[2].revents && top->reader.is_running)
		take_sources(top);
	if (top->waiting && clock_ns(CLOCK_MONOTONIC) >= top->retry_due_ns)
		change_block(top, top->waiting);
}

static int loop(struct top *top, struct why *why)
{
	int r = 0;

	while (r == 0 && !top->is_ending) {
		r = read_what_is_due(top, clock_ns(CLOCK_MONOTONIC), why);
		if (r == 0)
			r = draw(top, why);
		if (r == 0)
			wait(top);
	}
	return r;
}

/* They come through a descriptor: none cuts off a screen, or leaves the terminal as ncurses has it. */
static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGWINCH);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void top_release(struct top *top)
{
	top_screen_end();
	top_reader_release(&top->reader);
	top_sources_release(&top->sources);
	top_model_release(&top->model);
	canvas_release(&top->canvas);
	closep(&top->signals);
}

/* Whoever may not read gets no screen; without a guard one waits for it. */
static int begin(struct top *top, struct why *why)
{
	_cleanup_(top_reading_release) struct top_reading reading = {};
	int r = top_reading_read(top->args->dir, &reading, why);

	if (r < 0 && r != -ENOENT)
		return r;
	top->ui.has_session = ssh_session_source(&top->ui.session);
	top->signals = open_signals();
	if (top->signals < 0)
		return why_set(why, -errno, "cannot wait for signals: %s", strerror(errno));
	r = top_reader_begin(&top->reader, top->args->dir);
	return r < 0 ? why_set(why, r, "cannot wait for events: %s", strerror(-r))
		     : top_screen_begin(why);
}

static int parse(const struct arguments *args, struct top *top)
{
	unsigned order = SOURCE_BY_RATE;
	int code = EXIT_DONE;

	if (args_has(args, 'i'))
		code = value_interval("interval", args_value(args, 'i'), &top->interval_ns);
	if (code == EXIT_DONE && args_has(args, 's'))
		code = value_choice("sort", args_value(args, 's'), source_orders, SOURCE_ORDERS,
				    &order);
	if (code == EXIT_DONE && args_has(args, 'm')) {
		code = value_prefix(args_value(args, 'm'), &top->ui.filter);
		top->ui.has_filter = true;
	}
	top->ui.order = order;
	return code;
}

static int run(const struct arguments *args)
{
	_cleanup_(top_release) struct top top = {
		.args = args,
		.interval_ns = NS_PER_S,
		.signals = -1,
	};
	struct why why = {};
	int code = parse(args, &top), r;

	if (code != EXIT_DONE)
		return code;
	program_set_verbose(false); /* what libraries say would go over the screen */
	r = begin(&top, &why);
	if (r == 0)
		r = loop(&top, &why);
	top_screen_end();
	return r < 0 ? fail_why(&why) : EXIT_DONE;
}

const struct command command_top = {
	.name = "top",
	.summary = "Watch it live: rates, worst sources, rules; block by key",
	.help = "A screen that shows what passes and what is dropped a second, with charts,\n"
		"reasons, rules by drops, the state of the tables and the worst sources. The\n"
		"arrow keys mark a source, b blocks it, u lifts a block, s sorts, f shows\n"
		"only a prefix, p pauses, ? tells all keys, q quits. It goes on when the\n"
		"policy changes, and waits when there is no guard. It takes a terminal of at\n"
		"least 80 columns and 24 lines.",
	.examples =
		"  xdpguard top\n  xdpguard top --interval 0.5 --sort drops --match 192.0.2.0/24",
	.options =
		(const struct command_option[]){
			{'i', "interval", "SECONDS", "between two readings (1)"},
			{'s', "sort", "packets|bytes|drops|pps|last-seen",
			 "largest or latest first (pps)"},
			{'m', "match", "PREFIX", "only sources in it"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_LOOK_UP(),
			{},
		},
	.run = run,
};
