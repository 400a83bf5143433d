/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_table.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "bpf/table.h"
#include "pin.h"

static size_t sets_size(const struct source_table *table)
{
	return (table->n_sets + 1) * sizeof(struct guard_set);
}

static size_t n_slots(const struct source_table *table)
{
	return (size_t)table->n_sets * GUARD_WAYS;
}

static size_t entries_size(const struct source_table *table)
{
	return GUARD_ENTRIES(table->capacity) * sizeof(struct guard_source);
}

static int map_memory(int map, size_t size, bool is_writer, void *ret_memory, struct why *why)
{
	int protection = is_writer ? PROT_READ | PROT_WRITE : PROT_READ;
	void *memory = mmap(NULL, size, protection, MAP_SHARED, map, 0);
	int r = memory == MAP_FAILED ? -errno : 0;

	/* Who may read only has a copy: of an entry that changes hands meanwhile, the new source. */
	if (r == -EINVAL && !is_writer)
		r = pin_read(map, size, &memory);
	if (r < 0)
		return guard_explain(why, r, "cannot map the table of sources");
	*(void **)ret_memory = memory;
	return 0;
}

int source_table_map(const struct guard *guard, bool is_writer, struct source_table **ret_table,
		     struct why *why)
{
	_cleanup_(source_table_unmap) struct source_table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return why_set(why, -ENOMEM, "not enough memory");
	table->n_sets = GUARD_SETS(guard->capacity);
	table->capacity = guard->capacity;
	table->seed = guard->memory->seed;
	r = map_memory(guard->tags, sets_size(table), is_writer, &table->sets, why);
	if (r == 0)
		r = map_memory(guard->sources, entries_size(table), is_writer, &table->entries,
			       why);
	if (!table->sets || !table->entries)
		return r;
	*ret_table = take_ptr(table);
	return 0;
}

void source_table_unmap(struct source_table **table)
{
	struct source_table *t = *table;

	if (!t)
		return;
	if (t->sets)
		munmap(t->sets, sets_size(t));
	if (t->entries)
		munmap(t->entries, entries_size(t));
	free(t);
	*table = NULL;
}

static uint64_t read_tag(const struct source_table *table, size_t slot)
{
	return __atomic_load_n(&table->sets[slot / GUARD_WAYS].tag[slot % GUARD_WAYS],
			       __ATOMIC_ACQUIRE);
}

static uint64_t whose(uint64_t tag)
{
	return tag & ~(uint64_t)(GUARD_TAG_ESTABLISHED | GUARD_TAG_AGE);
}

int source_table_each(const struct source_table *table,
		      int (*each)(const struct guard_source *source, bool is_established,
				  void *data),
		      void *data)
{
	int r = 0;

	for (size_t slot = 0; r >= 0 && slot < n_slots(table); slot++) {
		uint64_t tag = read_tag(table, slot);
		struct guard_source source;

		if (!(tag & GUARD_TAG_HASH))
			continue;
		source = table->entries[table_entry(tag)];
		if (whose(read_tag(table, slot)) == whose(tag))
			r = each(&source, tag & GUARD_TAG_ESTABLISHED, data);
	}
	return r < 0 ? r : 0;
}

/* Where a source may be. */
static struct table table_of(const struct source_table *table, uint64_t hash)
{
	return (struct table){
		.first = &table->sets[table_first(hash, table->n_sets)],
		.second = &table->sets[table_second(hash, table->n_sets)],
		.numbers = table->sets[table->n_sets].tag,
		.capacity = table->capacity,
	};
}

/* The entry that the tag names; NULL: it is another source's. */
static struct guard_source *entry_of(const struct source_table *table, uint64_t tag,
				     const struct guard_address *address)
{
	struct guard_source *entry = &table->entries[table_entry(tag)];

	return memcmp(&entry->address, address, sizeof(*address)) == 0 ? entry : NULL;
}

struct guard_source *source_table_find(const struct source_table *table,
				       const struct guard_address *address)
{
	uint64_t hash = table_hash(address, table->seed);
	struct table t = table_of(table, hash);
	uint32_t way = table_find(&t, table_bits(hash), TABLE_NO_WAY);

	return way < TABLE_NO_WAY ? entry_of(table, *table_tag(&t, way), address) : NULL;
}

struct guard_source *source_table_enter(const struct source_table *table,
					const struct guard_source *source, bool is_established)
{
	/* As each CPU, the tool has a spare; the lock lets one tool at a time write. */
	__u64 *spare = &table->sets[table->n_sets].tag[GUARD_TABLE_SPARE];
	uint64_t hash = table_hash(&source->address, table->seed), tag;
	struct table t = table_of(table, hash);
	uint32_t entry = *spare ?: table_new_entry(&t);
	struct table_result result;
	int r;

	if (!entry)
		return NULL;
	table->entries[entry] = *source;
	tag = table_new_tag(hash, entry, source->last_seen);
	r = table_enter(&t, is_established ? tag | GUARD_TAG_ESTABLISHED : tag, &result);
	*spare = result.spare;
	return r < 0 ? NULL : entry_of(table, result.tag, &source->address);
}

/* A slot keeps its entry, for whoever comes next. */
static void clear_slot(uint64_t *tag)
{
	uint64_t old = __atomic_load_n(tag, __ATOMIC_RELAXED);

	while (old & GUARD_TAG_HASH &&
	       !__atomic_compare_exchange_n(tag, &old, table_free_tag(table_entry(old)), false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

void source_table_clear(const struct source_table *table)
{
	for (size_t slot = 0; slot < n_slots(table); slot++)
		clear_slot((uint64_t *)&table->sets[slot / GUARD_WAYS].tag[slot % GUARD_WAYS]);
}

uint64_t source_table_count(const struct source_table *table)
{
	uint64_t n = 0;

	for (size_t slot = 0; slot < n_slots(table); slot++)
		n += (read_tag(table, slot) & GUARD_TAG_HASH) != 0;
	return n;
}

int source_table_read(const struct guard *guard, const struct guard_address *address,
		      struct guard_source *ret_source)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	const struct guard_source *source;
	int r = source_table_map(guard, false, &table, NULL);

	if (!table)
		return r;
	source = source_table_find(table, address);
	if (!source)
		return -ENOENT;
	*ret_source = *source;
	return 0;
}

int source_table_write(const struct guard *guard, const struct guard_source *source)
{
	_cleanup_(source_table_unmap) struct source_table *table = NULL;
	int r = source_table_map(guard, true, &table, NULL);

	if (!table)
		return r;
	return source_table_enter(table, source, false) ? 0 : -EBUSY;
}
