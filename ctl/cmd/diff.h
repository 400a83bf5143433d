/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

/* As diff(1) has it, and whoever calls it from a script expects. */
enum {
	DIFF_SAME = 0,
	DIFF_DIFFERENT = 1,
	DIFF_TROUBLE = 2,
};

/* The first operand is a snapshot; so is the second, or it is what is counted now. */
int diff_snapshots(const struct arguments *args);
