/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process that talks with strangers may still do. */
#pragma once

#include <stdbool.h>

#include "base/why.h"

/*
 * Gives up every capability but those that opening a guard takes: none since Linux 5.19, CAP_BPF before. Whatever
 * the process runs gets none back. What its user may do with files, as root with the guard's pins, is left.
 */
int privileges_drop(struct why *why);

/* Likewise, but keeps CAP_SYS_ADMIN, which looking programs up by id takes (hook_read). */
int privileges_drop_to_hooks(struct why *why);

/* It has that. */
bool privileges_have_hooks(void);
