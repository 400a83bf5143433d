/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "interface_state.h"

#include <stdio.h>
#include <string.h>

/* The program is not there, whatever the table says: another tool took it off, or the interface went. */
static void set_missing(struct interface_state *state, const char *what, const char *reason)
{
	snprintf(state->state, sizeof(state->state), "%s", what);
	snprintf(state->chain, sizeof(state->chain), "%s", reason ?: "");
}

static void set_others(struct interface_state *state, const struct hook *hook)
{
	size_t used = 0;

	for (unsigned i = 0; i < hook->n_programs && used < sizeof(state->others); i++)
		if (!hook->programs[i].is_ours)
			used += snprintf(state->others + used, sizeof(state->others) - used, "%s%s",
					 used ? ", " : "", hook->programs[i].name);
}

static void set_hook(struct interface_state *state, const struct guard_interface *interface,
		     const struct hook *hook)
{
	if (hook->ours < 0) {
		set_missing(state, "NOT ATTACHED", hook_loss_words(hook));
		return;
	}
	state->is_attached = true;
	strcpy(state->state,
	       strcmp(state->name, interface->name) != 0 ? "attached, renamed" : "attached");
	snprintf(state->mode, sizeof(state->mode), "%s", hook_mode_words(hook));
	hook_chain_words(hook, state->chain);
	set_others(state, hook);
}

void interface_state_read(const struct guard *guard, const struct guard_interface *interface,
			  struct interface_state *ret_state)
{
	struct interface_state state = {};
	struct hook hook;

	if (!if_indextoname(interface->ifindex, state.name)) {
		snprintf(state.name, sizeof(state.name), "%s", interface->name);
		/* Another interface may have the name by now. */
		if (if_nametoindex(interface->name))
			set_missing(&state, "NOT ATTACHED", "a new interface has the name");
		else
			set_missing(&state, "interface is gone", NULL);
	} else if (hook_read(guard, interface->ifindex, &hook, NULL) < 0) {
		state.is_unknown = true;
		set_missing(&state, "cannot be read", NULL);
	} else {
		set_hook(&state, interface, &hook);
	}
	*ret_state = state;
}
