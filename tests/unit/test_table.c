// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of sources, as the packet program has it: bpf/table.h compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "bpf/table.h"

#define TICK ((__u64)1 << GUARD_AGE_SHIFT)

static const __u64 seed[2] = {0x3c6ef372fe94f82b, 0x8a51c0e47d2b9365};

struct fake {
	struct guard_set *sets;
	struct entry {
		struct guard_address address;
		__u64 count;
	} * entries;
	__u32 n_sets, capacity;
	__u32 spare; /* of who is no thread */
};

static struct fake *fake_new(__u32 capacity)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->n_sets = GUARD_SETS(capacity);
	f->capacity = capacity;
	f->sets = calloc(GUARD_TAGS(capacity), sizeof(*f->sets));
	f->entries = calloc(GUARD_ENTRIES(capacity), sizeof(*f->entries));
	assert_non_null(f->sets);
	assert_non_null(f->entries);
	return f;
}

static void fake_free(struct fake *f)
{
	free(f->sets);
	free(f->entries);
	free(f);
}

static struct guard_address ipv4(__u32 n)
{
	struct guard_address address = {};

	map_ipv4(&address, cpu_to_be32(n));
	return address;
}

static struct table table_of(struct fake *f, __u64 hash)
{
	return (struct table){&f->sets[table_first(hash, f->n_sets)],
			      &f->sets[table_second(hash, f->n_sets)], f->sets[f->n_sets].tag,
			      f->capacity};
}

static struct entry *entry_of(struct fake *f, __u64 tag)
{
	return &f->entries[table_entry(tag)];
}

static __u64 *tag_of(struct fake *f, const struct guard_address *a)
{
	__u64 hash = table_hash(a, seed), *tag;
	struct table t = table_of(f, hash);
	__u32 way = table_find(&t, table_bits(hash), TABLE_NO_WAY);

	if (way == TABLE_NO_WAY)
		return NULL;
	tag = table_tag(&t, way);
	return memcmp(&entry_of(f, *tag)->address, a, sizeof(*a)) == 0 ? tag : NULL;
}

/* As a packet does: enters the source, or finds it, and counts one there. */
static int enter_with(struct fake *f, __u32 *spare, const struct guard_address *a, __u64 now)
{
	__u64 hash = table_hash(a, seed);
	struct table t = table_of(f, hash);
	__u32 entry = *spare ?: table_new_entry(&t);
	struct table_result result;
	int r;

	assert_true(entry);
	f->entries[entry] = (struct entry){.address = *a};
	r = table_enter(&t, table_new_tag(hash, entry, now), &result);
	*spare = result.spare;
	if (r < 0)
		return r;
	if (r == 0)
		__sync_fetch_and_add(&entry_of(f, result.tag)->count,
				     __sync_lock_test_and_set(&f->entries[entry].count, 0));
	__sync_fetch_and_add(&entry_of(f, result.tag)->count, 1);
	return r;
}

/* 1: entered, 0: it was there, -1: neither. */
static int enter(struct fake *f, const struct guard_address *a, __u64 now)
{
	return enter_with(f, &f->spare, a, now);
}

static void a_table_holds_as_many_as_its_capacity(void **state)
{
	const __u32 capacities[] = {1000, 65536, 300000};

	for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		struct fake *f = fake_new(capacities[i]);
		unsigned lost = 0;

		for (__u32 n = 0; n < capacities[i]; n++) {
			struct guard_address a = ipv4(0x0a000000 + n);

			enter(f, &a, TICK);
		}
		for (__u32 n = 0; n < capacities[i]; n++) {
			struct guard_address a = ipv4(0x0a000000 + n);

			lost += !tag_of(f, &a);
		}
		/* Two sources in ten million have equal tags. */
		assert_true(lost <= 2);
		fake_free(f);
	}
}

static void one_more_pushes_out_the_longest_idle(void **state)
{
	struct fake *f = fake_new(1000);
	struct guard_address a, late = ipv4(0xc0000200);
	unsigned lost = 0;

	for (__u32 n = 0; n < 1000; n++) {
		a = ipv4(n);
		assert_int_equal(enter(f, &a, (n < 500 ? 10 : 20) * TICK), 1);
	}
	for (__u32 n = 0; n < 100; n++) {
		a = ipv4(0xc0000200 + n);
		assert_int_equal(enter(f, &a, 20 * TICK), 1);
	}
	for (__u32 n = 500; n < 1000; n++) {
		a = ipv4(n);
		lost += !tag_of(f, &a);
	}
	assert_non_null(tag_of(f, &late));
	/* Both sets of a new source may hold none but late ones. */
	assert_true(lost <= 2);
	fake_free(f);
}

/* Ten times as many as there is room for come by once, while 300 come back again and again. */
static void who_comes_back_stays_in_a_flood(void **state)
{
	struct fake *f = fake_new(1000);
	struct guard_address a;
	__u64 *tag;

	for (__u32 n = 0; n < 300; n++) {
		a = ipv4(0xc0000200 + n);
		assert_int_equal(enter(f, &a, TICK), 1);
	}
	for (__u32 tick = 2; tick < 22; tick++) {
		for (__u32 n = 0; n < 300; n++) {
			a = ipv4(0xc0000200 + n);
			tag = tag_of(f, &a);
			assert_non_null(tag);
			table_touch(tag, tick * TICK, true);
		}
		for (__u32 n = 0; n < 500; n++) {
			a = ipv4(0x0a000000 + 500 * tick + n);
			enter(f, &a, tick * TICK);
		}
	}
	fake_free(f);
}

