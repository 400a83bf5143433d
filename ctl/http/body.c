/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "body.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"

#define DEPTH_MAX 2

static void json_putp(json_object **json)
{
	json_object_put(*json);
}

/* All of the text, or nothing: NULL. */
static json_object *parse(const char *text)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	json_object *json = NULL;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(json);
		json = NULL;
	}
	json_tokener_free(tokener);
	return json;
}

static struct http_field *find(struct http_field *fields, size_t n_fields, const char *name)
{
	for (size_t i = 0; i < n_fields; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* A zero byte in a string would hide what follows it. */
static int take(struct http_field *field, json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!field || !json_object_is_type(value, json_type_string) ||
	    strlen(text) != (size_t)json_object_get_string_len(value))
		return -EINVAL;
	field->value = strdup(text);
	return field->value ? 0 : -ENOMEM;
}

int http_body_read(const char *text, struct http_field *fields, size_t n_fields)
{
	_cleanup_(json_putp) json_object *json = parse(text);
	int r = json_object_is_type(json, json_type_object) ? 0 : -EINVAL;

	if (r < 0)
		return r;
	json_object_object_foreach(json, name, value)
	{
		r = take(find(fields, n_fields, name), value);
		if (r < 0)
			break;
	}
	if (r < 0)
		http_body_release(fields, n_fields);
	return r;
}

void http_body_release(struct http_field *fields, size_t n_fields)
{
	for (size_t i = 0; i < n_fields; i++) {
		free(fields[i].value);
		fields[i].value = NULL;
	}
}
