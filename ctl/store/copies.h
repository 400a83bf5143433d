/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy's text and the lists that it names, exactly as they were read: what the history keeps, so that
 * a rollback does not depend on files that have changed since.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct copy {
	char *name; /* as the policy writes it; NULL: the policy's own text */
	int fd;
};

struct copies {
	struct copy *items;
	size_t n;
	bool is_complete; /* they come from the history: no other file is opened */
};

/*
 * For load_context.open, with `data` the copies: hands out the copy of that name, and makes it first where
 * there is none. In memory, so that a full disk keeps nobody from applying a policy.
 */
int copies_open(void *data, const char *name, const char *path, int *ret_fd, uint64_t *ret_size);

/* Takes over `fd`, also when it fails. */
int copies_add(struct copies *copies, const char *name, int fd);

void copies_release(struct copies *copies);
