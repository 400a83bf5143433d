/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* Warns when the policy would cut off or limit the SSH session that load_context names. */
void lockout_check(struct loader *loader);
