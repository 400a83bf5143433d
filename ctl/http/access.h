/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask what, by the headers of a request. */
#pragma once

#include <stdbool.h>

/*
 * The Host header names this machine's loopback. A page elsewhere whose name was made to resolve to 127.0.0.1
 * (DNS rebinding) is told by it.
 */
bool access_is_loopback_host(const char *host);

/* The Origin header, when there is one, is of a page that this server sent. */
bool access_is_same_origin(const char *origin, const char *host);

/* "Bearer TOKEN"; takes as long whatever is wrong with it. */
bool access_is_authorized(const char *authorization, const char *token);
