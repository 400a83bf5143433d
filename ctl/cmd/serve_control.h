/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be changed over HTTP, by whoever has the token: blocks by hand. */
#pragma once

#include "http/server.h"

/* {"prefix": "192.0.2.7", "for": "10m", "reason": "…"}; `for` and `reason` may be left out. */
void control_block(const struct http_request *request, struct http_answer *answer, void *serve);
/* {"prefix": "192.0.2.7"} */
void control_unblock(const struct http_request *request, struct http_answer *answer, void *serve);
