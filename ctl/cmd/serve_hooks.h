/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the packet program is on an interface is told by looking programs up by id, which takes
 * CAP_SYS_ADMIN. A process of its own keeps that, and hears nothing but which interface is meant: whoever
 * takes over the process that talks with strangers has not got it.
 */
#pragma once

#include "base/why.h"
#include "interface_state.h"

/* Before privileges are dropped. `dir`: of the guard. Ends with the caller. */
int serve_hooks_start(const char *dir, struct why *why);

/* An interface_reader; "cannot be read" when the other process cannot, or is not there. */
void serve_hooks_read(const struct guard *guard, const struct guard_interface *interface,
		      struct interface_state *ret_state);
