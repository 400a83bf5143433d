/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "way_back.h"

#include <inttypes.h>
#include <stdio.h>

#include "detach.h"

int way_back_load(struct way_back *way, const char *dir, const char *state)
{
	way->old = (struct enforcement){
		.dir = dir,
		.state = state,
		.how = way->how,
		.is_rollback = true,
		.is_rules_first = true,
	};
	snprintf(way->how, sizeof(way->how), "back to %" PRIu64 ", %" PRIu64 " was not confirmed",
		 way->to, way->number);
	return way->to ? enforcement_load_kept(&way->old, way->to, NULL) : EXIT_DONE;
}

static void ignore(const char *interface, void *data)
{
}

static int take_off(const struct way_back *way)
{
	struct why why = {};

	return detach_all(way->old.dir, ignore, NULL, &why) < 0 ? fail_why(&why) : EXIT_DONE;
}

static int put_back(struct enforcement *old)
{
	struct why why = {};
	int code = enforcement_plan(old);

	if (code != EXIT_DONE)
		return code;
	/* One that has gone meanwhile must not keep the others from getting the old policy. */
	interfaces_drop_missing(&old->interfaces);
	if (enforcement_keep(old, &why) < 0)
		warn("the history does not take the policy that comes back: %s", why.text);
	return enforcement_carry_out(old);
}

int way_back_take(struct way_back *way, bool *ret_is_back)
{
	int code;

	if (way->to) {
		enforcement_rewind(&way->old);
		code = put_back(&way->old);
		*ret_is_back = way->old.is_in_force;
		return code;
	}
	code = take_off(way);
	*ret_is_back = code == EXIT_DONE;
	return code;
}

void way_back_release(struct way_back *way)
{
	enforcement_release(&way->old);
}
