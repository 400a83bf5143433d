/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A JSON text that is read a value at a time: a list of millions never stands in memory as objects. json-c reads the
 * values; the brackets and commas around them are read here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct json_text {
	const char *text; /* need not end in NUL */
	size_t size, at;
	struct json_tokener *tokener;
	bool is_first; /* nothing was read yet behind the last bracket */
};

/* -ENOMEM. */
int json_text_begin(const char *text, size_t size, struct json_text *ret_text);
void json_text_end(struct json_text *text);

/* The next is this bracket, and it is read. */
bool json_text_open(struct json_text *text, char bracket);
/* 1: an element follows. 0: the list or object has ended, by `bracket`. -EBADMSG: neither. */
int json_text_next(struct json_text *text, char bracket);

/* The name of a member, up to its value. Caller frees. -EBADMSG. */
int json_text_name(struct json_text *text, char **ret_name);
/* A value as a whole; NULL is JSON's null. -EBADMSG: it is none, or longer than 1 MiB. */
int json_text_value(struct json_text *text, json_object **ret_value);
/* Passes over a value; of a list an element at a time. */
int json_text_skip(struct json_text *text);

/* Nothing is left but blanks. */
bool json_text_is_over(struct json_text *text);
/* Where it is read, from 1. */
size_t json_text_line(const struct json_text *text);
