/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy in canonical words: one meaning, one text, whatever the file looked like. */
#pragma once

#include "policy/policy.h"

/*
 * One line, for the diff that apply prints and for the hash: "from office, protocol tcp, to_port
 * 80,443: limit 2k/s burst 200 per source". Names of sets stand for their members. Caller frees.
 * NULL: no memory.
 */
char *rule_describe(const struct policy *policy, const struct rule *rule);

/* Its prefixes; of more than a few how many and a hash. Caller frees. NULL: no memory. */
char *set_describe(const struct set *set);

/* Everything but interfaces, rules and sets: mode, default, sources, chain. Caller frees. */
char *policy_describe_settings(const struct policy *policy);

/* FNV-1a over the canonical text and every set's members: equal for policies that judge alike. */
uint64_t policy_hash(const struct policy *policy);
