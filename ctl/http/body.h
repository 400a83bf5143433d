/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a request: one JSON object with strings in it. */
#pragma once

#include <stddef.h>

struct http_field {
	const char *name;
	char *value; /* NULL: not given */
};

/* Fills `fields`. -EINVAL: not such an object, or with other members. -ENOMEM. */
int http_body_read(const char *text, struct http_field *fields, size_t n_fields);
void http_body_release(struct http_field *fields, size_t n_fields);
