/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shapes.h"

#include <netinet/in.h>

/* A number of enum guard_shape, taken apart. */
struct shape {
	uint8_t protocol;
	uint8_t flags;
	bool has_flags;
	bool has_ports;
	bool is_fragment;
};

static bool protocol_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static struct shape shape_of(unsigned number)
{
	unsigned row = number & ~255u;
	uint8_t column = number & 255;
	bool is_tcp = row == GUARD_SHAPE_TCP_WHOLE || row == GUARD_SHAPE_TCP_FIRST;
	uint8_t protocol = is_tcp ? IPPROTO_TCP : column;

	return (struct shape){
		.protocol = protocol,
		.flags = is_tcp ? column : 0,
		.has_flags = is_tcp,
		.has_ports = row != GUARD_SHAPE_LATER_FRAGMENT && protocol_has_ports(protocol),
		.is_fragment = row != GUARD_SHAPE_WHOLE && row != GUARD_SHAPE_TCP_WHOLE,
	};
}

static bool fragment_fits(const struct rule *rule, const struct shape *shape)
{
	return rule->fragment == FRAGMENT_ANY ||
	       (rule->fragment == FRAGMENT_ONLY) == shape->is_fragment;
}

static bool flags_fit(const struct rule *rule, const struct shape *shape)
{
	if (!rule->flags_set && !rule->flags_clear)
		return true;
	return shape->has_flags && (shape->flags & rule->flags_set) == rule->flags_set &&
	       (shape->flags & rule->flags_clear) == 0;
}

static bool rule_allows(const struct rule *rule, const struct shape *shape)
{
	bool needs_ports = rule->to_ports.n_ranges || rule->from_ports.n_ranges;

	return fragment_fits(rule, shape) && flags_fit(rule, shape) &&
	       rule_has_protocol(rule, shape->protocol) && (shape->has_ports || !needs_ports);
}

bool rule_asks_for_shape(const struct rule *rule)
{
	/* Ports alone need no shape: packets without them have the port GUARD_NO_PORT. */
	return !rule->any_protocol || rule->flags_set || rule->flags_clear ||
	       rule->fragment != FRAGMENT_ANY;
}

int shapes_compile(const struct policy *policy, struct vectors *vectors,
		   __u16 ret_shapes[GUARD_SHAPES])
{
	for (unsigned number = 0; number < GUARD_SHAPES; number++) {
		struct shape shape = shape_of(number);
		struct vector allowed = {};
		int r;

		for (size_t i = 0; i < policy->n_rules; i++) {
			if (rule_allows(&policy->rules[i], &shape))
				vector_add(&allowed, i);
		}
		r = vectors_intern(vectors, &allowed, &ret_shapes[number]);
		if (r < 0)
			return r;
	}
	return 0;
}
