// SPDX-License-Identifier: GPL-2.0-or-later
#include "subject.h"

#include <arpa/inet.h>
#include <err.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "guard/blocks.h"
#include "guard/clock.h"
#include "guard/push.h"
#include "guard/source_table.h"
#include "policy/load.h"

static struct policy *load(const char *path)
{
	struct diagnostics diagnostics = {};
	struct policy *policy = NULL;
	int r = policy_load(path, &(struct load_context){}, &diagnostics, &policy);

	for (size_t i = 0; r < 0 && i < diagnostics.n_items; i++)
		warnx("%s:%u:%u: %s", diagnostics.items[i].file, diagnostics.items[i].line,
		      diagnostics.items[i].column, diagnostics.items[i].text);
	if (r < 0)
		errx(1, "%s: the policy does not load: %s", path, strerror(-r));
	diagnostics_free(&diagnostics);
	return policy;
}

void subject_apply(struct subject *subject, const char *path)
{
	struct fresh_slots *fresh = malloc(sizeof(*fresh));
	struct diagnostics diagnostics = {};
	struct policy *policy = load(path);
	struct identity identity = {};
	struct image *image = NULL;
	struct why why = {};

	if (!fresh || image_compile(policy, &diagnostics, &image) < 0)
		errx(1, "%s: the policy does not compile", path);
	if (identity_assign(&subject->identity, policy, image, &identity, fresh) < 0)
		errx(1, "%s: identities cannot be assigned", path);
	if (push_prepare(subject->guard, image, fresh, NULL, &why) < 0)
		errx(1, "%s", why.text);
	push_commit(subject->guard);

	identity_free(&subject->identity);
	subject->identity = identity;
	policy_free(&policy);
	diagnostics_free(&diagnostics);
	image_free(&image);
	free(fresh);
}

static struct xdpguard_bpf *open_program(const struct subject *subject, bool has_test_clock)
{
	const struct program_options options = {
		.has_test_clock = has_test_clock,
		.is_alone = true,
	};
	struct xdpguard_bpf *program;
	struct why why = {};

	if (program_open(subject->guard, &options, &program, &why) < 0)
		errx(1, "%s", why.text);
	return program;
}

struct subject *subject_new(const char *policy, uint32_t capacity)
{
	struct subject *subject = calloc(1, sizeof(*subject));
	struct why why = {};

	if (!subject || guard_create(NULL, capacity, &subject->guard, &why) < 0)
		errx(1, "%s", why.text);
	subject_apply(subject, policy);
	subject->program = open_program(subject, false);
	subject->timed = open_program(subject, true);
	subject_set_time(subject, clock_now_read().units >> GUARD_TIME_SHIFT);
	return subject;
}

void subject_free(struct subject **subject)
{
	struct subject *s = *subject;

	if (!s)
		return;
	program_close(&s->program);
	program_close(&s->timed);
	identity_free(&s->identity);
	guard_close(&s->guard);
	free(s);
	*subject = NULL;
}

int subject_fd(const struct subject *subject)
{
	return program_fd(subject->program);
}

int subject_timed_fd(const struct subject *subject)
{
	return program_fd(subject->timed);
}

uint64_t subject_time(const struct subject *subject)
{
	return subject->guard->memory->test_coarse;
}

void subject_set_time(struct subject *subject, uint64_t ns)
{
	subject->guard->memory->test_coarse = ns;
	subject->guard->memory->test_precise = ns;
}

struct guard_address subject_source(uint32_t number, bool is_ipv6)
{
	struct guard_address address = {};
	uint32_t word = htonl(number);

	if (is_ipv6) {
		memcpy(address.bytes, "\x20\x01\x0d\xb8", 4);
		memcpy(address.bytes + 4, &word, sizeof(word));
	} else {
		memset(address.bytes + 10, 0xff, 2);
		memcpy(address.bytes + 12, &word, sizeof(word));
	}
	return address;
}

struct source_table *subject_table(const struct subject *subject)
{
	struct source_table *table;
	struct why why = {};

	if (source_table_map(subject->guard, true, &table, &why) < 0)
		errx(1, "%s", why.text);
	return table;
}

void subject_enter(const struct subject *subject, const struct source_table *table, uint32_t first,
		   uint32_t sources, bool is_ipv6)
{
	struct guard_source source = {};

	source.first_seen = source.last_seen = subject_time(subject) << GUARD_TIME_SHIFT;
	for (uint32_t i = 0; i < sources; i++) {
		source.address = subject_source(first + i, is_ipv6);
		source_table_enter(table, &source, false);
	}
}

void subject_fill(struct subject *subject, uint32_t first, uint32_t sources, bool is_ipv6)
{
	struct source_table *table = subject_table(subject);

	subject_enter(subject, table, first, sources, is_ipv6);
	source_table_unmap(&table);
}

void subject_block(struct subject *subject, uint32_t first, uint32_t sources, bool is_ipv6)
{
	const struct guard_block block = {
		.until = GUARD_FOREVER, .flags = GUARD_BLOCK_BY_HAND, .reason = "benchmark"};
	struct prefix *prefixes = calloc(sources, sizeof(*prefixes));
	struct why why = {};
	size_t done;

	if (!prefixes)
		err(1, NULL);
	for (uint32_t i = 0; i < sources; i++)
		prefixes[i] =
			(struct prefix){subject_source(first + i, is_ipv6), is_ipv6 ? 64 : 128};
	if (blocks_add(subject->guard, prefixes, sources, &block, &done, &why) < 0)
		errx(1, "%s", why.text);
	free(prefixes);
}
