/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets and bytes in one word: what does not fit moves to the wide pair, and none is lost on the way. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/tally.h"

#define FULL_PACKETS (1u << 23) /* what sets the word's highest bit */
#define BYTES_MASK ((1ull << GUARD_TALLY_BYTES_BITS) - 1)

static struct guard_count total(__u64 word, struct guard_count wide)
{
	return (struct guard_count){
		.packets = (word >> GUARD_TALLY_BYTES_BITS) + wide.packets,
		.bytes = (word & BYTES_MASK) + wide.bytes,
	};
}

static void a_packet_counts_one_and_its_bytes(void **state)
{
	struct guard_count wide = {};
	__u64 word = 0;

	tally_add(&word, &wide, 60);
	tally_add(&word, &wide, 65535);
	assert_int_equal(word, 2ull << GUARD_TALLY_BYTES_BITS | (60 + 65535));
	assert_int_equal(wide.packets, 0);
	assert_int_equal(wide.bytes, 0);
}

/* The word is emptied by the packet behind the one that filled it. */
static void a_full_word_is_emptied_into_the_wide_pair(void **state)
{
	const __u64 almost = ((__u64)FULL_PACKETS - 1) << GUARD_TALLY_BYTES_BITS | 12345;
	struct guard_count wide = {.packets = 7, .bytes = 8};
	__u64 word = almost;

	tally_add(&word, &wide, 100);
	assert_int_equal(word, (__u64)FULL_PACKETS << GUARD_TALLY_BYTES_BITS | 12445);
	assert_int_equal(wide.packets, 7);
	tally_add(&word, &wide, 100);
	assert_int_equal(word, 0);
	assert_int_equal(wide.packets, 7ull + FULL_PACKETS + 1);
	assert_int_equal(wide.bytes, 8 + 12545);
}

/* The bytes must not run into the packets before the packets have filled the word. */
static void the_longest_packets_fit_until_the_word_is_full(void **state)
{
	struct guard_count wide = {}, sum;
	__u64 word = 0;

	for (unsigned i = 0; i < FULL_PACKETS + 2; i++) {
		tally_add(&word, &wide, 65535);
		sum = total(word, wide);
		if (sum.packets != i + 1 || sum.bytes != (i + 1) * 65535ull)
			fail_msg("wrong after %u packets", i + 1);
	}
	assert_int_equal(wide.packets, FULL_PACKETS + 1);
}

struct shared_tally {
	__u64 word;
	struct guard_count wide;
};

#define ADDERS 4
#define ADDED (FULL_PACKETS / 2 + 4321)

static void *add_many(void *argument)
{
	struct shared_tally *tally = argument;

	for (unsigned i = 0; i < ADDED; i++)
		tally_add(&tally->word, &tally->wide, i & 0xffff);
	return NULL;
}

static void several_at_once_lose_nothing(void **state)
{
	struct shared_tally tally = {};
	pthread_t threads[ADDERS];
	struct guard_count sum;
	__u64 bytes = 0;

	for (unsigned i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, &tally), 0);
	for (unsigned i = 0; i < ADDERS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < ADDED; i++)
		bytes += i & 0xffff;

	sum = total(tally.word, tally.wide);
	assert_true(tally.wide.packets >= FULL_PACKETS);
	assert_int_equal(sum.packets, (__u64)ADDERS * ADDED);
	assert_int_equal(sum.bytes, ADDERS * bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_counts_one_and_its_bytes),
		cmocka_unit_test(a_full_word_is_emptied_into_the_wide_pair),
		cmocka_unit_test(the_longest_packets_fit_until_the_word_is_full),
		cmocka_unit_test(several_at_once_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
