/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "policy/loader.h"

/* The settings that stand beside sets and rules. Targets are a struct policy. */
loader_read load_version, load_interfaces, load_malformed, load_default, load_chain, load_sources;

void load_settings_defaults(struct policy *policy);

#define LOAD_SETTINGS_VERDICTS 5
#define LOAD_SETTINGS_ATTACH 4

/* By XDP action; by enum attach_mode, of which "auto" is what is not written. */
extern const char *const load_settings_verdicts[LOAD_SETTINGS_VERDICTS];
extern const char *const load_settings_attach[LOAD_SETTINGS_ATTACH];
