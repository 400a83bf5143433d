/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "capabilities.h"
#include "command.h"
#include "guard/guard.h"
#include "guard/privileges.h"
#include "guard/seal.h"
#include "serve_hooks.h"
#include "serve_token.h"
#include "values.h"

#define LISTEN_DEFAULT "127.0.0.1:9436"
#define TOP_DEFAULT 10

/* From the options; the token stays NULL without --allow-control. */
static int parse(const struct arguments *args, struct serve *serve, struct endpoint *endpoint)
{
	const char *listen = args_value(args, 'l') ?: LISTEN_DEFAULT;

	serve->has_control = args_has(args, 'A');
	if (args_has(args, 'T') && !serve->has_control)
		return fail_usage("--token-file without --allow-control: nothing takes a token");
	if (args_has(args, 'n') && value_count("top", args_value(args, 'n'), &serve->top))
		return EXIT_USAGE;
	if (endpoint_parse(listen, endpoint) < 0)
		return fail_usage("--listen \"%s\": expected an address and a port, such as "
				  "127.0.0.1:9436 or [::1]:9436",
				  listen);
	return EXIT_DONE;
}

static void warn_of_strangers(const struct endpoint *endpoint, const char *listen, bool has_control)
{
	if (endpoint->is_loopback)
		return;
	warn("whoever reaches %s sees who sends what here, without a password", listen);
	if (has_control)
		warn("and the token crosses the network in the clear: better let a proxy with TLS "
		     "listen there, before 127.0.0.1");
}

static int get_token(const struct arguments *args, char **ret_token, struct why *why)
{
	int r;

	if (args_has(args, 'T'))
		return serve_token_read(args_value(args, 'T'), ret_token, why);
	r = serve_token_make(ret_token, why);
	if (r == 0)
		fprintf(stderr, "token: %s\n", *ret_token);
	return r;
}

/* There is no guard yet, or no longer: it may come. What is wrong for good is told now. */
static int check_guard(const char *dir, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	int r = guard_open(dir, false, &guard, why);

	if (r == -ENOENT)
		warn("%s; waiting for it", why->text);
	return r == -ENOENT ? 0 : r;
}

static void block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int run(const struct arguments *args)
{
	struct serve serve = {.dir = args->dir, .state = args->state, .top = TOP_DEFAULT};
	_cleanup_free_ char *token = NULL;
	_cleanup_close_ int socket = -1;
	struct endpoint endpoint;
	struct http_server server = {
		.endpoint = &endpoint,
		.routes = serve_routes,
		.data = &serve,
	};
	struct why why = {};

	if (parse(args, &serve, &endpoint) != EXIT_DONE)
		return EXIT_USAGE;
	if (check_guard(args->dir, &why) < 0 ||
	    (privileges_held(PRIVILEGE(CAP_SYS_ADMIN)) && serve_hooks_start(args->dir, &why) < 0))
		return fail_why(&why);
	socket = endpoint_open(&endpoint, &why);
	if (socket < 0 || (serve.has_control && get_token(args, &token, &why) < 0) ||
	    privileges_keep(0, PRIVILEGE(CAP_BPF), &why) < 0)
		return fail_why(&why);
	warn_of_strangers(&endpoint, args_value(args, 'l'), serve.has_control);
	block_signals();
	server.socket = socket;
	server.token = token;
	if (!serve.has_control && seal_to_reading(&why) < 0)
		return fail_why(&why);
	return http_serve(&server, &why) < 0 ? fail_why(&why) : EXIT_DONE;
}

const struct command command_serve = {
	.name = "serve",
	.summary = "Serve metrics, JSON and a dashboard over HTTP",
	.help = "http://127.0.0.1:9436/ is the dashboard, /metrics is for Prometheus, and\n"
		"/api/status, sources, rules, drops and blocks answer with what these verbs\n"
		"print as JSON. Drops its privileges once it listens, and goes on when the\n"
		"policy or the guard changes. With --allow-control, whoever has the token\n"
		"may block and unblock; without it, the process that answers can write neither\n"
		"to tables nor to files.",
	.examples = "  xdpguard serve\n"
		    "  xdpguard serve --listen '[::1]:9436' --top 50\n"
		    "  xdpguard serve --allow-control --token-file /etc/xdpguard/token",
	.options =
		(const struct command_option[]){
			{'l', "listen", "ADDRESS:PORT", "where (127.0.0.1:9436)"},
			{'n', "top", "N", "the N worst sources are metrics, too (10)"},
			{'A', "allow-control", NULL, "also take /api/block and /api/unblock"},
			{'T', "token-file", "FILE",
			 "the token for that; else one is made and printed"},
			{},
		},
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_LOOK_UP(),
			{CAP_NET_BIND_SERVICE, .with = 'l', .what_for = "for ports below 1024"},
			CAPABILITY_TO_DROP(),
			CAPABILITY_TO_OPEN,
			CAPABILITY_TO_READ(.with = 'T'),
			{},
		},
	.run = run,
};
