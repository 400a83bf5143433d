/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a file's name to a compiled policy, with everything said to the user on the way. */
#pragma once

#include "command.h"
#include "compile/image.h"
#include "compile/sizing.h"
#include "store/copies.h"

struct loaded {
	struct policy *policy;
	struct image *image;
	struct sizing sizing;
	size_t n_warnings;
};

/* EXIT_DONE, or what the command exits with; errors and warnings are printed. */
int load_policy(const char *path, struct loaded *ret_loaded);
/* Likewise, from `copies` where they are complete; else it leaves copies of what was read there. */
int load_policy_copied(const char *path, struct copies *copies, struct loaded *ret_loaded);
void loaded_free(struct loaded *loaded);
