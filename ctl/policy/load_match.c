/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_match.h"

#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "protocol.h"

static void add_protocol(struct rule *rule, unsigned protocol)
{
	rule->any_protocol = false;
	rule->protocols[protocol / 64] |= 1ull << protocol % 64;
}

static void read_protocol(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] =
		"tcp, udp, icmp, icmpv6, sctp, gre, esp or a number from 0 to 255";
	const char *text;
	int protocol;

	if (!loader_text(loader, value, expected, &text))
		return;
	protocol = protocol_parse(text);
	if (protocol < 0)
		loader_unexpected(loader, value, expected);
	else
		add_protocol(target, (unsigned)protocol);
}

void load_protocol(struct loader *loader, const struct node *value, void *target)
{
	loader_each(loader, value, read_protocol, target);
}

static void read_ports(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] =
		"a port from 0 to 65535, a range such as 8000-8099 or a service name";
	struct port_list *ports = target;
	struct port_range range, *grown;
	const char *text;

	if (!loader_text(loader, value, expected, &text))
		return;
	if (protocol_parse_ports(text, &range) < 0) {
		loader_unexpected(loader, value, expected);
		return;
	}
	grown = reallocarray(ports->ranges, ports->n_ranges + 1, sizeof(*grown));
	if (!grown) {
		loader->error = -ENOMEM;
		return;
	}
	ports->ranges = grown;
	ports->ranges[ports->n_ranges++] = range;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct port_range *x = a, *y = b;

	return x->first != y->first ? (int)x->first - (int)y->first : (int)x->last - (int)y->last;
}

/* Sorted, and joined where they touch: the same ports are the same list. */
static void join_ranges(struct port_list *ports)
{
	size_t n_kept = 0;

	if (ports->n_ranges)
		qsort(ports->ranges, ports->n_ranges, sizeof(*ports->ranges), compare_ranges);
	for (size_t i = 0; i < ports->n_ranges; i++) {
		struct port_range range = ports->ranges[i];
		struct port_range *last = n_kept ? &ports->ranges[n_kept - 1] : NULL;

		if (!last || range.first > last->last + 1)
			ports->ranges[n_kept++] = range;
		else if (range.last > last->last)
			last->last = range.last;
	}
	ports->n_ranges = n_kept;
}

void load_ports(struct loader *loader, const struct node *value, void *target)
{
	loader_each(loader, value, read_ports, target);
	join_ranges(target);
}

static void read_flag(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] =
		"fin, syn, rst, psh, ack, urg, ece or cwr, or one of them behind a \"!\"";
	struct rule *rule = target;
	const char *text;

	if (!loader_text(loader, value, expected, &text))
		return;
	for (unsigned i = 0; i < PROTOCOL_FLAGS; i++)
		if (strcmp(text + (*text == '!'), protocol_flags[i]) == 0) {
			*(*text == '!' ? &rule->flags_clear : &rule->flags_set) |=
				(uint8_t)(1 << i);
			return;
		}
	loader_unexpected(loader, value, expected);
}

void load_tcp_flags(struct loader *loader, const struct node *value, void *target)
{
	struct rule *rule = target;
	char path[NODE_PATH_SIZE];

	loader_each(loader, value, read_flag, rule);
	if (rule->flags_set & rule->flags_clear)
		loader_error(loader, value, "%s: the same flag both set and clear",
			     node_path(value, path));
}

void load_fragment(struct loader *loader, const struct node *value, void *target)
{
	struct rule *rule = target;
	bool is_fragment = false;

	if (loader_flag(loader, value, "false", "true", &is_fragment))
		rule->fragment = is_fragment ? FRAGMENT_ONLY : FRAGMENT_NONE;
}

/* Ports of a protocol that has none: the first such one is named. */
static void check_ports(struct loader *loader, const struct node *ports, const struct rule *rule)
{
	char path[NODE_PATH_SIZE], name[PROTOCOL_TEXT_SIZE];

	for (unsigned protocol = 0; ports && protocol < 256; protocol++)
		if (rule_has_protocol(rule, (uint8_t)protocol) && !protocol_has_ports(protocol)) {
			loader_error(loader, ports, "%s: protocol %s has no ports",
				     node_path(ports, path), protocol_format(protocol, name));
			return;
		}
}

/* Only TCP has flags: whatever else the rule names can't match. */
static void finish_flags(struct loader *loader, const struct node *flags, struct rule *rule)
{
	char path[NODE_PATH_SIZE];

	if (!rule_has_protocol(rule, IPPROTO_TCP))
		loader_error(loader, flags, "%s: only protocol tcp has these flags",
			     node_path(flags, path));
	memset(rule->protocols, 0, sizeof(rule->protocols));
	add_protocol(rule, IPPROTO_TCP);
}

void load_match_finish(struct loader *loader, const struct node *node, struct rule *rule)
{
	const struct node *flags = node_find(node, "tcp_flags");
	const struct node *to_port = node_find(node, "to_port");
	const struct node *from_port = node_find(node, "from_port");

	if (!rule->any_protocol) {
		check_ports(loader, to_port, rule);
		check_ports(loader, from_port, rule);
	} else if (to_port || from_port) {
		add_protocol(rule, IPPROTO_TCP);
		add_protocol(rule, IPPROTO_UDP);
		add_protocol(rule, IPPROTO_SCTP);
	}
	if (flags)
		finish_flags(loader, flags, rule);
}
