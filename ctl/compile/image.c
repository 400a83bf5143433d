/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image.h"

#include <string.h>

#include "addresses.h"
#include "base/cleanup.h"
#include "limits.h"
#include "ports.h"
#include "shapes.h"
#include "vectors.h"

_Static_assert(POLICY_LIMITS_PER_RULE == GUARD_LIMITS_PER_RULE, "a rule's limits fit");

/*
 * On each side of a packet a prefix makes two edges, an edge at most three ranges, a range at most
 * a cell and a half: so many prefixes still number their cells below GUARD_RANGE_NUMBER.
 */
#define PREFIXES_MAX (1u << 24)

/* An image being made, and what its parts share. */
struct compiler {
	struct guard_policy *image;
	struct vectors vectors;
	struct cell_list cells;
	struct address_trees from, to;
};

static void compiler_free(struct compiler **compiler)
{
	if (!*compiler)
		return;
	free((*compiler)->image);
	cell_list_free(&(*compiler)->cells);
	free(*compiler);
}

static int compiler_new(struct compiler **ret_compiler)
{
	_cleanup_(compiler_free) struct compiler *compiler = calloc(1, sizeof(*compiler));

	if (!compiler)
		return -ENOMEM;
	compiler->image = calloc(1, sizeof(*compiler->image));
	if (!compiler->image)
		return -ENOMEM;
	compiler->vectors.table = compiler->image->vectors;
	*ret_compiler = take_ptr(compiler);
	return 0;
}

static size_t count_prefixes(const struct policy *policy)
{
	size_t n_prefixes = 0;

	for (size_t i = 0; i < policy->n_sets; i++)
		n_prefixes += policy->sets[i].n_prefixes;
	return n_prefixes;
}

static int check_size(const struct policy *policy, struct diagnostics *diagnostics)
{
	size_t n_prefixes = count_prefixes(policy);

	if (policy->n_rules > GUARD_RULES_MAX) {
		const struct place *place = &policy->rules[GUARD_RULES_MAX].place;

		diagnostics_add(diagnostics, true, place->file, place->line, place->column,
				place->length, NULL, "%zu rules: the compiled form holds %d",
				policy->n_rules, GUARD_RULES_MAX);
		return -E2BIG;
	}
	if (n_prefixes > PREFIXES_MAX) {
		diagnostics_add(diagnostics, true, policy->path, 0, 0, 0, NULL,
				"%zu prefixes in all sets: the compiled form holds %u", n_prefixes,
				PREFIXES_MAX);
		return -E2BIG;
	}
	return 0;
}

static __u32 fields_of(const struct rule *rule)
{
	return (rule_asks_for_address(rule, ADDRESS_FROM) ? GUARD_FIELD_FROM : 0) |
	       (rule_asks_for_address(rule, ADDRESS_TO) ? GUARD_FIELD_TO : 0) |
	       (rule_asks_for_shape(rule) ? GUARD_FIELD_SHAPE : 0) |
	       (rule->to_ports.n_ranges ? GUARD_FIELD_TO_PORT : 0) |
	       (rule->from_ports.n_ranges ? GUARD_FIELD_FROM_PORT : 0);
}

static __u8 action_of(enum rule_action action)
{
	switch (action) {
	case RULE_PASS:
		return GUARD_ACTION_PASS;
	case RULE_DROP:
		return GUARD_ACTION_DROP;
	case RULE_LIMIT:
		break;
	}
	return GUARD_ACTION_LIMIT;
}

static void compile_settings(const struct policy *policy, struct guard_policy *image)
{
	image->monitor = policy->monitor;
	image->admit_always = policy->admit_always;
	image->default_action = policy->default_drop ? GUARD_ACTION_DROP : GUARD_ACTION_PASS;
	image->malformed_action = policy->malformed_pass ? GUARD_ACTION_PASS : GUARD_ACTION_DROP;
	image->aggregate[RANGE_IPV4] = ADDRESS_IPV4_BITS + policy->aggregate_ipv4;
	image->aggregate[RANGE_IPV6] = policy->aggregate_ipv6;
	for (size_t i = 0; i < RANGE_FAMILIES; i++) {
		memset(&image->source_mask[i], 0xff, sizeof(image->source_mask[i]));
		address_mask(&image->source_mask[i], image->aggregate[i]);
	}
}

