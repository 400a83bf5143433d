/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "enforcement.h"

/*
 * The whole of apply and rollback but for where the policy comes from, and the lock, which has to be held: takes their
 * options. An exit code.
 */
int apply_locked(const struct arguments *args, struct enforcement *e);
