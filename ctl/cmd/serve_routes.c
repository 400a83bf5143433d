/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve.h"

#include <string.h>

#include "base/cleanup.h"
#include "render/exposition.h"
#include "render/report.h"
#include "serve_api.h"
#include "serve_control.h"
#include "serve_hooks.h"
#include "serve_metrics.h"
#include "serve_page.h"

#define OPENMETRICS "application/openmetrics-text"

/* What the metrics are written from. */
struct reading {
	struct view view;
	struct status status;
	struct source_list sources;
	struct guard_rule_count *rules;
};

static void reading_release(struct reading *reading)
{
	free(reading->rules);
	source_list_release(&reading->sources);
	view_close(&reading->view);
}

static int read_rules(struct reading *reading)
{
	const struct record *record = reading->view.record;
	size_t n = record ? record->identity.n_rules : 0;
	int r = 0;

	reading->rules = calloc(n + 1, sizeof(*reading->rules));
	if (!reading->rules)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_rule(reading->view.guard, record->identity.rules[i].slot,
			      &reading->rules[i], NULL);
	return r;
}

static int read_all(const struct serve *serve, struct reading *reading)
{
	const struct source_query query = {.order = SOURCE_BY_DROPS, .top = serve->top};
	int r = view_open(serve->dir, &reading->view, NULL);

	if (r == 0)
		r = status_read(&reading->view, serve_hooks_read, &reading->status, NULL);
	if (r == 0)
		r = read_rules(reading);
	return r == 0 ? source_list_read(&reading->view, &query, NULL, &reading->sources, NULL) : r;
}

/* A guard that is not there is a metric, too: no error, or nobody would be told. */
static void get_metrics(const struct http_request *request, struct http_answer *answer, void *data)
{
	bool is_openmetrics = strstr(http_header(request, "Accept") ?: "", OPENMETRICS) != NULL;
	_cleanup_(reading_release) struct reading reading = {};
	bool is_up = read_all(data, &reading) == 0;
	struct metrics metrics = {
		.status = is_up ? &reading.status : NULL,
		.rules = reading.rules,
		.sources = &reading.sources,
	};
	FILE *out = open_memstream(&answer->body, &answer->size);

	if (!out)
		return;
	metrics_write(out, is_openmetrics, &metrics);
	if (fclose(out) != 0)
		http_answer_release(answer);
	answer->status = HTTP_OK;
	answer->type = exposition_content_type(is_openmetrics);
}

static void get_page(const struct http_request *request, struct http_answer *answer, void *data)
{
	*answer = (struct http_answer){
		.status = HTTP_OK,
		.type = "text/html; charset=utf-8",
		.policy = serve_page_policy,
		.body = strndup(serve_page, serve_page_size),
		.size = serve_page_size,
	};
}

/* What the page has to know of the server. */
static void get_server(const struct http_request *request, struct http_answer *answer, void *data)
{
	const struct serve *serve = data;

	http_answer_json(answer, "{ \"version\": \"%s\", \"control\": %s }\n", XDPGUARD_VERSION,
			 serve->has_control ? "true" : "false");
}

const struct http_route serve_routes[] = {
	{"/", false, get_page},
	{"/metrics", false, get_metrics},
	{"/api/server", false, get_server},
	{"/api/status", false, api_status},
	{"/api/sources", false, api_sources},
	{"/api/rules", false, api_rules},
	{"/api/drops", false, api_drops},
	{"/api/blocks", false, api_blocks},
	{"/api/block", true, control_block},
	{"/api/unblock", true, control_unblock},
	{},
};
