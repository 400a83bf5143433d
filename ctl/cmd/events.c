/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard/events.h"
#include "capabilities.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "command.h"
#include "event_output.h"
#include "render/report.h"
#include "values.h"

#define NS_PER_MS 1000000ull

/* One run of the verb. */
struct session {
	const struct arguments *args;
	struct view view;
	struct events *events;
	struct event_output output;
	struct guard_event_counts counted; /* of these the suppressed ones were told */
	const char *rule;		   /* only its events */
	const struct prefix *match;	   /* only of sources in it */
	struct prefix prefix;
	bool is_following;
	bool has_told;
};

static void session_release(struct session *session)
{
	events_close(&session->events);
	event_output_close(&session->output);
	view_close(&session->view);
}

static bool is_wanted(const struct session *session, const struct guard_event *event)
{
	const struct prefix source = {event->from,
				      event->kind == GUARD_EVENT_BLOCK ? event->bits : 128};
	const char *rule = view_rule_name(&session->view, event->slot);

	if (session->rule && !(rule && strcmp(rule, session->rule) == 0))
		return false;
	if (!session->match)
		return true;
	return event->reason != GUARD_DROP_MALFORMED &&
	       (prefix_covers(session->match, &source) || prefix_covers(&source, session->match));
}

static int tell(const struct guard_event *event, void *data)
{
	struct session *session = data;
	struct event_words words;

	/* A policy that was applied a moment ago has rules that were not there. */
	if (event->slot && !view_rule_name(&session->view, event->slot) &&
	    view_refresh(&session->view, NULL) < 0)
		return -EIO;
	session->view.now = clock_now_read();
	if (!is_wanted(session, event))
		return 0;
	session->has_told = true;
	event_words_read(&session->view, event, &words);
	return event_output_event(&session->output, &words);
}

static int tell_suppressed(struct session *session, struct why *why)
{
	struct guard_event_counts now;
	uint64_t drops, blocks;
	int r = events_count(session->events, &now, why);

	if (r < 0)
		return r;
	drops = now.suppressed[GUARD_EVENT_DROP] - session->counted.suppressed[GUARD_EVENT_DROP];
	blocks = now.suppressed[GUARD_EVENT_BLOCK] - session->counted.suppressed[GUARD_EVENT_BLOCK];
	session->counted = now;
	if (!drops && !blocks)
		return 0;
	session->has_told = true;
	return event_output_suppressed(&session->output, clock_now_read().wall_ns, drops, blocks);
}

/* Once a second. */
static int look_around(struct session *session, struct why *why)
{
	int r = view_refresh(&session->view, why);

	if (r == 0 && !guard_is_in_place(session->view.guard))
		return why_set(why, -ENOENT,
			       "the guard in %s was taken off: there are no more events",
			       session->args->dir);
	if (r == 0)
		r = tell_suppressed(session, why);
	if (!events_renew(session->events, session->view.now.units))
		warn("this machine is too busy to listen: some drops were neither told nor "
		     "counted");
	return r;
}

/* SIGINT and SIGTERM, which are no longer delivered. */
static int open_signals(void)
{
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static uint64_t now_ns(void)
{
	return clock_now_read().units >> GUARD_TIME_SHIFT;
}

/* Until a signal, or until nobody reads; without --follow for a second. */
static int follow(struct session *session, int signals, struct why *why)
{
	struct pollfd waits[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = session->output.has_log ? -1 : STDOUT_FILENO},
		{.fd = events_fd(session->events), .events = POLLIN},
	};
	uint64_t next_ns = now_ns() + EVENTS_RENEW_NS;
	int r = 0;

	while (r == 0 && !waits[0].revents && !waits[1].revents) {
		int64_t left_ns = (int64_t)(next_ns - now_ns());

		if (poll(waits, ARRAY_SIZE(waits), left_ns > 0 ? left_ns / NS_PER_MS + 1 : 0) < 0)
			return -errno;
		r = events_read(session->events);
		if (r < 0 || now_ns() < next_ns)
			continue;
		if (!session->is_following)
			break;
		r = look_around(session, why);
		next_ns += EVENTS_RENEW_NS;
	}
	return r;
}

/* What was told and counted until the lease ended. */
static int follow_to_end(struct session *session, int signals, struct why *why)
{
	int r;

	events_renew(session->events, session->view.now.units);
	r = follow(session, signals, why);
	events_stop(session->events);
	if (r == 0)
		r = events_read(session->events);
	return r == 0 ? tell_suppressed(session, why) : r;
}

