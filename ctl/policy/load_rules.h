/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* rules:. Target: struct policy. Sets are loaded before. */
loader_read load_rules;
