/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve_control.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/lock.h"
#include "http/body.h"
#include "serve.h"
#include "serve_api.h"

/* What a request asks for. */
struct wish {
	struct prefix prefix;
	struct guard_block block;
};

static int parse_prefix(const char *text, struct prefix *ret_prefix, struct why *why)
{
	bool has_host_bits;

	if (!text)
		return why_set(why, -EINVAL, "\"prefix\" is missing");
	if (prefix_parse(text, ret_prefix, &has_host_bits) < 0 || has_host_bits)
		return why_set(why, -EINVAL, "prefix \"%s\": expected an address or a prefix",
			       text);
	return 0;
}

static int parse_block(const char *duration, const char *reason, struct guard_block *ret_block,
		       struct why *why)
{
	uint64_t ns = 0;

	if (reason && strlen(reason) >= GUARD_BLOCK_REASON_SIZE)
		return why_set(why, -EINVAL, "reason: at most %d bytes",
			       GUARD_BLOCK_REASON_SIZE - 1);
	if (duration && duration_parse(duration, &ns) < 0)
		return why_set(why, -EINVAL, "for \"%s\": expected a duration up to 365d",
			       duration);
	*ret_block = block_by_hand(clock_now_read().units, ns, reason ?: "");
	return 0;
}

static int parse(const struct http_request *request, struct wish *ret_wish, struct why *why)
{
	struct http_field fields[] = {{"prefix", NULL}, {"for", NULL}, {"reason", NULL}};
	int r = http_body_read(http_body(request), fields, ARRAY_SIZE(fields));

	if (r == -EINVAL)
		return why_set(why, r,
			       "expected {\"prefix\": \"192.0.2.7\", \"for\": \"10m\", "
			       "\"reason\": \"…\"}");
	if (r == 0)
		r = parse_prefix(fields[0].value, &ret_wish->prefix, why);
	if (r == 0)
		r = parse_block(fields[1].value, fields[2].value, &ret_wish->block, why);
	http_body_release(fields, ARRAY_SIZE(fields));
	return r;
}

static int add(const struct guard *guard, const struct wish *wish, size_t *ret_done,
	       struct why *why)
{
	return blocks_add(guard, &wish->prefix, 1, &wish->block, ret_done, why);
}

static int take_away(const struct guard *guard, const struct wish *wish, size_t *ret_done,
		     struct why *why)
{
	char text[ADDRESS_TEXT_SIZE];
	int r = blocks_remove(guard, &wish->prefix, 1, ret_done, why);

	if (r == 0 && blocks_until(guard, &wish->prefix, clock_now_read().units))
		return why_set(why, -EEXIST, "%s is still blocked, as part of a prefix",
			       prefix_format(&wish->prefix, text));
	return r;
}

struct change {
	const char *done; /* the answer's key */
	int (*function)(const struct guard *guard, const struct wish *wish, size_t *ret_done,
			struct why *why);
};

/* Who waited for another tool here would keep everybody waiting. */
static int carry_out(const struct serve *serve, const struct change *change,
		     const struct wish *wish, size_t *ret_done, struct why *why)
{
	_cleanup_(guard_close) struct guard *guard = NULL;
	_cleanup_close_ int lock = lock_try(why);
	int r;

	if (lock < 0)
		return lock;
	r = guard_open(serve->dir, true, &guard, why);
	if (r == 0)
		r = blocks_sweep(guard, why);
	return r == 0 ? change->function(guard, wish, ret_done, why) : r;
}

static void control(const struct http_request *request, struct http_answer *answer,
		    const struct serve *serve, const struct change *change)
{
	char text[ADDRESS_TEXT_SIZE];
	struct why why = {};
	struct wish wish;
	size_t n_done = 0;
	int r = parse(request, &wish, &why);

	if (r == 0)
		r = carry_out(serve, change, &wish, &n_done, &why);
	if (r < 0)
		api_fail(answer, r, &why);
	else if (!n_done)
		http_answer_fail(answer, HTTP_NOT_FOUND, "it was not blocked");
	else
		http_answer_json(answer, "{ \"%s\": \"%s\" }\n", change->done,
				 prefix_format(&wish.prefix, text));
}

void control_block(const struct http_request *request, struct http_answer *answer, void *serve)
{
	control(request, answer, serve, &(const struct change){"blocked", add});
}

void control_unblock(const struct http_request *request, struct http_answer *answer, void *serve)
{
	control(request, answer, serve, &(const struct change){"unblocked", take_away});
}
