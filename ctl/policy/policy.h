/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model: one policy file as plain structs, with every default filled in. Knows neither YAML nor
 * BPF. load.h makes it, compile/ turns it into tables.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define POLICY_LIMITS_PER_RULE 4

/* Where something stands in a file, for messages. `file` lives as long as the policy. */
struct place {
	const char *file;
	unsigned line;	 /* from 1 */
	unsigned column; /* from 1 */
	unsigned length; /* of the text to underline; 0: unknown */
};

/* Prefixes, IPv4 before IPv6, sorted, none within another; sets and files are flattened in. */
struct set {
	char *name; /* NULL: written inside a rule */
	struct prefix *prefixes;
	size_t n_prefixes;
	struct place place;
};

/* Indexes into policy.sets: a member of any of them is a member. */
struct set_list {
	size_t *sets;
	size_t n_sets;
};

struct port_range {
	uint16_t first;
	uint16_t last;
};

struct port_list {
	struct port_range *ranges;
	size_t n_ranges;
};

enum rule_action {
	RULE_PASS,
	RULE_DROP,
	RULE_LIMIT,
};

enum limit_per {
	PER_SOURCE,
	PER_PREFIX,
	PER_ALL,
};

struct limit {
	uint64_t packets; /* in period_ns; 0: no packet rate */
	uint64_t period_ns;
	uint64_t burst;		  /* packets; at least 1 when packets is set */
	uint64_t bits_per_second; /* 0: no bandwidth */
	uint64_t block_first_ns;  /* 0: no block */
	uint64_t block_max_ns;
	uint32_t block_factor; /* at least 1 */
	enum limit_per per;
	uint8_t bits_ipv4; /* PER_PREFIX: 0..32 */
	uint8_t bits_ipv6; /* PER_PREFIX: 0..128 */
	struct place place;
};

enum fragment_match {
	FRAGMENT_ANY,  /* the rule does not ask */
	FRAGMENT_ONLY, /* first and later fragments */
	FRAGMENT_NONE, /* whole packets */
};

/*
 * An empty from or to, an empty port list and any_protocol allow everything. Rules with ports or
 * flags name their protocols: those that have them.
 */
struct rule {
	char *name;
	enum rule_action action;
	bool monitor;
	struct set_list from, not_from;
	struct set_list to, not_to;
	bool any_protocol;
	uint64_t protocols[4]; /* bit n: protocol number n */
	struct port_list to_ports;
	struct port_list from_ports;
	uint8_t flags_set; /* TCP flags byte: fin 1 syn 2 rst 4 psh 8 ack 16 urg 32 ece 64 cwr 128
			    */
	uint8_t flags_clear;
	enum fragment_match fragment;
	struct limit limits[POLICY_LIMITS_PER_RULE]; /* RULE_LIMIT; in the file's order */
	size_t n_limits;
	struct place place;
};

enum attach_mode {
	ATTACH_AUTO, /* native, else generic with a warning */
	ATTACH_NATIVE,
	ATTACH_GENERIC,
	ATTACH_OFFLOAD,
};

struct chain {
	unsigned priority; /* lower runs earlier */
	/* Bit n: XDP action n (XDP_ABORTED 0 … XDP_REDIRECT 4) hands on to the next program. */
	unsigned on;
	enum attach_mode attach;
};

struct policy {
	char *name; /* the file's name without its folder */
	char *path; /* as given; "-" is standard input */
	char **interfaces;
	size_t n_interfaces;
	bool monitor;
	bool default_drop;
	bool malformed_pass;
	struct chain chain;
	uint32_t capacity;	/* sources tracked at once; 0: auto */
	uint8_t aggregate_ipv4; /* 1..32 */
	uint8_t aggregate_ipv6; /* 1..128 */
	bool admit_always;
	struct set *sets;
	size_t n_sets;
	struct rule *rules;
	size_t n_rules;
	char **files; /* every list file read, for place.file and for watching */
	size_t n_files;
};

/* Accepts NULL and half-built policies; sets *policy to NULL. */
void policy_free(struct policy **policy);

/* True when the rule asks for `protocol`, or for none. */
bool rule_has_protocol(const struct rule *rule, uint8_t protocol);
