/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "compile/sizing.h"
#include "image_support.h"

#define GIB (1ull << 30)
#define SECOND 1000000000ull
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

struct capacity_case {
	const char *name;
	uint64_t memory;
	uint32_t capacity;
};

static const struct capacity_case capacity_cases[] = {
	{"a host whose memory is unknown gets the least", 0, 65536},
	{"so does a small one", GIB, 65536},
	{"4 GiB bear 131072", 4 * GIB, 131072},
	{"16 GiB bear 524288", 16 * GIB, 524288},
	{"64 GiB bear the most", 64 * GIB, 1048576},
	{"and so does any larger host", 4096 * GIB, 1048576},
};

static void the_capacity_follows_the_memory(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(capacity_cases); i++) {
		print_message("# %s\n", capacity_cases[i].name);
		assert_int_equal(sizing_auto_capacity(capacity_cases[i].memory),
				 capacity_cases[i].capacity);
	}
}

static void add_limited_rule(struct policy *policy, uint64_t packets, uint64_t period_ns,
			     enum limit_per per)
{
	add_limit(
		add_rule(policy, "limited"),
		(struct limit){.packets = packets, .period_ns = period_ns, .burst = 1, .per = per});
}

static void tables_cost_what_the_kernel_takes_for_them(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	struct image image = {.n_cells = 1000};
	struct sizing sizing, more_cpus;
	/* Half as many tags again as entries, of 8 bytes; a set that is over, one of numbers; 0 and the spares. */
	const uint64_t sources = 100000 * 12 + 2 * 64 + 102049 * sizeof(struct guard_source);
	const uint64_t buckets = 100000 * (64 + 24 + 16) + 131072 * 16;

	policy->capacity = 100000;
	sizing_estimate(policy, &image, 64 * GIB, 1, &sizing);
	assert_int_equal(sizing.capacity, 100000);
	assert_int_equal(sizing.sources_bytes, sources + buckets);
	assert_int_equal(sizing.policy_bytes, 2 * (sizeof(struct guard_policy) + 64000));

	sizing_estimate(policy, &image, 64 * GIB, 65, &more_cpus);
	assert_int_equal(more_cpus.sources_bytes, sizing.sources_bytes);
	assert_int_equal(more_cpus.other_bytes - sizing.other_bytes,
			 64 * (2048 * 48 + 64 * 32 * 16 + sizeof(struct guard_admission) +
			       sizeof(struct guard_event_counts)));

	policy->capacity = 0;
	sizing_estimate(policy, &image, 4 * GIB, 1, &sizing);
	assert_int_equal(sizing.capacity, 131072);
	assert_int_equal(sizing.sources_bytes,
			 131072 * (12 + sizeof(struct guard_source) + 64 + 24 + 16 + 16) + 2 * 64 +
				 2049 * sizeof(struct guard_source));
}

static void the_slowest_limit_decides_what_is_bearable(void **state)
{
	_cleanup_(made_policy_free) struct policy *policy = made_policy();
	struct image image = {};
	struct sizing sizing;

	policy->capacity = 60000;
	add_rule(policy, "drop");
	add_limited_rule(policy, 1, HOUR, PER_ALL); /* not in the table of sources */
	sizing_estimate(policy, &image, GIB, 1, &sizing);
	assert_true(sizing.slowest_limit_per_s == 0);
	assert_true(sizing.new_sources_per_s == 0);

	add_limited_rule(policy, 500, SECOND, PER_SOURCE);
	add_limited_rule(policy, 600, MINUTE, PER_PREFIX);
	add_limited_rule(policy, 20, SECOND, PER_SOURCE);
	add_limit(&policy->rules[4], (struct limit){.bits_per_second = 1000});
	sizing_estimate(policy, &image, GIB, 1, &sizing);
	assert_true(sizing.slowest_limit_per_s == 10);
	assert_true(sizing.new_sources_per_s == 300000);
}

struct warning_case {
	const char *name;
	uint64_t packets, period_ns;
	enum limit_per per;
	uint32_t capacity;
	const char *says; /* NULL: no warning */
};

static const struct warning_case warning_cases[] = {
	{"50/s is high enough for 64k sources", 50, SECOND, PER_SOURCE, 65536, NULL},
	{"1/s is just enough for 200000 sources", 1, SECOND, PER_SOURCE, 200000, NULL},
	{"and too low for one less", 1, SECOND, PER_SOURCE, 199999,
	 "a limit of 1/s is too low for 199999 sources: 100000 new ones a second push a source out "
	 "before its second packet is due; sources.capacity: 200000 would hold it"},
	{"a prefix's budget can be lost as well", 3, MINUTE, PER_PREFIX, 65536,
	 "sources.capacity: 4000000 would hold it"},
	{"a capacity is rounded up", 7, SECOND, PER_SOURCE, 1024,
	 "sources.capacity: 28572 would hold it"},
	{"some are too low for any capacity", 1, HOUR, PER_SOURCE, 65536,
	 "no capacity would hold it: raise the rate"},
	{"a budget of all is never lost", 1, HOUR, PER_ALL, 1024, NULL},
	{"nor does a bandwidth's matter", 0, 0, PER_SOURCE, 1024, NULL},
	{"the highest rate overflows nothing", 100000000, SECOND, PER_SOURCE, 1024, NULL},
};

static void limits_too_low_for_the_capacity_are_warned_about(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(warning_cases); i++) {
		const struct warning_case *c = &warning_cases[i];
		_cleanup_(made_policy_free) struct policy *policy = made_policy();
		_cleanup_(diagnostics_free) struct diagnostics diagnostics = {};
		struct sizing sizing = {.capacity = c->capacity};

		print_message("# %s\n", c->name);
		add_limited_rule(policy, c->packets, c->period_ns, c->per);
		sizing_warn(policy, &sizing, &diagnostics);
		assert_int_equal(diagnostics.n_items, c->says != NULL);
		if (!c->says)
			continue;
		assert_int_equal(diagnostics.n_errors, 0);
		assert_int_equal(diagnostics.items[0].line, policy->rules[0].limits[0].place.line);
		assert_non_null(strstr(diagnostics.items[0].text, c->says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capacity_follows_the_memory),
		cmocka_unit_test(tables_cost_what_the_kernel_takes_for_them),
		cmocka_unit_test(the_slowest_limit_decides_what_is_bearable),
		cmocka_unit_test(limits_too_low_for_the_capacity_are_warned_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
