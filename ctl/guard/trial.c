/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "program.h"
#include "push.h"

/*
 * Counters of a guard are per CPU, and reading one is a system call; these are arrays that are mapped
 * here, so that what a frame added to is seen for nothing.
 */
struct trial {
	struct guard *guard;
	struct xdpguard_bpf *program;
	const struct guard_count *outcomes;
	const struct guard_rule_count *rules;
	uint64_t outcomes_seen[GUARD_OUTCOMES];
	uint64_t rules_seen[GUARD_RULE_SLOTS];
	/* Of the policy's rules; those that decided last come first, and are looked at first. */
	uint32_t slots[GUARD_RULES_MAX];
	size_t n_slots;
	bool has_cpus; /* `cpus` are where the thread was let run before */
	cpu_set_t cpus;
};

#define OUTCOMES_SIZE (GUARD_INTERFACES_MAX * GUARD_OUTCOMES * sizeof(struct guard_count))
#define RULES_SIZE (GUARD_RULE_SLOTS * sizeof(struct guard_rule_count))

/* Puts an array of this process in the place of a table of counters. */
static int map_counters(int *map, const char *name, size_t value_size, size_t size,
			const void **ret_memory)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	void *memory;

	close(*map);
	*map = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), value_size,
			      size / value_size, &options);
	if (*map < 0)
		return -errno;
	memory = mmap(NULL, size, PROT_READ, MAP_SHARED, *map, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*ret_memory = memory;
	return 0;
}

static int map_all_counters(struct trial *trial, struct why *why)
{
	const void *memory = NULL;
	int r = map_counters(&trial->guard->outcomes, "outcomes", sizeof(*trial->outcomes),
			     OUTCOMES_SIZE, &memory);

	if (r < 0)
		return guard_explain(why, r, "cannot make tables to try packets on");
	trial->outcomes = memory;
	r = map_counters(&trial->guard->rule_counts, "rule_counts", sizeof(*trial->rules),
			 RULES_SIZE, &memory);
	if (r < 0)
		return guard_explain(why, r, "cannot make tables to try packets on");
	trial->rules = memory;
	return 0;
}

/* Long frames lie in several buffers, for which the kernel wants a program that says it knows them. */
static int open_program(struct trial *trial, uint32_t admission_capacity, struct why *why)
{
	struct program_options options = {
		.has_test_clock = true,
		.is_alone = true,
		.has_frags = true,
		.admission_capacity = admission_capacity,
	};

	if (program_open(trial->guard, &options, &trial->program, NULL) == 0)
		return 0;
	options.has_frags = false; /* before Linux 5.18 */
	return program_open(trial->guard, &options, &trial->program, why);
}

static void stay_on_this_cpu(struct trial *trial)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	if (cpu < 0 || sched_getaffinity(0, sizeof(trial->cpus), &trial->cpus) < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	trial->has_cpus = sched_setaffinity(0, sizeof(set), &set) == 0;
}

int trial_new(uint32_t capacity, uint32_t admission_capacity, struct trial **ret_trial,
	      struct why *why)
{
	_cleanup_(trial_free) struct trial *trial = calloc(1, sizeof(*trial));
	int r;

	if (!trial)
		return why_set(why, -ENOMEM, "not enough memory");
	r = guard_create(NULL, capacity, &trial->guard, why);
	if (r == 0)
		r = map_all_counters(trial, why);
	if (r == 0)
		r = open_program(trial, admission_capacity, why);
	if (r < 0)
		return r;
	stay_on_this_cpu(trial);
	*ret_trial = take_ptr(trial);
	return 0;
}

void trial_free(struct trial **trial)
{
	struct trial *t = *trial;

	if (!t)
		return;
	if (t->has_cpus)
		sched_setaffinity(0, sizeof(t->cpus), &t->cpus);
	if (t->outcomes)
		munmap((void *)t->outcomes, OUTCOMES_SIZE);
	if (t->rules)
		munmap((void *)t->rules, RULES_SIZE);
	program_close(&t->program);
	guard_close(&t->guard);
	free(t);
	*trial = NULL;
}

const struct guard *trial_guard(const struct trial *trial)
{
	return trial->guard;
}

