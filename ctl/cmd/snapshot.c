/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

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
static struct snapshot_entry *place(const struct snapshot *snapshot,
				    const struct guard_address *address)
{
	size_t mask = snapshot->n_allocated - 1;
	size_t at = mix(mix(address->words[0] ^ snapshot->seed) ^ address->words[1]) & mask;

	while (snapshot->entries[at].packets_plus_one &&
	       memcmp(&snapshot->entries[at].address, address, sizeof(*address)) != 0)
		at = (at + 1) & mask;
	return &snapshot->entries[at];
}

static bool is_full(size_t n, size_t n_allocated)
{
	return 4 * (n + 1) > 3 * n_allocated;
}

static int grow(struct snapshot *snapshot, size_t n_allocated)
{
	struct snapshot grown = {
		.n = snapshot->n,
		.n_allocated = n_allocated,
		.seed = snapshot->seed,
	};

	if (!snapshot->n_allocated && getrandom(&grown.seed, sizeof(grown.seed), GRND_NONBLOCK) < 0)
		grown.seed = (uintptr_t)snapshot;
	grown.entries = calloc(grown.n_allocated, sizeof(*grown.entries));
	if (!grown.entries)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->n_allocated; i++)
		if (snapshot->entries[i].packets_plus_one)
			*place(&grown, &snapshot->entries[i].address) = snapshot->entries[i];
	free(snapshot->entries);
	*snapshot = grown;
	return 0;
}

int snapshot_reserve(struct snapshot *snapshot, size_t n)
{
	size_t wanted = snapshot->n_allocated ?: FIRST_ROOM;

	while (is_full(n, wanted))
		wanted *= 2;
	return wanted > snapshot->n_allocated ? grow(snapshot, wanted) : 0;
}

int snapshot_add(struct snapshot *snapshot, const struct guard_address *address, uint64_t packets)
{
	int r = snapshot_reserve(snapshot, snapshot->n);

	if (r < 0)
		return r;
	*place(snapshot, address) = (struct snapshot_entry){*address, packets + 1};
	snapshot->n++;
	return 0;
}

uint64_t snapshot_since(const struct snapshot *snapshot, const struct guard_address *address,
			uint64_t packets)
{
	const struct snapshot_entry *entry = snapshot->n ? place(snapshot, address) : NULL;

	if (!entry || !entry->packets_plus_one || entry->packets_plus_one - 1 > packets)
		return packets;
	return packets - (entry->packets_plus_one - 1);
}

void snapshot_release(struct snapshot *snapshot)
{
	free(snapshot->entries);
	*snapshot = (struct snapshot){};
}
