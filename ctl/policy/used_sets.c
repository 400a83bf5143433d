/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "used_sets.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static void mark_used(const struct set_list *list, bool *used)
{
	for (size_t i = 0; i < list->n_sets; i++)
		used[list->sets[i]] = true;
}

int used_sets_compare(const void *a, const void *b)
{
	return strcmp((*(const struct set *const *)a)->name, (*(const struct set *const *)b)->name);
}

ssize_t used_sets(const struct policy *policy, const struct set ***ret_sets)
{
	_cleanup_free_ const struct set **sets = calloc(policy->n_sets + 1, sizeof(*sets));
	_cleanup_free_ bool *used = calloc(policy->n_sets + 1, sizeof(*used));
	size_t n = 0;

	if (!sets || !used)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_rules; i++) {
		mark_used(&policy->rules[i].from, used);
		mark_used(&policy->rules[i].not_from, used);
		mark_used(&policy->rules[i].to, used);
		mark_used(&policy->rules[i].not_to, used);
	}
	for (size_t i = 0; i < policy->n_sets; i++)
		if (used[i] && policy->sets[i].name)
			sets[n++] = &policy->sets[i];
	qsort(sets, n, sizeof(*sets), used_sets_compare);
	*ret_sets = take_ptr(sets);
	return (ssize_t)n;
}
