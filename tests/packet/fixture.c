/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "guard/blocks.h"
#include "guard/source_table.h"
#include "policy/load.h"

#define CAPACITY 65536

/* A repeated run patches the kernel's dispatcher first: so many single ones take as long. */
#define FEW 500

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

int fixture_can_run(struct why *why)
{
	struct guard *guard = NULL;
	int r;

	program_set_verbose(false);
	r = guard_create(NULL, 1024, &guard, why);
	guard_close(&guard);
	return r;
}

static struct policy *load_policy(const char *path)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;
	int r = policy_load(path, &(struct load_context){}, &diagnostics, &policy);

	for (size_t i = 0; r < 0 && i < diagnostics.n_items; i++)
		fprintf(stderr, "%s:%u:%u: %s\n", diagnostics.items[i].file,
			diagnostics.items[i].line, diagnostics.items[i].column,
			diagnostics.items[i].text);
	diagnostics_free(&diagnostics);
	if (r < 0)
		die("%s: the policy does not load: %s", path, strerror(-r));
	return policy;
}

static void put_in_force(struct fixture *fixture, struct policy *policy)
{
	struct fresh_slots *fresh = malloc(sizeof(*fresh));
	struct diagnostics diagnostics = {};
	struct identity identity = {};
	struct image *image = NULL;
	struct why why = {};

	if (!fresh || image_compile(policy, &diagnostics, &image) < 0)
		die("the policy does not compile");
	/* Admission has tests of its own: under a clock that stands still it would hold sources. */
	if (!fixture->has_admission)
		image->policy->admit_always = 1;
	if (identity_assign(&fixture->identity, policy, image, &identity, fresh) < 0)
		die("identities cannot be assigned");
	if (push_prepare(fixture->guard, image, fresh, NULL, &why) < 0)
		die("%s", why.text);
	push_commit(fixture->guard);

	identity_free(&fixture->identity);
	fixture->identity = identity;
	policy_free(&fixture->policy);
	fixture->policy = policy;
	diagnostics_free(&diagnostics);
	image_free(&image);
	free(fresh);
}

/* The loader reads files, so the text becomes one. */
static struct policy *load_text(const char *text)
{
	char path[] = "/tmp/xdpguard-test-XXXXXX";
	struct policy *policy;
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("cannot write %s", path);
	close(fd);
	policy = load_policy(path);
	unlink(path);
	return policy;
}

/* A smaller table than a guard's, so that a test can fill it. */
static void shrink_blocks(struct guard *guard, uint32_t blocks)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);

	close(guard->blocks);
	guard->blocks = bpf_map_create(BPF_MAP_TYPE_HASH, "blocks", sizeof(struct guard_block_key),
				       sizeof(struct guard_block), blocks, &options);
	if (guard->blocks < 0)
		die("cannot make a table of %u blocks: %s", blocks, strerror(errno));
}

/* A guard with a table of blocks of another size is made anew, and not kept. */
static void load_guard(struct fixture *fixture, uint32_t blocks)
{
	struct loaded *loaded = &fixture->loaded;
	struct program_options options = fixture->options;
	struct why why = {};

	fixture->is_kept = !blocks;
	if (!blocks && pool_take(&fixture->options, fixture->n_interfaces, loaded))
		return;
	if (guard_create(NULL, CAPACITY, &loaded->guard, &why) < 0)
		die("%s", why.text);
	if (blocks)
		shrink_blocks(loaded->guard, blocks);
	for (unsigned i = 0; i < fixture->n_interfaces; i++, options.interface++)
		if (program_open(loaded->guard, &options, &loaded->programs[i], &why) < 0)
			die("%s", why.text);
}

static struct fixture *fixture_new(struct policy *policy, const struct fixture_options *options)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	program_set_verbose(false);
	if (!fixture)
		die("not enough memory");
	fixture->has_admission = options->has_admission;
	fixture->n_interfaces = options->interfaces ?: 1;
	fixture->options = (struct program_options){
		.interface = options->interface,
		.has_test_clock = true,
		.is_alone = true,
	};
	load_guard(fixture, options->blocks);
	fixture->guard = fixture->loaded.guard;
	fixture_enter_by(fixture, 0);
	if (policy)
		put_in_force(fixture, policy);
	fixture_set_time(fixture, 1000000000);
	return fixture;
}

