/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sweep over the ports from 0 up: every range of a rule has an edge where it opens and one where
 * it closes, and between two edges all ports have the same vector.
 */
#include "ports.h"

#include "base/cleanup.h"

struct edge {
	uint32_t port;
	uint16_t rule;
	int16_t step; /* 1 opens a range at this port, -1 closes one before it */
};

struct sweep {
	struct edge *edges;
	size_t n_edges;
	uint32_t open[GUARD_RULES_MAX]; /* by rule: its ranges that are open */
	struct vector allowed;
};

static const struct port_list *ports_of(const struct rule *rule, enum port_side side)
{
	return side == PORT_TO ? &rule->to_ports : &rule->from_ports;
}

static int edge_compare(const void *left, const void *right)
{
	const struct edge *l = left, *r = right;

	return l->port < r->port ? -1 : l->port > r->port;
}

static void add_edges(struct sweep *sweep, size_t rule, const struct port_list *ports)
{
	for (size_t i = 0; i < ports->n_ranges; i++) {
		uint32_t first = ports->ranges[i].first, last = ports->ranges[i].last;

		sweep->edges[sweep->n_edges++] = (struct edge){first, rule, 1};
		sweep->edges[sweep->n_edges++] = (struct edge){last + 1, rule, -1};
	}
}

static int sweep_prepare(struct sweep *sweep, const struct policy *policy, enum port_side side)
{
	size_t n_ranges = 0;

	for (size_t i = 0; i < policy->n_rules; i++)
		n_ranges += ports_of(&policy->rules[i], side)->n_ranges;
	sweep->edges = calloc(2 * n_ranges + 1, sizeof(*sweep->edges));
	if (!sweep->edges)
		return -ENOMEM;

	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct port_list *ports = ports_of(&policy->rules[i], side);

		if (ports->n_ranges == 0)
			vector_add(&sweep->allowed, i);
		add_edges(sweep, i, ports);
	}
	qsort(sweep->edges, sweep->n_edges, sizeof(*sweep->edges), edge_compare);
	return 0;
}

static void cross(struct sweep *sweep, const struct edge *edge)
{
	sweep->open[edge->rule] += edge->step;
	if (sweep->open[edge->rule] > 0)
		vector_add(&sweep->allowed, edge->rule);
	else
		vector_remove(&sweep->allowed, edge->rule);
}

static void sweep_free(struct sweep *sweep)
{
	free(sweep->edges);
}

int ports_compile(const struct policy *policy, enum port_side side, struct vectors *vectors,
		  __u16 ret_ports[GUARD_PORTS])
{
	_cleanup_(sweep_free) struct sweep sweep = {};
	size_t next = 0;
	int r;

	r = sweep_prepare(&sweep, policy, side);
	if (r < 0)
		return r;

	/* GUARD_NO_PORT is swept too: every range has closed before it. */
	for (uint32_t port = 0; port < GUARD_PORTS; port++) {
		bool at_edge = port == 0;

		for (; next < sweep.n_edges && sweep.edges[next].port == port; next++) {
			cross(&sweep, &sweep.edges[next]);
			at_edge = true;
		}
		if (!at_edge) {
			ret_ports[port] = ret_ports[port - 1];
			continue;
		}
		r = vectors_intern(vectors, &sweep.allowed, &ret_ports[port]);
		if (r < 0)
			return r;
	}
	return 0;
}
