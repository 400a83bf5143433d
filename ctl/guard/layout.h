/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether pinned tables have entries as this tool knows them: a number that nobody raised proves nothing. */
#pragma once

#include "guard.h"

/* Of all maps that are open. -EPROTO: another build of xdpguard has made them. */
int layout_check(const struct guard *guard, struct why *why);

/* Of the control table alone, as every version has it: its first word, the version, can be read. */
int layout_check_control(const struct guard *guard, struct why *why);
