/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of a snapshot, an element at a time. */
#pragma once

#include "base/json.h"
#include "snapshot.h"

/* Both: -EBADMSG with what is wrong in `why`, -ENOMEM. */
int snapshot_rows_add(struct snapshot *snapshot, enum snapshot_list list, const json_object *json,
		      struct why *why);
int snapshot_blocks_add(struct snapshot *snapshot, const json_object *json, struct why *why);

/*
 * An interface that was renamed has its name twice, and a source may be met twice while it changes places: what they
 * counted is added up. -ENOMEM.
 */
int snapshot_rows_join(struct snapshot *snapshot);

/* A string that fits, null as "". Where it is missing: -EBADMSG. */
int snapshot_text(const json_object *json, const char *key, char *text, size_t size,
		  struct why *why);
/* A counter, exactly. */
int snapshot_number(const json_object *json, const char *key, uint64_t *ret_number,
		    struct why *why);