struct fixture *fixture_from_file(const char *path, const struct fixture_options *options)
{
	return fixture_new(load_policy(path), options);
}

struct fixture *fixture_from_text(const char *text)
{
	return fixture_with(text, &(struct fixture_options){});
}

struct fixture *fixture_with(const char *text, const struct fixture_options *options)
{
	return fixture_new(text ? load_text(text) : NULL, options);
}

void fixture_apply_text(struct fixture *fixture, const char *text)
{
	put_in_force(fixture, load_text(text));
}

void fixture_free(struct fixture **fixture)
{
	struct fixture *f = *fixture;

	if (!f)
		return;
	if (f->is_kept)
		pool_give(&f->options, f->n_interfaces, &f->loaded);
	else
		loaded_close(&f->loaded);
	policy_free(&f->policy);
	identity_free(&f->identity);
	free(f);
	*fixture = NULL;
}

void fixture_set_clocks(struct fixture *fixture, uint64_t coarse_ns, uint64_t precise_ns)
{
	fixture->guard->memory->test_coarse = coarse_ns;
	fixture->guard->memory->test_precise = precise_ns;
}

void fixture_set_time(struct fixture *fixture, uint64_t ns)
{
	fixture_set_clocks(fixture, ns, ns);
}

void fixture_enter_by(struct fixture *fixture, unsigned number)
{
	if (number >= fixture->n_interfaces)
		die("there is no interface %u", number);
	fixture->program = fixture->loaded.programs[number];
	fixture->interface = fixture->options.interface + number;
}

/* A per-CPU value of 64-bit counters, summed. */
static void read_summed(int map, uint32_t key, uint64_t *ret_sums, size_t n_sums)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_free_ uint64_t *values = calloc(cpus, n_sums * sizeof(*values));

	if (!values || bpf_map_lookup_elem(map, &key, values) < 0)
		die("cannot read counters: %s", strerror(errno));
	memset(ret_sums, 0, n_sums * sizeof(*ret_sums));
	for (size_t i = 0; i < cpus * n_sums; i++)
		ret_sums[i % n_sums] += values[i];
}

struct guard_count fixture_outcome(const struct fixture *fixture, unsigned outcome)
{
	struct guard_count count;

	read_summed(fixture->guard->outcomes, fixture->interface * GUARD_OUTCOMES + outcome,
		    (uint64_t *)&count, 2);
	return count;
}

static struct guard_rule_count rule_count(const struct fixture *fixture, size_t rule)
{
	struct guard_rule_count count;

	read_summed(fixture->guard->rule_counts, fixture->identity.rules[rule].slot,
		    (uint64_t *)&count, sizeof(count) / sizeof(uint64_t));
	return count;
}

struct guard_rule_count fixture_rule(const struct fixture *fixture, const char *name)
{
	for (size_t i = 0; i < fixture->identity.n_rules; i++)
		if (!strcmp(fixture->identity.rules[i].name, name))
			return rule_count(fixture, i);
	die("no rule \"%s\"", name);
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	bool host_bits;

	if (prefix_parse(text, &prefix, &host_bits) < 0)
		die("\"%s\" is no prefix", text);
	return prefix;
}

bool fixture_source(const struct fixture *fixture, const char *address, struct guard_source *ret)
{
	struct prefix prefix = prefix_of(address);
	struct source_table *table;
	struct guard_source *found;
	struct why why = {};

	if (source_table_map(fixture->guard, false, &table, &why) < 0)
		die("%s", why.text);
	found = source_table_find(table, &prefix.address);
	if (found)
		*ret = *found;
	source_table_unmap(&table);
	return found;
}

struct admission fixture_admission(const struct fixture *fixture)
{
	uint64_t now = fixture->guard->memory->test_coarse << GUARD_TIME_SHIFT;
	struct admission admission;
	struct why why = {};

	if (read_admission(fixture->guard, now, &admission, &why) < 0)
		die("%s", why.text);
	return admission;
}

void fixture_block(struct fixture *fixture, const char *prefix, const struct guard_block *block)
{
	struct prefix p = prefix_of(prefix);
	struct why why = {};
	size_t done;

	if (blocks_add(fixture->guard, &p, 1, block, &done, &why) < 0 || done != 1)
		die("%s: %s", prefix, why.text);
}

