/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <string.h>

#include "base/cleanup.h"

void view_take_record(struct view *view, struct record *record)
{
	view->record = record;
	for (size_t i = 0; i < view->record->identity.n_rules; i++) {
		const struct rule_identity *rule = &view->record->identity.rules[i];

		if (rule->slot < GUARD_RULE_SLOTS)
			view->rule_names[rule->slot] = rule->name;
	}
}

int view_refresh(struct view *view, struct why *why)
{
	struct record *record;
	uint64_t stamp;
	int r;

	guard_refresh(view->guard);
	stamp = record_stamp(view->guard);
	view->now = clock_now_read();
	if (stamp && stamp == view->stamp)
		return 0;
	r = record_read(view->guard, &record, why);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	record_free(&view->record);
	memset(view->rule_names, 0, sizeof(view->rule_names));
	view_take_record(view, record);
	view->stamp = stamp;
	return 0;
}

int view_open(const char *dir, struct view *ret_view, struct why *why)
{
	_cleanup_(view_close) struct view view = {};
	int r = guard_open(dir, false, &view.guard, why);

	if (r == 0)
		r = view_refresh(&view, why);
	if (r < 0)
		return r;
	*ret_view = view;
	view = (struct view){};
	return 0;
}

void view_close(struct view *view)
{
	record_free(&view->record);
	guard_close(&view->guard);
}

const char *view_rule_name(const struct view *view, uint16_t slot_plus_one)
{
	if (!slot_plus_one || slot_plus_one > GUARD_RULE_SLOTS)
		return NULL;
	return view->rule_names[slot_plus_one - 1];
}

struct prefix view_source_prefix(const struct view *view, const struct guard_address *source)
{
	struct prefix prefix = {*source, 128};

	if (view->record)
		prefix.bits = address_is_ipv4(source)
				      ? ADDRESS_IPV4_BITS + view->record->aggregate_ipv4
				      : view->record->aggregate_ipv6;
	/* Sources of an older policy may be longer than today's: nothing says how long. */
	address_mask(&prefix.address, prefix.bits);
	if (memcmp(&prefix.address, source, sizeof(*source)) != 0)
		return (struct prefix){*source, 128};
	return prefix;
}

char *view_end_words(const struct view *view, uint64_t until, char text[VIEW_TIME_SIZE])
{
	if (until == GUARD_FOREVER)
		return strcpy(text, "forever");
	return units_ago(clock_to_wall(&view->now, until), view->now.wall_ns, text);
}

char *view_end_stamp(const struct view *view, uint64_t until, char text[VIEW_TIME_SIZE])
{
	if (until == GUARD_FOREVER)
		return strcpy(text, "forever");
	return units_timestamp(clock_to_wall(&view->now, until), text);
}
