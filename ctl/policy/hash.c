/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash.h"

#include <string.h>

#include "base/cleanup.h"
#include "describe.h"

#define FNV_PRIME 0x100000001b3ull

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * FNV_PRIME;
	return hash;
}

/* With its NUL, so that two texts are not one longer. */
uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t hash_prefixes(uint64_t hash, const struct set *set)
{
	for (size_t i = 0; i < set->n_prefixes; i++) {
		hash = hash_bytes(hash, &set->prefixes[i].address, sizeof(struct guard_address));
		hash = hash_bytes(hash, &set->prefixes[i].bits, 1);
	}
	return hash;
}

static void mark_used(const struct set_list *list, bool *used)
{
	for (size_t i = 0; i < list->n_sets; i++)
		used[list->sets[i]] = true;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(const struct set *const *)a)->name, (*(const struct set *const *)b)->name);
}

/* The named sets that rules use, by name: what is defined but not used judges nothing. */
static uint64_t hash_sets(uint64_t hash, const struct policy *policy)
{
	_cleanup_free_ const struct set **sorted = calloc(policy->n_sets + 1, sizeof(*sorted));
	_cleanup_free_ bool *used = calloc(policy->n_sets + 1, sizeof(*used));
	size_t n_sorted = 0;

	if (!sorted || !used)
		return hash;
	for (size_t i = 0; i < policy->n_rules; i++) {
		mark_used(&policy->rules[i].from, used);
		mark_used(&policy->rules[i].not_from, used);
		mark_used(&policy->rules[i].to, used);
		mark_used(&policy->rules[i].not_to, used);
	}
	for (size_t i = 0; i < policy->n_sets; i++)
		if (used[i] && policy->sets[i].name)
			sorted[n_sorted++] = &policy->sets[i];
	qsort(sorted, n_sorted, sizeof(*sorted), compare_names);

	for (size_t i = 0; i < n_sorted; i++)
		hash = hash_prefixes(hash_text(hash, sorted[i]->name), sorted[i]);
	return hash;
}

uint64_t policy_hash(const struct policy *policy)
{
	_cleanup_free_ char *settings = policy_describe_settings(policy);
	uint64_t hash = hash_text(HASH_START, settings ? settings : "");

	for (size_t i = 0; i < policy->n_rules; i++) {
		_cleanup_free_ char *text = rule_describe(policy, &policy->rules[i]);

		hash = hash_text(hash, policy->rules[i].name);
		hash = hash_text(hash, text ? text : "");
	}
	return hash_sets(hash, policy);
}
