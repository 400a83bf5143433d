/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `serve` share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "http/server.h"

struct serve {
	const char *dir, *state; /* of the guard */
	size_t top;		 /* sources among the metrics */
	bool has_control;
};

/* Their data is a struct serve. */
extern const struct http_route serve_routes[];
