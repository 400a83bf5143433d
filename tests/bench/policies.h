/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies to measure under, of any size. All decide alike about the benchmark's packets, which no rule
 * but the last few match:
 *
 *     from a source of POLICY_DENIED on  → rule "denied"
 *     to POLICY_PORT_LIMITED             → rule "limited", which they never exceed
 *     to POLICY_PORT_STRICT              → rule "strict", which they mostly do
 *     to another port                    → none
 */
#pragma once

#include <stdint.h>

#define POLICY_DENIED 0xf2000000u
#define POLICY_PORT_LIMITED 53
#define POLICY_PORT_STRICT 123
#define POLICY_PORT_FREE 9
#define POLICY_STRICT_RATE 1 /* packets a second */
#define POLICY_STRICT_BURST 5

#define POLICY_RULES_MIN 3

struct policy_size {
	unsigned rules;	   /* POLICY_RULES_MIN..1024; beyond the least, each uses every field */
	uint32_t prefixes; /* IPv4 ones, and as many IPv6 ones, in a set that rule "listed" drops */
	uint32_t capacity;
};

/* A policy and its list in a temporary folder. */
struct policy_files {
	char dir[32];
	char policy[64];
	char list[64];
};

void policy_files_make(const struct policy_size *size, struct policy_files *ret_files);
void policy_files_remove(const struct policy_files *files);
