/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From now on this process only reads: whoever takes it over finds the guard's tables, and files, closed to writing. */
#pragma once

#include "base/why.h"

/* For good. Its user owns the pins, and could open them to write: so the kernel is told to refuse the calls. */
int seal_to_reading(struct why *why);