static void compile_rules(const struct policy *policy, struct guard_policy *image)
{
	size_t next_limit = 0;

	image->rules = policy->n_rules;
	image->words = (policy->n_rules + 63) / 64;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct rule *rule = &policy->rules[i];
		struct guard_limit *limits = &image->limit[next_limit];

		image->fields |= fields_of(rule);
		image->rule[i] = (struct guard_rule){
			.slot = i,
			.first_limit = next_limit,
			.limits = rule->n_limits,
			.action = action_of(rule->action),
			.monitor = rule->monitor,
		};
		limits_compile(rule, limits);
		for (size_t n = 0; n < rule->n_limits; n++) {
			limits[n].slot = i * GUARD_LIMITS_PER_RULE + n;
			limits[n].id = limits[n].slot + 1;
		}
		next_limit += rule->n_limits;
	}
}

/* Fields that no rule asks for are compiled too, so that no table leads to a wrong vector. */
static int compile_fields(const struct policy *policy, struct compiler *compiler)
{
	struct vectors *vectors = &compiler->vectors;
	struct guard_policy *image = compiler->image;
	int r;

	r = shapes_compile(policy, vectors, image->shape);
	if (r < 0)
		return r;
	r = ports_compile(policy, PORT_TO, vectors, image->to_port);
	if (r < 0)
		return r;
	r = ports_compile(policy, PORT_FROM, vectors, image->from_port);
	if (r < 0)
		return r;
	r = addresses_compile(policy, ADDRESS_FROM, vectors, &compiler->cells, &compiler->from);
	if (r < 0)
		return r;
	r = addresses_compile(policy, ADDRESS_TO, vectors, &compiler->cells, &compiler->to);
	if (r < 0)
		return r;

	memcpy(image->from_root, compiler->from.roots, sizeof(image->from_root));
	memcpy(image->to_root, compiler->to.roots, sizeof(image->to_root));
	return 0;
}

static int make_image(struct compiler *compiler, struct image **ret_image)
{
	struct image *image = malloc(sizeof(*image));

	if (!image)
		return -ENOMEM;
	*image = (struct image){
		.policy = take_ptr(compiler->image),
		.cells = compiler->cells.items,
		.n_cells = compiler->cells.n_items,
		.n_ranges = compiler->from.n_ranges,
		.n_classes = compiler->from.n_classes,
		.n_vectors = compiler->vectors.n_vectors,
	};
	compiler->cells = (struct cell_list){};
	*ret_image = image;
	return 0;
}

int image_compile(const struct policy *policy, struct diagnostics *diagnostics,
		  struct image **ret_image)
{
	_cleanup_(compiler_free) struct compiler *compiler = NULL;
	int r;

	r = check_size(policy, diagnostics);
	if (r < 0)
		return r;
	r = compiler_new(&compiler);
	if (r < 0)
		return r;

	compile_settings(policy, compiler->image);
	compile_rules(policy, compiler->image);
	r = compile_fields(policy, compiler);
	if (r == -E2BIG)
		diagnostics_add(
			diagnostics, true, policy->path, 0, 0, 0, NULL,
			"addresses, ports and protocols fall into more than %d combinations of "
			"rules, which the compiled form cannot hold: let fewer sets and port "
			"ranges overlap, or use fewer rules",
			GUARD_VECTORS_MAX);
	if (r < 0)
		return r;
	return make_image(compiler, ret_image);
}

void image_free(struct image **image)
{
	if (!*image)
		return;
	free((*image)->policy);
	free((*image)->cells);
	free(*image);
	*image = NULL;
}
