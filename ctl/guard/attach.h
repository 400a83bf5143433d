/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the packet program on interfaces, through libxdp so that others can run there too. Where the
 * kernel gives libxdp no dispatcher the program is attached alone; both ways are found and undone here.
 */
#pragma once

#include "attach_table.h"
#include "guard.h"
#include "hook.h"
#include "policy/policy.h"

/* What attach_interface found and did. */
struct attachment {
	bool is_changed;
	bool was_attached;   /* the guard's program was there, by what `before` says */
	struct chain before; /* with the mode it had: given to attach_interface, undoes a change */
	struct why less_than_asked; /* why it runs in generic mode; "": it does as it was to */
};

/*
 * -ENODEV: there is none of that name, and `why` says which there are. -EPROTONOSUPPORT: its frames have no
 * Ethernet header.
 */
int attach_find(const char *interface, uint32_t *ret_ifindex, struct why *why);

/* Why attach_interface is sure to fail, before anything is changed; 0: the driver has the last word. */
int attach_check(const struct guard *guard, const char *interface, const struct chain *chain,
		 struct why *why);

/*
 * Attaches to `interface` and notes it in the table. An interface that has the guard's program as the
 * chain asks is left as it is. If it fails, what was there is there still. -EBUSY: a program that shares
 * with none is there. -ENODEV, -EOPNOTSUPP: no such interface, or not this mode.
 */
int attach_interface(const struct guard *guard, const char *interface, const struct chain *chain,
		     struct attachment *ret_attachment, struct why *why);

/* Takes the guard's program off the row's interface, no other, and frees the row. */
int attach_remove(const struct guard *guard, unsigned row, struct why *why);

/*
 * Takes the guard's program off every interface where it is found, whatever the table says: also for a
 * guard that another version of the tool made. Calls `each` for those where it was.
 */
int attach_remove_all(const struct guard *guard, void (*each)(const char *interface, void *data),
		      void *data, struct why *why);
