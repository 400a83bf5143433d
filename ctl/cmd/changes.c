/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changes.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"

static int add(struct changes *changes, enum change_kind kind, const char *before,
	       const char *after, const char *format, const char *name)
{
	struct change *items = reallocarray(changes->items, changes->n + 1, sizeof(*items));
	struct change change = {.kind = kind};

	if (!items)
		return -ENOMEM;
	changes->items = items;
	change.before = before ? strdup(before) : NULL;
	change.after = after ? strdup(after) : NULL;
	if (asprintf(&change.what, "%s%s", format, name) < 0)
		change.what = NULL;
	items[changes->n++] = change;
	return change.what && !before == !change.before && !after == !change.after ? 0 : -ENOMEM;
}

void changes_free(struct changes *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		free(changes->items[i].what);
		free(changes->items[i].before);
		free(changes->items[i].after);
	}
	free(changes->items);
	*changes = (struct changes){};
}

int changes_add_interface(struct changes *changes, enum change_kind kind, const char *name)
{
	return add(changes, kind, NULL, NULL, "interface ", name);
}

int changes_join(struct changes *changes, struct changes *from)
{
	size_t n = changes->n + from->n;
	struct change *items = reallocarray(changes->items, n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	memcpy(items + changes->n, from->items, from->n * sizeof(*items));
	changes->items = items;
	changes->n = n;
	free(from->items);
	*from = (struct changes){};
	return 0;
}

/* The words of the rule of this name, or NULL. */
static const char *find_rule(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->identity.n_rules; i++)
		if (!strcmp(record->identity.rules[i].name, name))
			return record->rules[i];
	return NULL;
}

static int find_removed(const struct record *before, const struct record *after,
			struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < before->identity.n_rules; i++)
		if (!find_rule(after, before->identity.rules[i].name))
			r = add(changes, CHANGE_REMOVED, before->rules[i], NULL, "rule ",
				before->identity.rules[i].name);
	return r;
}

static int find_added_and_modified(const struct record *before, const struct record *after,
				   struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < after->identity.n_rules; i++) {
		const char *name = after->identity.rules[i].name, *words = after->rules[i];
		const char *old = find_rule(before, name);

		if (!old)
			r = add(changes, CHANGE_ADDED, NULL, words, "rule ", name);
		else if (strcmp(old, words) != 0)
			r = add(changes, CHANGE_MODIFIED, old, words, "rule ", name);
	}
	return r;
}

/* Names of the record's rules that the other has too, in order; with `has_others` also those before the last of them. Caller frees. */
static char *order_of(const struct record *record, const struct record *other, bool has_others)
{
	size_t n = record->identity.n_rules;
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	while (n && !find_rule(other, record->identity.rules[n - 1].name))
		n--;
	for (size_t i = 0; i < n; i++)
		if (has_others || find_rule(other, record->identity.rules[i].name))
			fprintf(out, "%s%s", ftell(out) ? ", " : "",
				record->identity.rules[i].name);
	return fclose(out) == 0 ? take_ptr(text) : NULL;
}

static int find_reordered(const struct record *before, const struct record *after,
			  struct changes *changes)
{
	_cleanup_free_ char *old = order_of(before, after, false);
	/* What a new rule comes before is part of what it does. */
	_cleanup_free_ char *new = order_of(after, before, true);

	if (!old || !new)
		return -ENOMEM;
	return strcmp(old, new) != 0 ? add(changes, CHANGE_MODIFIED, old, new, "order of rules", "")
				     : 0;
}

static const char *find_set(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->n_sets; i++)
		if (!strcmp(record->sets[i].name, name))
			return record->sets[i].words;
	return NULL;
}

static int find_changed_sets(const struct record *before, const struct record *after,
			     struct changes *changes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < before->n_sets; i++)
		if (!find_set(after, before->sets[i].name))
			r = add(changes, CHANGE_REMOVED, before->sets[i].words, NULL, "set ",
				before->sets[i].name);
	for (size_t i = 0; r == 0 && i < after->n_sets; i++) {
		const struct record_set *set = &after->sets[i];
		const char *old = find_set(before, set->name);

		if (!old || strcmp(old, set->words) != 0)
			r = add(changes, old ? CHANGE_MODIFIED : CHANGE_ADDED, old, set->words,
				"set ", set->name);
	}
	return r;
}

int changes_find(const struct record *before, const struct record *after,
		 struct changes *ret_changes)
{
	static const struct record nothing = {.settings = (char *)""};
	const struct record *old = before ?: &nothing;
	struct changes changes = {};
	int r = 0;

	if (strcmp(old->settings, after->settings) != 0)
		r = add(&changes, before ? CHANGE_MODIFIED : CHANGE_ADDED,
			before ? old->settings : NULL, after->settings, "settings", "");
	if (r == 0)
		r = find_changed_sets(old, after, &changes);
	if (r == 0)
		r = find_removed(old, after, &changes);
	if (r == 0)
		r = find_added_and_modified(old, after, &changes);
	if (r == 0)
		r = find_reordered(old, after, &changes);
	if (r < 0) {
		changes_free(&changes);
		return r;
	}
	*ret_changes = changes;
	return 0;
}