static void an_established_source_goes_when_it_has_been_silent_for_long(void **state)
{
	struct fake *f = fake_new(1000);
	struct guard_address a = ipv4(0xc0000201), other;
	const __u64 late = 1 + TABLE_HEADSTART + 100;

	assert_int_equal(enter(f, &a, TICK), 1);
	table_touch(tag_of(f, &a), 2 * TICK, true);
	for (__u32 n = 0; n < 20000; n++) {
		other = ipv4(n);
		enter(f, &other, late * TICK);
	}
	assert_null(tag_of(f, &a));
	fake_free(f);
}

static void a_source_is_entered_once(void **state)
{
	struct fake *f = fake_new(1000);
	struct guard_address a = ipv4(0xc0000201);

	assert_int_equal(enter(f, &a, TICK), 1);
	assert_int_equal(enter(f, &a, TICK), 0);
	assert_int_equal(enter(f, &a, 500 * TICK), 0);
	fake_free(f);
}

/* A tool that is killed in the middle takes a spare entry with it, no slot and no source. */
static void who_is_killed_keeps_nobody_out_of_a_full_table(void **state)
{
	struct fake *f = fake_new(64);
	struct guard_address a;

	for (__u32 n = 0; n < 64; n++) {
		a = ipv4(n);
		assert_int_equal(enter(f, &a, TICK), 1);
	}
	for (__u32 n = 0; n < 1000; n++) {
		a = ipv4(2000 + n);
		if (n % 2)
			f->spare = 0;
		assert_int_equal(enter(f, &a, (20 + n) * TICK), 1);
		assert_non_null(tag_of(f, &a));
	}
	fake_free(f);
}

/* The entry that a source gave up is written over when its new owner enters another source, no sooner. */
static void an_entry_is_not_written_over_at_once(void **state)
{
	struct fake *f = fake_new(1);
	struct guard_address a = ipv4(1);
	__u32 entry;

	enter(f, &a, TICK);
	entry = table_entry(*tag_of(f, &a));
	for (__u32 n = 2; tag_of(f, &a); n++) {
		struct guard_address other = ipv4(n);

		enter(f, &other, 100 * TICK);
	}
	assert_memory_equal(&f->entries[entry].address, &a, sizeof(a));
	fake_free(f);
}

/* Two CPUs need not have read the same tick, and a table that is copied comes in no order. */
static void who_comes_from_the_past_pushes_nobody_out(void **state)
{
	struct fake *f = fake_new(1000);
	struct guard_address a;

	for (__u32 n = 0; n < 1000; n++) {
		a = ipv4(n);
		assert_int_equal(enter(f, &a, 20 * TICK), 1);
	}
	for (__u32 n = 0; n < 1000; n++) {
		a = ipv4(0x0a000000 + n);
		assert_int_equal(enter(f, &a, (n % 20) * TICK), -1);
	}
	for (__u32 n = 0; n < 1000; n++) {
		a = ipv4(n);
		assert_non_null(tag_of(f, &a));
	}
	fake_free(f);
}

#define RACES 200000
#define RACERS 2

struct race {
	struct fake *f;
	unsigned entered;
	const __u32 *started; /* how far the other one is */
	__u32 at;
};

/* The same sources in the same order, so close together that they often meet. */
static void *enter_all(void *data)
{
	struct race *race = data;
	__u32 spare = 0;

	for (__u32 n = 0; n < RACES; n++) {
		struct guard_address a = ipv4(n);

		__atomic_store_n(&race->at, n + 1, __ATOMIC_RELEASE);
		for (int i = 0; i < 1000; i++)
			if (__atomic_load_n(race->started, __ATOMIC_ACQUIRE) > n)
				break;
		race->entered += enter_with(race->f, &spare, &a, TICK) == 1;
	}
	return NULL;
}

static void two_cpus_that_enter_a_source_at_once_count_in_one_entry(void **state)
{
	struct fake *f = fake_new(2 * RACES);
	struct race races[RACERS] = {{.f = f}, {.f = f}};
	pthread_t threads[RACERS];
	unsigned lost = 0, uncounted = 0;

	races[0].started = &races[1].at;
	races[1].started = &races[0].at;
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, enter_all, &races[i]), 0);
	for (int i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(races[0].entered + races[1].entered, RACES);
	for (__u32 n = 0; n < RACES; n++) {
		struct guard_address a = ipv4(n);
		__u64 *tag = tag_of(f, &a);

		lost += !tag;
		uncounted += tag && entry_of(f, *tag)->count != RACERS;
	}
	assert_int_equal(lost, 0);
	/* A thread that was held up since it found the other's entry counts there though it was taken back. */
	assert_in_range(uncounted, 0, RACES / 1000);
	fake_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_holds_as_many_as_its_capacity),
		cmocka_unit_test(one_more_pushes_out_the_longest_idle),
		cmocka_unit_test(who_comes_back_stays_in_a_flood),
		cmocka_unit_test(an_established_source_goes_when_it_has_been_silent_for_long),
		cmocka_unit_test(a_source_is_entered_once),
		cmocka_unit_test(an_entry_is_not_written_over_at_once),
		cmocka_unit_test(who_is_killed_keeps_nobody_out_of_a_full_table),
		cmocka_unit_test(who_comes_from_the_past_pushes_nobody_out),
		cmocka_unit_test(two_cpus_that_enter_a_source_at_once_count_in_one_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
