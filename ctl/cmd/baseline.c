/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"

#define FIRST_ROOM 1024

/* The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdull;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 33;
}

/* Where the address is, or the free place where it would go. */
static struct baseline_entry *place(const struct baseline *baseline,
				    const struct guard_address *address)
{
	size_t mask = baseline->n_allocated - 1;
	size_t at = mix(mix(address->words[0] ^ baseline->seed) ^ address->words[1]) & mask;

	while (baseline->entries[at].packets_plus_one &&
	       memcmp(&baseline->entries[at].address, address, sizeof(*address)) != 0)
		at = (at + 1) & mask;
	return &baseline->entries[at];
}

static bool is_full(size_t n, size_t n_allocated)
{
	return 4 * (n + 1) > 3 * n_allocated;
}

static int grow(struct baseline *baseline, size_t n_allocated)
{
	struct baseline grown = {
		.n = baseline->n,
		.n_allocated = n_allocated,
		.seed = baseline->seed,
	};

	if (!baseline->n_allocated && getrandom(&grown.seed, sizeof(grown.seed), GRND_NONBLOCK) < 0)
		grown.seed = (uintptr_t)baseline;
	grown.entries = calloc(grown.n_allocated, sizeof(*grown.entries));
	if (!grown.entries)
		return -ENOMEM;
	for (size_t i = 0; i < baseline->n_allocated; i++)
		if (baseline->entries[i].packets_plus_one)
			*place(&grown, &baseline->entries[i].address) = baseline->entries[i];
	free(baseline->entries);
	*baseline = grown;
	return 0;
}

int baseline_reserve(struct baseline *baseline, size_t n)
{
	size_t wanted = baseline->n_allocated ?: FIRST_ROOM;

	while (is_full(n, wanted))
		wanted *= 2;
	return wanted > baseline->n_allocated ? grow(baseline, wanted) : 0;
}

int baseline_add(struct baseline *baseline, const struct guard_address *address, uint64_t packets)
{
	int r = baseline_reserve(baseline, baseline->n);

	if (r < 0)
		return r;
	*place(baseline, address) = (struct baseline_entry){*address, packets + 1};
	baseline->n++;
	return 0;
}

uint64_t baseline_since(const struct baseline *baseline, const struct guard_address *address,
			uint64_t packets)
{
	const struct baseline_entry *entry = baseline->n ? place(baseline, address) : NULL;

	if (!entry || !entry->packets_plus_one || entry->packets_plus_one - 1 > packets)
		return packets;
	return packets - (entry->packets_plus_one - 1);
}

void baseline_release(struct baseline *baseline)
{
	free(baseline->entries);
	*baseline = (struct baseline){};
}
