/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policies that were put in force, each whole: text, lists, and how it came. In the directory
 * "history" of the guard's state, one directory a policy, named by number. Changed under the tool's lock.
 */
#pragma once

#include <stdbool.h>

#include "base/why.h"
#include "entry.h"

#define HISTORY_ENTRIES_MAX 20
#define HISTORY_BYTES_MAX (256ull << 20)

struct history {
	struct entry **entries; /* the oldest first */
	size_t n;
	size_t n_unreadable;
	uint64_t last; /* the highest number, also of what cannot be read */
};

/* None yet is an empty history. */
int history_read(const char *state, struct history *ret_history, struct why *why);
void history_release(struct history *history);

/* NULL: it is not kept (any more). */
const struct entry *history_find(const struct history *history, uint64_t number);

/* That it was taken back since. */
bool history_is_rolled_back(const struct history *history, const struct entry *entry);

/*
 * The last policy before the one in force, `now`, that judged otherwise, or elsewhere, and was no mistake: when it was
 * last put in force, nobody took it back, and it did not stay unconfirmed. NULL: there is none. `hash` is
 * that of the one in force, for when the history has not kept it and `now` is NULL.
 */
const struct entry *history_find_before(const struct history *history, const struct entry *now,
					uint64_t hash);

/* Somebody confirmed policy `number`. -ENOENT: it is not kept. */
int history_confirm(const char *state, uint64_t number, struct why *why);

/* What policy `number` was read from. -ENOENT: it is not kept. */
int history_open_copies(const char *state, uint64_t number, struct copies *ret_copies,
			struct why *why);

/*
 * An entry comes in two steps, with the policy put in force between them: whoever is killed there leaves
 * an entry that the next call keeps or removes by what is in force. `in_force` is the number of the policy
 * that is now, 0 for none. Gives entry->number.
 */
int history_begin(const char *state, struct entry *entry, const struct copies *copies,
		  uint64_t in_force, struct why *why);
/* Also drops the oldest that are too many, but not `kept`, to which a policy on probation goes back. */
int history_finish(const char *state, uint64_t number, uint64_t kept, struct why *why);
void history_abort(const char *state);
