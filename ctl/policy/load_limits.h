/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* limit: and limits:. Targets are a struct rule. */
loader_read load_limit, load_limits;
