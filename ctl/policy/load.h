/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/diagnostic.h"
#include "policy/policy.h"

/* What the policy is read for, beyond its own text. All may be left zero. */
struct load_context {
	/*
	 * Like input_open, for the policy itself (`name` NULL) and for each list, by the name that the
	 * policy gives it. NULL: input_open.
	 */
	int (*open)(void *data, const char *name, const char *path, int *ret_fd,
		    uint64_t *ret_size);
	void *open_data;
	/* The environment's SSH_CONNECTION, to warn before a lock-out. */
	const char *ssh_connection;
	/* Bytes of list files. `all` leaves out standard input. */
	void (*progress)(void *data, size_t done, size_t all);
	void *progress_data;
};

/*
 * Reads a policy file and the lists that it names ("-": standard input), and checks all of it.
 * Errors and warnings go to `diagnostics`, every one of the file, not just the first. -EINVAL: it
 * has errors; *ret_policy is untouched then. -ENOMEM. `context` may be NULL.
 */
int policy_load(const char *path, const struct load_context *context,
		struct diagnostics *diagnostics, struct policy **ret_policy);
