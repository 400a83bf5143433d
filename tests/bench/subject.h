/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real packet program over tables of its own: nothing pinned, no interface touched. Whatever fails
 * ends the benchmark with a message.
 */
#pragma once

#include "compile/identity.h"
#include "guard/guard.h"
#include "guard/program.h"
#include "guard/source_table.h"

struct subject {
	struct guard *guard;
	struct identity identity;
	struct xdpguard_bpf *program;
	struct xdpguard_bpf *timed; /* over the same tables */
};

struct subject *subject_new(const char *policy, uint32_t capacity);
/* Puts another policy in force. */
void subject_apply(struct subject *subject, const char *policy);
void subject_free(struct subject **subject);

/* As in production. */
int subject_fd(const struct subject *subject);

/*
 * Time is what subject_set_time says: where it matters how many packets come in a second, and must not
 * depend on how fast the machine is. It starts at the present.
 */
int subject_timed_fd(const struct subject *subject);
uint64_t subject_time(const struct subject *subject);
void subject_set_time(struct subject *subject, uint64_t ns);

/* Sources by number, as traffic.bpf.c counts them. */
struct guard_address subject_source(uint32_t number, bool is_ipv6);
/* The table of sources, to enter many. */
struct source_table *subject_table(const struct subject *subject);
void subject_enter(const struct subject *subject, const struct source_table *table, uint32_t first,
		   uint32_t sources, bool is_ipv6);

/* Gives them entries in the table of sources. */
void subject_fill(struct subject *subject, uint32_t first, uint32_t sources, bool is_ipv6);
/* Blocks them by hand. */
void subject_block(struct subject *subject, uint32_t first, uint32_t sources, bool is_ipv6);
