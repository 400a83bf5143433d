/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the compiler share: policies made by hand, and the lookup as abi.h tells it. */
#pragma once

#include "compile/image.h"

#define MADE_SETS_MAX 64
#define MADE_RULES_MAX 1025

/* A policy without sets and rules: every default of the model. Freed with made_policy_free. */
struct policy *made_policy(void);
void made_policy_free(struct policy **policy);

/* Returns the set's index. The prefixes are copied. */
size_t add_set(struct policy *policy, const struct prefix *prefixes, size_t n_prefixes);
/* A rule that matches everything and drops it. */
struct rule *add_rule(struct policy *policy, const char *name);
void name_set(struct set_list *list, size_t set);
void add_ports(struct port_list *list, uint16_t first, uint16_t last);
/* The rule then limits. `limit.period_ns` and the like as given. */
void add_limit(struct rule *rule, struct limit limit);

struct prefix prefix_of(const char *text);
struct guard_address address_of(const char *text);

/* The same numbers in every run. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned end);

enum { FAMILY_IPV4, FAMILY_IPV6 };
/* The value of the address's range. Fails the test when the tree is broken. */
uint32_t find_range(const struct image *image, const __u32 roots[2], unsigned family,
		    const struct guard_address *address);
