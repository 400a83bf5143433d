/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "subject.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/cleanup.h"
#include "guard/attach_table.h"
#include "guard/hook.h"

static int check_interface(const struct guard *guard, const char *interface, struct why *why)
{
	_cleanup_free_ struct attach_table *table = malloc(sizeof(*table));
	struct hook hook;
	int r;

	if (!interface)
		return 0;
	if (!table)
		return why_set(why, -ENOMEM, "not enough memory");
	r = attach_table_read(guard, table, why);
	if (r == 0 && attach_table_find(table, interface) < 0)
		r = why_set(why, -ENODEV, "%s is not guarded; see: xdpguard status", interface);
	if (r == 0)
		r = hook_read(guard, if_nametoindex(interface), &hook, why);
	if (r == 0 && hook.ours < 0)
		r = why_set(
			why, -ENODEV,
			"%s has lost its guard, so nothing is judged there; see: xdpguard status",
			interface);
	return r;
}

static int open_in_force(const char *dir, const char *interface, uint32_t capacity,
			 struct subject *subject, struct why *why)
{
	struct view *view = &subject->view;
	int r = guard_open(dir, false, &view->guard, why);

	if (r == 0)
		r = check_interface(view->guard, interface, why);
	if (r == 0)
		r = in_force_read(view->guard, &subject->in_force, why);
	if (r == 0)
		r = trial_new(capacity ?: view->guard->capacity, view->guard->capacity,
			      &subject->trial, why);
	if (r == 0)
		r = trial_adopt(subject->trial, &subject->in_force, why);
	if (r < 0)
		return r;
	subject->compiled = subject->in_force.compiled;
	view_take_record(view, take_ptr(subject->in_force.record));
	return 0;
}

static int open_file(uint32_t capacity, struct subject *subject, struct why *why)
{
	struct loaded *loaded = &subject->loaded;
	struct identity identity = {};
	struct record *record;
	int r = trial_new(capacity ?: loaded->sizing.capacity, loaded->sizing.capacity,
			  &subject->trial, why);

	if (r == 0)
		r = trial_apply(subject->trial, loaded->policy, loaded->image, &identity, why);
	if (r < 0)
		return r;
	r = record_new(loaded->policy, &identity, &record);
	identity_free(&identity);
	if (r < 0)
		return why_set(why, r, "not enough memory");
	view_take_record(&subject->view, record);
	subject->compiled = loaded->image->policy;
	return 0;
}

/* A policy that names no interfaces is for any that there is. */
static int check_named(const struct policy *policy, const char *path, const char *interface,
		       struct why *why)
{
	if (!interface)
		return 0;
	if (!if_nametoindex(interface))
		return why_set(why, -ENODEV, "there is no interface \"%s\"", interface);
	for (size_t i = 0; i < policy->n_interfaces; i++)
		if (strcmp(policy->interfaces[i], interface) == 0)
			return 0;
	return policy->n_interfaces ? why_set(why, -ENODEV, "%s does not guard %s", path, interface)
				    : 0;
}

int subject_open(const char *dir, const char *path, const char *interface, uint32_t capacity,
		 struct subject *subject)
{
	struct why why = {};
	int r;

	if (path) {
		int code = load_policy(path, &subject->loaded);

		if (code != EXIT_DONE)
			return code;
	}
	r = path ? check_named(subject->loaded.policy, path, interface, &why) : 0;
	if (r == 0)
		r = path ? open_file(capacity, subject, &why)
			 : open_in_force(dir, interface, capacity, subject, &why);
	return r < 0 ? fail_why(&why) : EXIT_DONE;
}

void subject_release(struct subject *subject)
{
	trial_free(&subject->trial);
	in_force_release(&subject->in_force);
	loaded_free(&subject->loaded);
	view_close(&subject->view);
}

int subject_rule(const struct subject *subject, int32_t slot)
{
	const struct identity *identity = &subject->view.record->identity;

	for (size_t i = 0; i < identity->n_rules; i++)
		if ((int32_t)identity->rules[i].slot == slot)
			return (int)i;
	return -1;
}
