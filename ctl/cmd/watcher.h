/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process behind a policy on probation. It shares nothing with who started it but the socket. */
#pragma once

#include <stdint.h>

#include "store/pending.h"
#include "way_back.h"

struct watcher {
	const char *dir, *state; /* of the guard */
	struct way_back way;
	uint64_t duration_ns;
	struct why error; /* the last one that would have been printed */
	int socket; /* a message each: says WATCHER_READY or what is wrong, hears what to do, says WATCHER_STARTED likewise */
};

#define WATCHER_MESSAGE_MAX PENDING_FAILURE_SIZE
#define WATCHER_READY "ready"
#define WATCHER_START "start" /* without a word, it finds out by itself what is in force */
#define WATCHER_STOP "stop"
#define WATCHER_STARTED "started"

/* Runs to the end of the probation. An exit status. */
int watcher_run(struct watcher *watcher);