static void use_slots(struct trial *trial, const struct identity *identity)
{
	trial->n_slots = identity->n_rules;
	for (size_t i = 0; i < identity->n_rules; i++)
		trial->slots[i] = identity->rules[i].slot;
}

int trial_apply(struct trial *trial, const struct policy *policy, struct image *image,
		struct identity *ret_identity, struct why *why)
{
	_cleanup_free_ struct fresh_slots *fresh = malloc(sizeof(*fresh));
	static const struct identity none;
	struct identity identity = {};
	int r;

	if (!fresh)
		return why_set(why, -ENOMEM, "not enough memory");
	r = identity_assign(&none, policy, image, &identity, fresh);
	if (r < 0)
		return why_set(why, r, "cannot number the policy's rules: %s", strerror(-r));
	fresh->n_rules = fresh->n_limits = 0; /* nothing was counted here before */
	r = push_prepare(trial->guard, image, fresh, NULL, why);
	if (r < 0) {
		identity_free(&identity);
		return r;
	}
	push_commit(trial->guard);
	use_slots(trial, &identity);
	*ret_identity = identity;
	return 0;
}

int trial_adopt(struct trial *trial, const struct in_force *in_force, struct why *why)
{
	const struct guard *guard = trial->guard;

	if (bpf_map_update_elem(guard->ranges, &in_force->slot, &in_force->ranges, BPF_ANY) < 0 ||
	    bpf_map_update_elem(guard->policies, &in_force->slot, &in_force->policy, BPF_ANY) < 0)
		return guard_explain(why, -errno, "cannot use the tables of the policy in force");
	__atomic_store_n(&guard->memory->active, in_force->slot, __ATOMIC_RELEASE);
	use_slots(trial, &in_force->record->identity);
	return 0;
}

static uint64_t read_counter(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* The outcome that the frame was counted as. */
static int find_outcome(struct trial *trial)
{
	for (int i = 0; i < 2 * GUARD_REASON_COUNT; i++) {
		uint64_t packets = read_counter(&trial->outcomes[i].packets);

		if (packets == trial->outcomes_seen[i])
			continue;
		trial->outcomes_seen[i] = packets;
		return i;
	}
	return -EIO;
}

static uint64_t rule_packets(const struct guard_rule_count *count)
{
	return read_counter(&count->passed.packets) + read_counter(&count->dropped.packets);
}

static bool is_of_rule(enum guard_reason reason)
{
	return reason == GUARD_PASS_RULE || reason == GUARD_PASS_LIMIT ||
	       reason == GUARD_DROP_RULE || reason == GUARD_DROP_RATE ||
	       reason == GUARD_DROP_BANDWIDTH;
}

static int32_t find_rule(struct trial *trial)
{
	for (size_t i = 0; i < trial->n_slots; i++) {
		uint32_t slot = trial->slots[i];
		uint64_t packets = rule_packets(&trial->rules[slot]);

		if (packets == trial->rules_seen[slot])
			continue;
		trial->rules_seen[slot] = packets;
		memmove(trial->slots + 1, trial->slots, i * sizeof(*trial->slots));
		trial->slots[0] = slot;
		return (int32_t)slot;
	}
	return -1;
}

int trial_run(struct trial *trial, const void *frame, size_t size, uint64_t now_ns,
	      struct trial_verdict *ret_verdict)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = (__u32)size,
		    .repeat = 1);
	struct trial_verdict verdict = {.slot = -1};
	int outcome;

	trial->guard->memory->test_coarse = now_ns;
	trial->guard->memory->test_precise = now_ns;
	if (bpf_prog_test_run_opts(program_fd(trial->program), &run) < 0)
		return -errno;
	outcome = find_outcome(trial);
	if (outcome < 0)
		return outcome;
	verdict.is_dropped = run.retval == XDP_DROP;
	verdict.is_monitored = outcome >= GUARD_REASON_COUNT;
	verdict.reason = outcome % GUARD_REASON_COUNT;
	if (is_of_rule(verdict.reason))
		verdict.slot = find_rule(trial);
	*ret_verdict = verdict;
	return 0;
}
