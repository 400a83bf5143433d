/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* Warns when the policy would cut off or limit the SSH session that load_context names. */
void lockout_check(struct loader *loader);

/* Is a rule with action: pass the first that matches the session? Only such a one goes before a block. */
bool lockout_is_passed(const struct policy *policy, const char *connection);
