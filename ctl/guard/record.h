/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool has to know of the policy in force and the packet program need not: names, words, when it
 * was applied. Kept as JSON, behind its sum, in a pinned map beside each policy slot, so that it changes with the policy.
 */
#pragma once

#include "compile/identity.h"
#include "guard.h"

/* A set that rules name. */
struct record_set {
	char *name;
	char *words; /* set_describe */
};

struct record {
	char *name; /* of the policy file */
	char *path; /* absolute */
	uint64_t hash;
	uint64_t number;	/* in the history; 0: it is not kept there */
	uint64_t applied_ns;	/* since 1970 */
	char *settings;		/* policy_describe_settings */
	uint8_t aggregate_ipv4; /* leading bits that make one source */
	uint8_t aggregate_ipv6;
	char **rules; /* rule_describe, by identity.rules */
	struct identity identity;
	struct record_set *sets; /* by name */
	size_t n_sets;
};

/* What the old policy of the same guard left is in *identity; takes it over. */
int record_new(const struct policy *policy, struct identity *identity, struct record **ret_record);

/* Accepts NULL; sets *record to NULL. */
void record_free(struct record **record);

/* The record of the policy in force. -ENOENT: none ever was. -EBADMSG: it cannot be read. */
int record_read(const struct guard *guard, struct record **ret_record, struct why *why);

/* Tells the record of the policy in force from any other; 0: there is none. */
uint64_t record_stamp(const struct guard *guard);

/* Writes the record that goes with policy slot `slot`. */
int record_write(const struct guard *guard, uint32_t slot, const struct record *record,
		 struct why *why);

/* Name of the rule with this slot, or NULL. */
const char *record_rule_name(const struct record *record, uint32_t slot);
