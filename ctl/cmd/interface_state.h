/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has become of an interface that the guard was attached to, in words. Plain data: it can be sent. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "guard/attach_table.h"
#include "hook_words.h"

#define INTERFACE_OTHERS_SIZE 256

/* "" where there is nothing to say. */
struct interface_state {
	char name[IF_NAMESIZE]; /* as it is called now */
	char state[32];		/* "attached", "NOT ATTACHED" */
	bool is_attached;
	bool is_unknown; /* the hook could not be read */
	char mode[16];
	char chain[HOOK_WORDS_SIZE];
	char others[INTERFACE_OTHERS_SIZE]; /* programs of others on the same hook */
};

/* Takes CAP_SYS_ADMIN, to look programs up by id. */
void interface_state_read(const struct guard *guard, const struct guard_interface *interface,
			  struct interface_state *ret_state);
