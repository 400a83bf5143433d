/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/why.h"

/*
 * Takes the guard off everywhere and removes it. Asks only that its control map can be found: it may be of
 * another version, or half-made. Calls `each` for the interfaces where it was.
 */
int detach_all(const char *dir, void (*each)(const char *interface, void *data), void *data,
	       struct why *why);

/* For `each`, with `report` a struct report: a line. */
void detach_report(const char *interface, void *report);
