/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "source_report.h"
#include "values.h"
#include "watch.h"

#define TOP_DEFAULT 20
#define SAMPLE_NS 1000000000ull
/* Beside the rows: the line of totals, a blank one, the header, a blank one, what is left, the cursor. */
#define SCREEN_LINES_BESIDE 6

/* One run of the verb. */
struct sources {
	const struct arguments *args;
	struct source_query query;
	struct prefix match;
	struct source_look look; /* the last one */
	uint64_t interval_ns;	 /* 0: one look */
	bool is_screen;
	size_t n_looks;
};

static void sources_release(struct sources *sources)
{
	source_look_release(&sources->look);
}

static bool is_text(const struct arguments *args)
{
	return !args_has(args, 'J') && !args_has(args, 'C');
}

/* "12:00:01  1234 sources, 5.6k/s" */
static void report_heading(struct report *report, const struct source_list *list)
{
	char clock[16], rate[UNITS_TEXT_SIZE] = "";
	time_t now = time(NULL);
	struct tm local;

	strftime(clock, sizeof(clock), "%T", localtime_r(&now, &local));
	if (list->has_rates)
		units_rate(list->rate, rate);
	report_line(report, "%s  %zu source%s%s%s", clock, list->n_matching,
		    list->n_matching == 1 ? "" : "s", list->has_rates ? ", " : "", rate);
}

static void report_rest(struct report *report, const struct source_list *list)
{
	size_t rest = list->n_matching - list->n;

	if (rest)
		report_line(report, "and %zu more; --top shows more", rest);
}

/* On a screen over the last look, elsewhere behind it. */
static void begin_look(struct sources *sources)
{
	if (sources->is_screen)
		watch_begin_screen();
	else if (sources->n_looks++ && is_text(sources->args))
		putchar('\n');
}

static int print(struct sources *sources, const struct view *view, const struct source_list *list)
{
	bool is_watch = sources->interval_ns != 0;
	struct source_columns columns;
	struct report *report = is_watch ? output_begin_look(sources->args)
					 : output_begin(sources->args);
	int code;

	if (is_watch)
		report_heading(report, list);
	source_report(report, view, &sources->query, list, NULL, &columns);
	report_rest(report, list);
	if (is_watch)
		begin_look(sources);
	code = output_end(&report);
	if (is_watch && sources->is_screen)
		watch_end_screen();
	return code;
}

/* The screen may have changed its size since the last look. */
static void fit_to_screen(struct sources *sources)
{
	size_t lines = watch_screen_lines();

	if (sources->is_screen && !args_has(sources->args, 'n'))
		sources->query.top = lines > SCREEN_LINES_BESIDE ? lines - SCREEN_LINES_BESIDE : 1;
}

static int look(void *data)
{
	_cleanup_(source_list_release) struct source_list list = {};
	_cleanup_(view_close) struct view view = {};
	struct sources *sources = data;
	struct why why = {};

	fit_to_screen(sources);
	if (view_open(sources->args->dir, &view, &why) < 0 ||
	    source_list_read(&view, &sources->query, &sources->look, &list, &why) < 0)
		return fail_why(&why);
	return print(sources, &view, &list);
}

/* A first reading that is not shown, for the rates of the next. */
static int sample(struct sources *sources)
{
	const struct timespec second = {.tv_nsec = SAMPLE_NS - 1};
	_cleanup_(source_list_release) struct source_list list = {};
	_cleanup_(view_close) struct view view = {};
	struct source_query query = sources->query;
	struct why why = {};

	query.top = 0;
	if (view_open(sources->args->dir, &view, &why) < 0 ||
	    source_list_read(&view, &query, &sources->look, &list, &why) < 0)
		return fail_why(&why);
	nanosleep(&second, NULL);
	return EXIT_DONE;
}

static int parse(const struct arguments *args, struct sources *sources)
{
	unsigned order = SOURCE_BY_PACKETS;
	int code = EXIT_DONE;

	sources->query.top = is_text(args) ? TOP_DEFAULT : SIZE_MAX;
	if (args_has(args, 's'))
		code = value_choice("sort", args_value(args, 's'), source_orders, SOURCE_ORDERS,
				    &order);
	if (code == EXIT_DONE && args_has(args, 'n'))
		code = value_count("top", args_value(args, 'n'), &sources->query.top);
	if (code == EXIT_DONE && args_has(args, 'w'))
		code = value_interval("watch", args_value(args, 'w'), &sources->interval_ns);
	if (code == EXIT_DONE && args_has(args, 'm')) {
		code = value_prefix(args_value(args, 'm'), &sources->match);
		sources->query.match = &sources->match;
	}
	sources->query.order = order;
	sources->query.has_rates = order == SOURCE_BY_RATE || sources->interval_ns;
	sources->is_screen = sources->interval_ns && is_text(args) && watch_is_screen();
	return code;
}

static int run(const struct arguments *args)
{
	_cleanup_(sources_release) struct sources sources = {.args = args};
	int code = parse(args, &sources);

	if (code == EXIT_DONE && sources.interval_ns)
		return watch(sources.interval_ns, look, &sources);
	if (code == EXIT_DONE && sources.query.has_rates)
		code = sample(&sources);
	return code == EXIT_DONE ? look(&sources) : code;
}

const struct command command_sources = {
	.name = "sources",
	.summary = "Show packets and drops of every source",
	.help = "A source is an address, or a prefix where the policy aggregates. RULE is\n"
		"the rule that last dropped a packet of it, or would have in monitor mode;\n"
		"WOULD DROP packets are also in PASSED. Shows the first 20; with --json or\n"
		"--csv all.",
	.examples = "  xdpguard sources --sort drops\n"
		    "  xdpguard sources --match 192.0.2.0/24 --top 100\n"
		    "  xdpguard sources --watch 1",
	.options =
		(const struct command_option[]){
			{'s', "sort", "packets|bytes|drops|pps|last-seen",
			 "largest or latest first (packets)"},
			{'n', "top", "N", "only the first N"},
			{'m', "match", "PREFIX", "only sources in it"},
			{'w', "watch", "SECONDS", "again and again, with packets a second"},
			{},
		},
	.has_data = true,
	.capabilities = capabilities_to_open,
	.run = run,
};