bool fixture_unblock(struct fixture *fixture, const char *prefix)
{
	struct prefix p = prefix_of(prefix);
	struct why why = {};
	size_t done;

	if (blocks_remove(fixture->guard, &p, 1, &done, &why) < 0)
		die("%s: %s", prefix, why.text);
	return done == 1;
}

bool fixture_find_block(const struct fixture *fixture, const char *prefix,
			struct guard_block *ret_block)
{
	struct prefix p = prefix_of(prefix);
	struct guard_block_key key = {.address = p.address, .bits = p.bits};

	return bpf_map_lookup_elem(fixture->guard->blocks, &key, ret_block) == 0;
}

/* Counts of all that a packet can add one to: how the test sees which it was. */
struct counts {
	uint64_t outcomes[GUARD_OUTCOMES];
	uint64_t rules[GUARD_RULES_MAX];
};

static void read_counts(const struct fixture *fixture, struct counts *counts)
{
	for (unsigned i = 0; i < 2 * GUARD_REASON_COUNT; i++)
		counts->outcomes[i] = fixture_outcome(fixture, i).packets;
	for (size_t i = 0; i < fixture->identity.n_rules; i++) {
		struct guard_rule_count count = rule_count(fixture, i);

		counts->rules[i] = count.passed.packets + count.dropped.packets;
	}
}

static struct outcome difference(const struct fixture *fixture, const struct counts *before,
				 const struct counts *after)
{
	struct outcome outcome = {};
	unsigned changes = 0;

	for (unsigned i = 0; i < 2 * GUARD_REASON_COUNT; i++) {
		if (before->outcomes[i] == after->outcomes[i])
			continue;
		changes += after->outcomes[i] - before->outcomes[i];
		outcome.reason = i % GUARD_REASON_COUNT;
		outcome.is_monitored = i >= GUARD_REASON_COUNT;
	}
	if (changes != 1)
		die("one packet was counted %u times", changes);
	for (size_t i = 0; i < fixture->identity.n_rules; i++)
		if (before->rules[i] != after->rules[i])
			outcome.rule = fixture->identity.rules[i].name;
	return outcome;
}

static uint32_t run_frames(const struct fixture *fixture, const void *frame, size_t size,
			   uint64_t packets)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = size,
		    .repeat = packets);

	if (bpf_prog_test_run_opts(program_fd(fixture->program), &run) < 0)
		die("cannot run a frame of %zu bytes: %s", size, strerror(errno));
	return run.retval;
}

struct outcome fixture_send(struct fixture *fixture, const void *frame, size_t size)
{
	struct counts before, after;
	struct outcome outcome;
	uint32_t verdict;

	read_counts(fixture, &before);
	verdict = run_frames(fixture, frame, size, 1);
	read_counts(fixture, &after);
	outcome = difference(fixture, &before, &after);
	outcome.is_dropped = verdict == XDP_DROP;
	if (outcome.is_dropped != (outcome.reason >= GUARD_FIRST_DROP && !outcome.is_monitored))
		die("verdict %u, but counted as %u", verdict, outcome.reason);
	return outcome;
}

bool fixture_passes(const struct fixture *fixture, const void *frame, size_t size)
{
	return run_frames(fixture, frame, size, 1) == XDP_PASS;
}

static uint64_t count_dropped(const struct fixture *fixture)
{
	uint64_t dropped = 0;

	for (unsigned i = GUARD_FIRST_DROP; i < GUARD_REASON_COUNT; i++)
		dropped += fixture_outcome(fixture, i).packets;
	return dropped;
}

static uint64_t send_few(const struct fixture *fixture, const void *frame, size_t size,
			 uint64_t packets)
{
	uint64_t passed = 0;

	while (packets--)
		passed += fixture_passes(fixture, frame, size);
	return passed;
}

uint64_t fixture_send_many(const struct fixture *fixture, const void *frame, size_t size,
			   uint64_t packets)
{
	uint64_t before;

	if (packets <= FEW)
		return send_few(fixture, frame, size, packets);
	before = count_dropped(fixture);
	run_frames(fixture, frame, size, packets);
	return packets - (count_dropped(fixture) - before);
}
