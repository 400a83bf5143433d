/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash.h"

#include <string.h>

#include "base/cleanup.h"
#include "describe.h"
#include "used_sets.h"

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

/* What is defined but not used judges nothing. */
static uint64_t hash_sets(uint64_t hash, const struct policy *policy)
{
	_cleanup_free_ const struct set **sets = NULL;
	ssize_t n_sets = used_sets(policy, &sets);

	for (ssize_t i = 0; i < n_sets; i++)
		hash = hash_prefixes(hash_text(hash, sets[i]->name), sets[i]);
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
