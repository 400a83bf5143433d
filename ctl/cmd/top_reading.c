/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_reading.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "guard/attach_table.h"
#include "interface_state.h"
#include "totals.h"
#include "view.h"

#define NS_PER_S 1000000000ull

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int read_interfaces(const struct guard *guard, struct top_reading *reading, struct why *why)
{
	struct interface_state state;
	struct attach_table table;
	size_t size, n = 0;
	FILE *words;
	int r = attach_table_read(guard, &table, why);

	if (r < 0)
		return r;
	words = open_memstream(&reading->interfaces, &size);
	if (!words)
		return -ENOMEM;
	reading->is_attached = true;
	for (unsigned i = 0; i < GUARD_INTERFACES_MAX; i++) {
		if (!table.rows[i].ifindex)
			continue;
		interface_state_read(guard, &table.rows[i], &state);
		reading->is_attached &= state.is_attached;
		fprintf(words, "%s%s %s", n++ ? ", " : "", state.name,
			state.is_attached ? state.mode : state.state);
	}
	if (!n) {
		fputs("attached nowhere", words);
		reading->is_attached = false;
	}
	return fclose(words) ? -ENOMEM : 0;
}

static int read_rules(const struct view *view, struct top_reading *reading, struct why *why)
{
	const struct identity *identity = &view->record->identity;

	reading->rules = calloc(identity->n_rules + 1, sizeof(*reading->rules));
	if (!reading->rules)
		return -ENOMEM;
	for (size_t i = 0; i < identity->n_rules; i++) {
		struct top_rule *rule = &reading->rules[i];
		int r = read_rule(view->guard, identity->rules[i].slot, &rule->count, why);

		if (r < 0)
			return r;
		rule->slot = identity->rules[i].slot;
		rule->name = strdup(identity->rules[i].name);
		if (!rule->name)
			return -ENOMEM;
		reading->n_rules++;
	}
	return 0;
}

static int read_policy(const struct view *view, struct top_reading *reading, struct why *why)
{
	if (!view->record)
		return 0;
	reading->policy = strdup(view->record->name);
	reading->settings = strdup(view->record->settings);
	return reading->policy && reading->settings ? read_rules(view, reading, why) : -ENOMEM;
}

int top_reading_read(const char *dir, struct top_reading *ret_reading, struct why *why)
{
	_cleanup_(top_reading_release) struct top_reading reading = {};
	_cleanup_(view_close) struct view view = {};
	int r = view_open(dir, &view, why);

	if (r < 0)
		return r;
	reading.time_ns = monotonic_ns();
	reading.guard = view.guard->memory->seed[0];
	reading.capacity = view.guard->capacity;
	reading.blocks_full = view.guard->memory->blocks_full;
	r = totals_read(view.guard, reading.outcomes, why);
	if (r == 0)
		r = read_admission(view.guard, view.now.units, &reading.admission, why);
	if (r == 0)
		r = read_policy(&view, &reading, why);
	if (r == 0)
		r = read_interfaces(view.guard, &reading, why);
	if (r < 0)
		return r == -ENOMEM ? why_set(why, r, "not enough memory") : r;
	*ret_reading = reading;
	reading = (struct top_reading){};
	return 0;
}

void top_reading_release(struct top_reading *reading)
{
	for (size_t i = 0; i < reading->n_rules; i++)
		free(reading->rules[i].name);
	free(reading->rules);
	free(reading->policy);
	free(reading->settings);
	free(reading->interfaces);
	*reading = (struct top_reading){};
}
