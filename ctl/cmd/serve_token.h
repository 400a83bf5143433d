/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secret that control over HTTP takes. */
#pragma once

#include "base/why.h"

#define SERVE_TOKEN_MAX 256
#define SERVE_TOKEN_MIN 16

/* The first line of the file, which nobody else may read. Caller frees. */
int serve_token_read(const char *path, char **ret_token, struct why *why);
/* A new one. */
int serve_token_make(char **ret_token, struct why *why);
