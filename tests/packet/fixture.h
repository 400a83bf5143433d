/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real packet program over tables of its own, with a clock that the test sets: nothing pinned, no
 * interface touched. Everything that a test does not expect to fail ends it with a message.
 */
#pragma once

#include "compile/image.h"
#include "guard/guard.h"
#include "guard/program.h"
#include "guard/push.h"
#include "guard/read.h"
#include "pool.h"

struct fixture {
	struct loaded loaded;
	unsigned n_interfaces;
	struct guard *guard;	      /* the one that is loaded */
	struct xdpguard_bpf *program; /* of the interface that packets come by */
	struct policy *policy;
	struct identity identity;
	bool has_admission;
	uint32_t interface;		/* its row of map outcomes */
	struct program_options options; /* of the first interface */
	bool is_kept;			/* what is loaded, for the next fixture */
};

struct fixture_options {
	bool has_admission;  /* sources are admitted as outside of tests; else all are, at once */
	uint32_t blocks;     /* room for so many; 0: as outside of tests */
	uint32_t interface;  /* row of map outcomes */
	unsigned interfaces; /* so many, in this row and the next; 0: one */
};

/* What became of one packet. */
struct outcome {
	bool is_dropped;
	bool is_monitored;
	enum guard_reason reason;
	const char *rule; /* that decided, or NULL */
};

/* 0, or -EPERM and a reason where this machine may not load XDP programs. */
int fixture_can_run(struct why *why);

/* A guard with the policy in force; text is YAML. */
struct fixture *fixture_from_file(const char *path, const struct fixture_options *options);
struct fixture *fixture_from_text(const char *text);
/* `text` NULL: no policy is in force. */
struct fixture *fixture_with(const char *text, const struct fixture_options *options);
void fixture_free(struct fixture **fixture);

/* Puts another policy in force, as apply does: counters, blocks and budgets stay. */
void fixture_apply_text(struct fixture *fixture, const char *text);

void fixture_set_time(struct fixture *fixture, uint64_t ns);
/* Jiffies may lag behind the precise clock. */
void fixture_set_clocks(struct fixture *fixture, uint64_t coarse_ns, uint64_t precise_ns);

/* From now on packets come by this of its interfaces, and outcomes are of that one. */
void fixture_enter_by(struct fixture *fixture, unsigned number);

struct outcome fixture_send(struct fixture *fixture, const void *frame, size_t size);
/* Only whether it passed, or how many of so many at one moment: quick, for the packets of a limit. */
bool fixture_passes(const struct fixture *fixture, const void *frame, size_t size);
uint64_t fixture_send_many(const struct fixture *fixture, const void *frame, size_t size,
			   uint64_t packets);

/* As `xdpguard block` and `unblock`. */
void fixture_block(struct fixture *fixture, const char *prefix, const struct guard_block *block);
/* False: nothing was there. */
bool fixture_unblock(struct fixture *fixture, const char *prefix);
/* False: nothing was ever blocked there, or it was lifted. */
bool fixture_find_block(const struct fixture *fixture, const char *prefix,
			struct guard_block *ret_block);

/* Counters, summed over CPUs. */
struct guard_count fixture_outcome(const struct fixture *fixture, unsigned outcome);
struct guard_rule_count fixture_rule(const struct fixture *fixture, const char *name);
/* False: the source is not in the table. */
bool fixture_source(const struct fixture *fixture, const char *address, struct guard_source *ret);
struct admission fixture_admission(const struct fixture *fixture);
