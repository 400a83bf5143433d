/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One tool at a time changes guards. Held until the descriptor is closed, or its process is gone. */
#pragma once

#include "base/why.h"

/* A descriptor. Tells standard error when it has to wait for another tool, and then waits. */
int lock_take(struct why *why);
/*
 * Before a tool prints what it has done, for a pipe or a terminal may keep it waiting, and others with it: the watcher of a
 * probation is one of them. Then *lock is -1.
 */
void lock_release(int *lock);
/* As lock_take, but does not wait. -EWOULDBLOCK: another tool has it. */
int lock_try(struct why *why);
