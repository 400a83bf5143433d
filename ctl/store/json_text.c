/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_text.h"

#include <string.h>

#include "base/cleanup.h"

#define VALUE_MAX_SIZE (1u << 20)
#define DEPTH_MAX 16

int json_text_begin(const char *text, size_t size, struct json_text *ret_text)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);

	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS |
						JSON_TOKENER_VALIDATE_UTF8);
	*ret_text = (struct json_text){.text = text, .size = size, .tokener = tokener};
	return 0;
}

void json_text_end(struct json_text *text)
{
	if (text->tokener)
		json_tokener_free(text->tokener);
	text->tokener = NULL;
}

static void skip_blanks(struct json_text *text)
{
	while (text->at < text->size && text->text[text->at] &&
	       strchr(" \t\r\n", text->text[text->at]))
		text->at++;
}

static bool take(struct json_text *text, char c)
{
	skip_blanks(text);
	if (text->at == text->size || text->text[text->at] != c)
		return false;
	text->at++;
	return true;
}

bool json_text_open(struct json_text *text, char bracket)
{
	text->is_first = take(text, bracket);
	return text->is_first;
}

int json_text_next(struct json_text *text, char bracket)
{
	bool is_first = text->is_first;

	text->is_first = false;
	if (take(text, bracket))
		return 0;
	return is_first || take(text, ',') ? 1 : -EBADMSG;
}

int json_text_value(struct json_text *text, json_object **ret_value)
{
	_cleanup_(json_free) json_object *value = NULL;
	size_t left;

	skip_blanks(text);
	left = text->size - text->at;
	json_tokener_reset(text->tokener);
	value = json_tokener_parse_ex(text->tokener, text->text + text->at,
				      (int)(left < VALUE_MAX_SIZE ? left : VALUE_MAX_SIZE));
	if (json_tokener_get_error(text->tokener) != json_tokener_success)
		return -EBADMSG;
	text->at += json_tokener_get_parse_end(text->tokener);
	*ret_value = take_ptr(value);
	return 0;
}

int json_text_name(struct json_text *text, char **ret_name)
{
	_cleanup_(json_free) json_object *value = NULL;
	_cleanup_free_ char *name = NULL;
	int r = json_text_value(text, &value);

	if (r < 0)
		return r;
	if (!json_object_is_type(value, json_type_string) || !take(text, ':'))
		return -EBADMSG;
	name = strdup(json_object_get_string(value));
	if (!name)
		return -ENOMEM;
	if (strlen(name) != (size_t)json_object_get_string_len(value))
		return -EBADMSG; /* there is a NUL in it */
	*ret_name = take_ptr(name);
	return 0;
}

static int skip_value(struct json_text *text)
{
	_cleanup_(json_free) json_object *value = NULL;

	return json_text_value(text, &value);
}

int json_text_skip(struct json_text *text)
{
	int r;

	if (!json_text_open(text, '['))
		return skip_value(text);
	while ((r = json_text_next(text, ']')) > 0) {
		r = skip_value(text);
		if (r < 0)
			return r;
	}
	return r;
}

bool json_text_is_over(struct json_text *text)
{
	skip_blanks(text);
	return text->at == text->size;
}

size_t json_text_line(const struct json_text *text)
{
	size_t line = 1;

	for (size_t i = 0; i < text->at; i++)
		line += text->text[i] == '\n';
	return line;
}
