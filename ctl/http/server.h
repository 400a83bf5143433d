/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small HTTP server in one thread. It sees to whatever does not depend on what is asked: sizes, times, who may
 * ask, methods, the headers that keep a browser strict. Knows nothing of what it serves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "base/why.h"
#include "endpoint.h"

struct http_request;

/* Of the query; NULL: not given. */
const char *http_query(const struct http_request *request, const char *name);
const char *http_header(const struct http_request *request, const char *name);
const char *http_body(const struct http_request *request);

struct http_route {
	const char *path;
	bool is_control; /* POST with the token; else GET */
	void (*answer)(const struct http_request *request, struct http_answer *answer, void *data);
};

struct http_server {
	const struct endpoint *endpoint;
	int socket;			 /* that listens there */
	const char *token;		 /* NULL: no control routes */
	const struct http_route *routes; /* ends with one without a path */
	void *data;			 /* of their functions */
};

/* Until SIGINT or SIGTERM, which end it with 0; they have to be blocked before. */
int http_serve(const struct http_server *server, struct why *why);
