/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lockout.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "cover.h"
#include "protocol.h"

#define NS_PER_S 1000000000ull
#define PACKETS_ENOUGH 1000 /* a second */
#define BITS_ENOUGH 10000000
#define FLAG_SYN 2
#define FLAG_PSH 8  /* what is typed has it beside */
#define FLAG_ACK 16 /* every packet of a running session has it */

/* Of the packets that come in. `flags`: of one of them. */
struct session {
	struct prefix from, to;
	struct port_range from_port, to_port;
	uint8_t flags;
};

static bool parse_address(char *text, struct prefix *ret_address)
{
	bool has_host_bits;

	if (!text)
		return false;
	text[strcspn(text, "%")] = '\0'; /* fe80::1%eth0 */
	return prefix_parse(text, ret_address, &has_host_bits) == 0;
}

static bool parse_port(const char *text, struct port_range *ret_port)
{
	return text && protocol_parse_ports(text, ret_port) == 0;
}

/* "198.51.100.7 50022 192.0.2.1 22", as sshd puts it. */
static bool parse_session(char *text, struct session *ret_session)
{
	char *rest;

	ret_session->flags = FLAG_ACK;
	return parse_address(strtok_r(text, " ", &rest), &ret_session->from) &&
	       parse_port(strtok_r(NULL, " ", &rest), &ret_session->from_port) &&
	       parse_address(strtok_r(NULL, " ", &rest), &ret_session->to) &&
	       parse_port(strtok_r(NULL, " ", &rest), &ret_session->to_port);
}

static bool allows_address(const struct policy *policy, const struct set_list *list,
			   const struct set_list *not_list, const struct prefix *address)
{
	return (list->n_sets == 0 || cover_holds(policy, list, address)) &&
	       !cover_holds(policy, not_list, address);
}

static bool allows_port(const struct port_list *ports, uint16_t port)
{
	for (size_t i = 0; i < ports->n_ranges; i++)
		if (port >= ports->ranges[i].first && port <= ports->ranges[i].last)
			return true;
	return ports->n_ranges == 0;
}

static bool matches(const struct policy *policy, const struct rule *rule,
		    const struct session *session)
{
	return rule_has_protocol(rule, IPPROTO_TCP) && rule->fragment != FRAGMENT_ONLY &&
	       (rule->flags_set & ~session->flags) == 0 &&
	       (rule->flags_clear & session->flags) == 0 &&
	       allows_port(&rule->to_ports, session->to_port.first) &&
	       allows_port(&rule->from_ports, session->from_port.first) &&
	       allows_address(policy, &rule->from, &rule->not_from, &session->from) &&
	       allows_address(policy, &rule->to, &rule->not_to, &session->to);
}

static const struct rule *first_match(const struct policy *policy, const struct session *session)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		if (matches(policy, &policy->rules[i], session))
			return &policy->rules[i];
	return NULL;
}

__attribute__((format(printf, 4, 5))) static void warn(struct loader *loader,
						       const struct session *session,
						       const struct place *place,
						       const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	char address[ADDRESS_TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	loader_warn_at(loader, place, "your SSH session from %s to port %u %s",
		       prefix_format(&session->from, address), session->to_port.first, text ?: "");
}

/* What a terminal can do with; a file transfer takes more, and is only slowed down. */
static bool is_low(const struct limit *limit)
{
	return (limit->packets && limit->packets < PACKETS_ENOUGH * limit->period_ns / NS_PER_S) ||
	       (limit->bits_per_second && limit->bits_per_second < BITS_ENOUGH);
}

/* How a limit could end or hinder the session; NULL: it hardly can. */
static const char *hindrance(const struct limit *limit)
{
	if (limit->per == PER_ALL)
		return "shares a budget with everybody, so that a flood would cut it off: rule";
	if (limit->block_first_ns)
		return "would be blocked as soon as it exceeds a limit, as a file transfer may: "
		       "rule";
	if (limit->per == PER_PREFIX)
		return "shares a budget with its network, so that a flood from there would cut it "
		       "off: rule";
	return is_low(limit) ? "would be slowed down by a low limit: rule" : NULL;
}

static void check_limits(struct loader *loader, const struct session *session,
			 const struct rule *rule)
{
	const char *words = NULL;

	for (size_t i = 0; !words && i < rule->n_limits; i++)
		words = hindrance(&rule->limits[i]);
	if (words)
		warn(loader, session, &rule->place, "%s \"%s\"", words, rule->name);
}

static void check_rule(struct loader *loader, const struct session *session,
		       const struct rule *rule)
{
	if (rule->monitor)
		return;
	if (rule->action == RULE_DROP)
		warn(loader, session, &rule->place, "would be cut off: rule \"%s\" drops it",
		     rule->name);
	check_limits(loader, session, rule);
}

/* A rule of its own for packets that carry what is typed. */
static void check_typing(struct loader *loader, const struct session *running,
			 const struct rule *rule_of_running)
{
	struct session session = *running;
	const struct rule *rule;

	session.flags = FLAG_ACK | FLAG_PSH;
	rule = first_match(loader->policy, &session);
	if (rule && rule != rule_of_running)
		check_rule(loader, &session, rule);
}

/* Only what opens a connection: a rule of its own, which the running session never meets. */
static void check_opening(struct loader *loader, const struct session *running,
			  const struct rule *rule_of_running)
{
	struct session session = *running;
	const struct rule *rule;

	session.flags = FLAG_SYN;
	rule = first_match(loader->policy, &session);
	if (!rule || rule == rule_of_running || rule->monitor)
		return;
	if (rule->action == RULE_DROP)
		warn(loader, &session, &rule->place,
		     "could not be opened again: rule \"%s\" drops new connections", rule->name);
	for (size_t i = 0; i < rule->n_limits; i++)
		if (rule->limits[i].block_first_ns) {
			warn(loader, &session, &rule->place,
			     "would be blocked as soon as new connections from there exceed a "
			     "limit: rule \"%s\"",
			     rule->name);
			return;
		}
}

bool lockout_is_passed(const struct policy *policy, const char *connection)
{
	_cleanup_free_ char *text = strdup(connection);
	const struct rule *rule;
	struct session session;

	if (!text || !parse_session(text, &session))
		return false;
	rule = first_match(policy, &session);
	return rule && rule->action == RULE_PASS;
}

void lockout_check(struct loader *loader)
{
	const char *connection = loader->context->ssh_connection;
	_cleanup_free_ char *text = connection ? loader_copy(loader, connection) : NULL;
	const struct policy *policy = loader->policy;
	const struct rule *rule;
	struct session session;
	struct place place;

	if (!text || policy->monitor || !parse_session(text, &session))
		return;
	rule = first_match(policy, &session);
	if (rule) {
		check_rule(loader, &session, rule);
	} else if (policy->default_drop) {
		place = loader_place(loader, node_find(loader->document->root, "default"));
		warn(loader, &session, &place,
		     "would be cut off: no rule passes it, and the default is drop");
	}
	check_typing(loader, &session, rule);
	check_opening(loader, &session, rule);
}
