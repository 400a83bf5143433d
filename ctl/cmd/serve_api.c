/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve_api.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "blocks.h"
#include "drops.h"
#include "rules.h"
#include "serve.h"
#include "serve_hooks.h"
#include "status_report.h"

#define TOP_DEFAULT 20
#define TOP_MAX 1000 /* an answer stands in memory, and sorting takes its time */

/* Tables of a report, and what they need until it has ended. */
struct tables {
	struct drops drops;
	struct source_list list;
	struct source_columns columns;
};

/* -EINVAL: `why` says what is wrong with the query. */
typedef int (*describe_function)(const struct serve *serve, const struct http_request *request,
				 const struct view *view, struct report *report,
				 struct tables *tables, struct why *why);

static void tables_release(struct tables *tables)
{
	drops_release(&tables->drops);
	source_list_release(&tables->list);
}

void api_fail(struct http_answer *answer, int error, const struct why *why)
{
	unsigned status = error == -EINVAL   ? HTTP_BAD_REQUEST
			  : error == -EEXIST ? HTTP_CONFLICT
			  : error == -ENOMEM ? HTTP_INTERNAL_ERROR
					     : HTTP_UNAVAILABLE;

	http_answer_fail(answer, status, "%s", why->text[0] ? why->text : strerror(-error));
}

static int describe(const struct serve *serve, const struct http_request *request,
		    describe_function function, FILE *out, struct why *why)
{
	const struct report_options options = {.format = REPORT_JSON};
	_cleanup_(tables_release) struct tables tables = {};
	_cleanup_(report_free) struct report *report = report_begin(out, &options);
	_cleanup_(view_close) struct view view = {};
	int r = report ? view_open(serve->dir, &view, why) : -ENOMEM;

	if (r == 0)
		r = function(serve, request, &view, report, &tables, why);
	return r < 0 ? r : report_end(&report);
}

static void answer_report(const struct serve *serve, const struct http_request *request,
			  struct http_answer *answer, describe_function function)
{
	FILE *out = open_memstream(&answer->body, &answer->size);
	struct why why = {};
	int r = out ? describe(serve, request, function, out, &why) : -ENOMEM;

	if (out && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		api_fail(answer, r, &why);
		return;
	}
	answer->status = HTTP_OK;
	answer->type = HTTP_JSON;
}

static int query_top(const struct http_request *request, size_t *ret_top, struct why *why)
{
	const char *text = http_query(request, "top");
	uint64_t top = TOP_DEFAULT;

	if (text && (count_parse(text, &top) < 0 || !top || top > TOP_MAX))
		return why_set(why, -EINVAL, "top \"%s\": expected a number from 1 to %d", text,
			       TOP_MAX);
	*ret_top = top;
	return 0;
}

/* *ret_has_match false: everything is meant. */
static int query_match(const struct http_request *request, struct prefix *ret_match,
		       bool *ret_has_match, struct why *why)
{
	const char *text = http_query(request, "match");
	bool has_host_bits;

	if (text && prefix_parse(text, ret_match, &has_host_bits) < 0)
		return why_set(why, -EINVAL, "match \"%s\": expected an address or a prefix", text);
	*ret_has_match = text != NULL;
	return 0;
}

/* Rates take two looks at the same sources, and whoever asks here may ask once. */
static int query_order(const struct http_request *request, enum source_order *ret_order,
		       struct why *why)
{
	const char *text = http_query(request, "sort") ?: source_orders[SOURCE_BY_PACKETS];

	for (unsigned order = 0; order < SOURCE_ORDERS; order++)
		if (order != SOURCE_BY_RATE && !strcmp(text, source_orders[order])) {
			*ret_order = order;
			return 0;
		}
	return why_set(why, -EINVAL,
		       "sort \"%s\": expected one of packets, bytes, drops, last-seen", text);
}

static int describe_status(const struct serve *serve, const struct http_request *request,
			   const struct view *view, struct report *report, struct tables *tables,
			   struct why *why)
{
	struct status status;
	int r = status_read(view, serve_hooks_read, &status, why);

	if (r == 0)
		status_report(report, &status, serve->state);
	return r;
}

static int describe_sources(const struct serve *serve, const struct http_request *request,
			    const struct view *view, struct report *report, struct tables *tables,
			    struct why *why)
{
	struct source_query query = {};
	struct prefix match;
	bool has_match = false;
	int r = query_top(request, &query.top, why);

	if (r == 0)
		r = query_order(request, &query.order, why);
	if (r == 0)
		r = query_match(request, &match, &has_match, why);
	if (r < 0)
		return r;
	query.match = has_match ? &match : NULL;
	r = source_list_read(view, &query, NULL, &tables->list, why);
	if (r == 0)
		source_report(report, view, &query, &tables->list, NULL, &tables->columns);
	return r;
}

static int describe_rules(const struct serve *serve, const struct http_request *request,
			  const struct view *view, struct report *report, struct tables *tables,
			  struct why *why)
{
	return rules_report(report, view, why);
}

static int describe_drops(const struct serve *serve, const struct http_request *request,
			  const struct view *view, struct report *report, struct tables *tables,
			  struct why *why)
{
	size_t top;
	int r = query_top(request, &top, why);

	return r < 0 ? r : drops_report(report, view, top, &tables->drops, why);
}

static int describe_blocks(const struct serve *serve, const struct http_request *request,
			   const struct view *view, struct report *report, struct tables *tables,
			   struct why *why)
{
	struct prefix match;
	bool has_match = false;
	int r = query_match(request, &match, &has_match, why);

	return r < 0 ? r : blocks_report(report, view, has_match ? &match : NULL, why);
}

void api_status(const struct http_request *request, struct http_answer *answer, void *serve)
{
	answer_report(serve, request, answer, describe_status);
}

void api_sources(const struct http_request *request, struct http_answer *answer, void *serve)
{
	answer_report(serve, request, answer, describe_sources);
}

void api_rules(const struct http_request *request, struct http_answer *answer, void *serve)
{
	answer_report(serve, request, answer, describe_rules);
}

void api_drops(const struct http_request *request, struct http_answer *answer, void *serve)
{
	answer_report(serve, request, answer, describe_drops);
}

void api_blocks(const struct http_request *request, struct http_answer *answer, void *serve)
{
	answer_report(serve, request, answer, describe_blocks);
}
