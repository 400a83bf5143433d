/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request is answered with. All zero: nothing yet. */
#pragma once

#include <stddef.h>

enum http_status {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_CONFLICT = 409,
	HTTP_INTERNAL_ERROR = 500,
	HTTP_UNAVAILABLE = 503,
};

struct http_answer {
	unsigned status;
	const char *type;   /* Content-Type */
	const char *policy; /* Content-Security-Policy; NULL: nothing may be loaded or run */
	const char *allow;  /* methods, of a 405 */
	char *body;	    /* freed with it; NULL: not enough memory */
	size_t size;
};

#define HTTP_JSON "application/json"

/* {"error": "…"}, instead of what was there. */
void http_answer_fail(struct http_answer *answer, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 200, with that for a body; what does not fit into memory becomes an answer without one. */
void http_answer_json(struct http_answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void http_answer_release(struct http_answer *answer);
