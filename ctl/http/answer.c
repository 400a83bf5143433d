/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#define ERROR_SIZE 1024

static char *error_body(const char *text)
{
	json_object *error = json_object_new_object();
	char *body = NULL;

	if (json_object_object_add(error, "error", json_object_new_string(text)) < 0 ||
	    asprintf(&body, "%s\n",
		     json_object_to_json_string_ext(
			     error, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		body = NULL;
	json_object_put(error);
	return body;
}

void http_answer_fail(struct http_answer *answer, unsigned status, const char *format, ...)
{
	char text[ERROR_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	http_answer_release(answer);
	*answer = (struct http_answer){
		.status = status,
		.type = HTTP_JSON,
		.body = error_body(text),
	};
	answer->size = answer->body ? strlen(answer->body) : 0;
}

void http_answer_json(struct http_answer *answer, const char *format, ...)
{
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vasprintf(&answer->body, format, arguments);
	va_end(arguments);
	if (size < 0)
		answer->body = NULL;
	else
		answer->size = (size_t)size;
	answer->status = HTTP_OK;
	answer->type = HTTP_JSON;
}

void http_answer_release(struct http_answer *answer)
{
	free(answer->body);
	*answer = (struct http_answer){};
}
