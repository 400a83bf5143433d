/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What verbs print with --json, answered over HTTP. Data of the answers is a struct serve. */
#pragma once

#include "base/why.h"
#include "http/server.h"

void api_status(const struct http_request *request, struct http_answer *answer, void *serve);
void api_sources(const struct http_request *request, struct http_answer *answer, void *serve);
void api_rules(const struct http_request *request, struct http_answer *answer, void *serve);
void api_drops(const struct http_request *request, struct http_answer *answer, void *serve);
void api_blocks(const struct http_request *request, struct http_answer *answer, void *serve);

/* -EINVAL is the request's fault; else the guard cannot be read, or changed, now. */
void api_fail(struct http_answer *answer, int error, const struct why *why);
