/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins are the only way to a guard's tables, and belong to no network namespace, as interfaces do. They must not go
 * while a program judges packets by them that could not be found on any interface here.
 */
#pragma once

#include "base/why.h"

/*
 * 0: no XDP program uses a map that is pinned in `dir`, or there is no such directory. -EBUSY: one does, and is
 * named in `why`. Waits a moment for the kernel to be done with one that was just taken off. In the chain of a
 * dispatcher a program is none of XDP's own, and is not seen: libxdp's pins hold it also when its interface is gone.
 */
int in_use_check(const char *dir, struct why *why);
