/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <json-c/json.h>

/* For _cleanup_. */
static inline void json_free(json_object **json)
{
	json_object_put(*json);
}

/* Takes the value over, whatever comes of it; NULL is one that there was no memory for. */
static inline int json_add(json_object *json, const char *key, json_object *value)
{
	if (json && value && json_object_object_add(json, key, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static inline int json_append(json_object *array, json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

/* What is kept must be whole: json-c cuts its text short when memory ends. NULL: it did. The text is the object's. */
static inline const char *json_whole_text(json_object *json, int flags)
{
	const char *text = json ? json_object_to_json_string_ext(json, flags) : NULL;
	json_object *again = text ? json_tokener_parse(text) : NULL;
	int is_whole = again && json_object_equal(json, again);

	json_object_put(again);
	return is_whole ? text : NULL;
}