static int check_rule(const struct session *session)
{
	const struct record *record = session->view.record;
	size_t n = record ? record->identity.n_rules : 0;
	_cleanup_free_ const char **names = calloc(n + 1, sizeof(*names));
	const char *nearest;

	if (!names)
		return fail("not enough memory");
	for (size_t i = 0; i < n; i++) {
		names[i] = record->identity.rules[i].name;
		if (strcmp(names[i], session->rule) == 0)
			return EXIT_DONE;
	}
	nearest = diagnostic_nearest(session->rule, names, n);
	return fail_usage("--rule \"%s\": no rule of the policy in force has that name%s%s%s",
			  session->rule, nearest ? "; did you mean \"" : "; see: xdpguard rules",
			  nearest ?: "", nearest ? "\"?" : "");
}

static int parse(const struct arguments *args, struct session *session)
{
	session->is_following = args_has(args, 'f');
	session->rule = args_value(args, 'r');
	if (args_has(args, 'S') && args_has(args, 'J'))
		return fail_usage(
			"--json is of standard output, and --syslog prints nothing there");
	if (!args_has(args, 's'))
		return EXIT_DONE;
	session->match = &session->prefix;
	return value_prefix(args_value(args, 's'), &session->prefix);
}

/* What can be known of the columns beforehand. */
static void fit_columns(struct session *session)
{
	const struct record *record = session->view.record;

	for (size_t i = 0; record && i < record->identity.n_rules; i++)
		event_output_expect_rule(&session->output, record->identity.rules[i].name);
}

static int begin(struct session *session, struct why *why)
{
	int r = event_output_open(session->args, args_has(session->args, 'S'), &session->output,
				  why);

	session->output.is_part = session->rule || session->match;
	fit_columns(session);
	if (r == 0)
		r = events_open(session->view.guard, tell, session, &session->events, why);
	return r;
}

/* A reader that has gone away, as `head` does, has seen what it wanted. */
static int end(const struct session *session, int r, const struct why *why)
{
	if (r < 0 && r != -EPIPE)
		return why->text[0] ? fail_why(why)
				    : fail("cannot write the events: %s", strerror(-r));
	if (r == 0 && !session->is_following && !session->has_told && !session->output.has_log &&
	    !args_has(session->args, 'J'))
		puts("nothing was dropped or blocked in a second; --follow goes on");
	return EXIT_DONE;
}

static int run(const struct arguments *args)
{
	_cleanup_(session_release) struct session session = {.args = args, .output.journal = -1};
	_cleanup_close_ int signals = -1;
	struct why why = {};
	int r, code = parse(args, &session);

	if (code != EXIT_DONE)
		return code;
	if (view_open(args->dir, &session.view, &why) < 0)
		return fail_why(&why);
	code = session.rule ? check_rule(&session) : EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	signals = open_signals();
	if (signals < 0)
		return fail("cannot wait for signals: %s", strerror(errno));
	r = begin(&session, &why);
	if (r == 0)
		r = follow_to_end(&session, signals, &why);
	return end(&session, r, &why);
}

const struct command command_events = {
	.name = "events",
	.summary = "Show drops and blocks as they happen",
	.help = "A line for the first drop of a source by a rule in each second, and for each\n"
		"block that a rule begins; the others are counted, and how many they were is\n"
		"told every second, and so is what exceeds a thousand of each a second on a\n"
		"CPU. Without --follow it listens for a second.\n"
		"\n"
		"Nothing is kept while nobody listens. One at a time can.",
	.examples = "  xdpguard events --follow\n"
		    "  xdpguard events --follow --rule dns --source 192.0.2.0/24\n"
		    "  xdpguard events --follow --json | jq -c 'select(.event == \"block\")'\n"
		    "  xdpguard events --follow --syslog &",
	.options =
		(const struct command_option[]){
			{'f', "follow", NULL, "until interrupted"},
			{'r', "rule", "RULE", "only what this rule dropped or blocked"},
			{'s', "source", "PREFIX", "only of sources in it"},
			{'S', "syslog", NULL, "to the journal with fields, or to syslog"},
			{'J', "json", NULL, "print JSON, an object a line"},
			{},
		},
	.capabilities = capabilities_to_open,
	.run = run,
};
