/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "describe.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "hash.h"
#include "load_settings.h"
#include "protocol.h"
#include "used_sets.h"

#define PREFIXES_SHOWN 8 /* of a set; more are given as a count and a hash */

/* Parts of a line: nothing before the first, `between` before the others. */
struct parts {
	FILE *out;
	const char *between;
	bool is_begun;
};

static FILE *next(struct parts *parts)
{
	if (parts->is_begun)
		fputs(parts->between, parts->out);
	parts->is_begun = true;
	return parts->out;
}

/* Named sets by name. Returns how many there are; -ENOMEM. */
static ssize_t sort_named(const struct policy *policy, const struct set_list *list,
			  const struct set ***ret_sets)
{
	const struct set **sets = calloc(list->n_sets + 1, sizeof(*sets));
	size_t n_named = 0;

	if (!sets)
		return -ENOMEM;
	for (size_t i = 0; i < list->n_sets; i++)
		if (policy->sets[list->sets[i]].name)
			sets[n_named++] = &policy->sets[list->sets[i]];
	qsort(sets, n_named, sizeof(*sets), used_sets_compare);
	*ret_sets = sets;
	return (ssize_t)n_named;
}

static void describe_prefixes(struct parts *words, const struct set *set)
{
	char text[ADDRESS_TEXT_SIZE];

	if (set->n_prefixes > PREFIXES_SHOWN) {
		fprintf(next(words), "%zu prefixes %016" PRIx64, set->n_prefixes,
			hash_prefixes(HASH_START, set));
		return;
	}
	for (size_t i = 0; i < set->n_prefixes; i++)
		fputs(prefix_format(&set->prefixes[i], text), next(words));
}

static int describe_sets(struct parts *parts, const struct policy *policy, const char *key,
			 const struct set_list *list)
{
	struct parts words = {.out = parts->out, .between = ","};
	_cleanup_free_ const struct set **named = NULL;
	ssize_t n_named;

	if (list->n_sets == 0)
		return 0;
	n_named = sort_named(policy, list, &named);
	if (n_named < 0)
		return (int)n_named;

	fprintf(next(parts), "%s ", key);
	for (ssize_t i = 0; i < n_named; i++)
		fputs(named[i]->name, next(&words));
	for (size_t i = 0; i < list->n_sets; i++)
		if (!policy->sets[list->sets[i]].name)
			describe_prefixes(&words, &policy->sets[list->sets[i]]);
	return 0;
}

static void describe_protocols(struct parts *parts, const struct rule *rule)
{
	struct parts words = {.out = parts->out, .between = ","};
	char text[PROTOCOL_TEXT_SIZE];

	if (rule->any_protocol)
		return;
	fputs("protocol ", next(parts));
	for (unsigned protocol = 0; protocol < 256; protocol++)
		if (rule_has_protocol(rule, (uint8_t)protocol))
			fputs(protocol_format(protocol, text), next(&words));
}

static void describe_ports(struct parts *parts, const char *key, const struct port_list *ports)
{
	struct parts words = {.out = parts->out, .between = ","};

	if (ports->n_ranges == 0)
		return;
	fprintf(next(parts), "%s ", key);
	for (size_t i = 0; i < ports->n_ranges; i++) {
		fprintf(next(&words), "%u", ports->ranges[i].first);
		if (ports->ranges[i].last > ports->ranges[i].first)
			fprintf(parts->out, "-%u", ports->ranges[i].last);
	}
}

static void describe_flags(struct parts *parts, const struct rule *rule)
{
	struct parts words = {.out = parts->out, .between = ","};

	if ((rule->flags_set | rule->flags_clear) == 0)
		return;
	fputs("tcp_flags ", next(parts));
	for (unsigned i = 0; i < PROTOCOL_FLAGS; i++) {
		if (rule->flags_set >> i & 1)
			fputs(protocol_flags[i], next(&words));
		if (rule->flags_clear >> i & 1)
			fprintf(next(&words), "!%s", protocol_flags[i]);
	}
}

static int describe_match(FILE *out, const struct policy *policy, const struct rule *rule)
{
	struct parts parts = {.out = out, .between = ", "};

	if (describe_sets(&parts, policy, "from", &rule->from) < 0 ||
	    describe_sets(&parts, policy, "not_from", &rule->not_from) < 0 ||
	    describe_sets(&parts, policy, "to", &rule->to) < 0 ||
	    describe_sets(&parts, policy, "not_to", &rule->not_to) < 0)
		return -ENOMEM;
	describe_protocols(&parts, rule);
	describe_ports(&parts, "from_port", &rule->from_ports);
	describe_ports(&parts, "to_port", &rule->to_ports);
	describe_flags(&parts, rule);
	if (rule->fragment != FRAGMENT_ANY)
		fprintf(next(&parts), "fragment %s",
			rule->fragment == FRAGMENT_ONLY ? "true" : "false");
	if (!parts.is_begun)
		fputs("all", out);
	return 0;
}

static void describe_per(FILE *out, const struct limit *limit)
{
	if (limit->per == PER_PREFIX)
		fprintf(out, " per ipv4/%u,ipv6/%u", limit->bits_ipv4, limit->bits_ipv6);
	else
		fprintf(out, " per %s", limit->per == PER_SOURCE ? "source" : "all");
}

static void describe_block(FILE *out, const struct limit *limit)
{
	char first[QUANTITY_TEXT_SIZE], max[QUANTITY_TEXT_SIZE];

	if (limit->block_first_ns == 0)
		return;
	fprintf(out, " block %s", duration_format(limit->block_first_ns, first));
	if (limit->block_factor > 1)
		fprintf(out, " factor %u max %s", limit->block_factor,
			duration_format(limit->block_max_ns, max));
}

static void describe_limit(FILE *out, const struct limit *limit)
{
	char text[QUANTITY_TEXT_SIZE];

	fputs("limit", out);
	if (limit->packets) {
		fprintf(out, " %s", rate_format(limit->packets, limit->period_ns, text));
		fprintf(out, " burst %s", count_format(limit->burst, text));
	}
	if (limit->bits_per_second)
		fprintf(out, " %s", bandwidth_format(limit->bits_per_second, text));
	describe_per(out, limit);
	describe_block(out, limit);
}

static void describe_action(FILE *out, const struct rule *rule)
{
	struct parts parts = {.out = out, .between = "; "};

	fputs(rule->monitor ? ": monitor " : ": ", out);
	if (rule->action != RULE_LIMIT)
		fputs(rule->action == RULE_PASS ? "pass" : "drop", out);
	for (unsigned per = PER_SOURCE; per <= PER_ALL; per++)
		for (size_t i = 0; i < rule->n_limits; i++)
			if (rule->limits[i].per == per)
				describe_limit(next(&parts), &rule->limits[i]);
}

static char *finish(FILE *out, char **text, int r)
{
	bool is_broken = fclose(out) != 0 || r < 0;

	if (is_broken) {
		free(*text);
		*text = NULL;
	}
	return *text;
}

char *set_describe(const struct set *set)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct parts words = {.out = out, .between = ","};

	if (!out)
		return NULL;
	describe_prefixes(&words, set);
	if (set->n_prefixes == 0)
		fputs("no prefixes", out);
	return finish(out, &text, 0);
}

char *rule_describe(const struct policy *policy, const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	if (!out)
		return NULL;
	r = describe_match(out, policy, rule);
	describe_action(out, rule);
	return finish(out, &text, r);
}

static void describe_chain(FILE *out, const struct chain *chain)
{
	struct parts words = {.out = out, .between = ","};

	fprintf(out, "priority %u, on ", chain->priority);
	for (size_t i = 0; i < LOAD_SETTINGS_VERDICTS; i++)
		if (chain->on >> i & 1)
			fputs(load_settings_verdicts[i], next(&words));
	fprintf(out, ", attach %s", load_settings_attach[chain->attach]);
}

char *policy_describe_settings(const struct policy *policy)
{
	char *text = NULL, capacity[QUANTITY_TEXT_SIZE] = "auto";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (policy->capacity)
		count_format(policy->capacity, capacity);
	fprintf(out, "mode %s, default %s, malformed %s, capacity %s, ",
		policy->monitor ? "monitor" : "enforce", policy->default_drop ? "drop" : "pass",
		policy->malformed_pass ? "pass" : "drop", capacity);
	fprintf(out, "aggregate ipv4/%u,ipv6/%u, admission %s, ", policy->aggregate_ipv4,
		policy->aggregate_ipv6, policy->admit_always ? "always" : "auto");
	describe_chain(out, &policy->chain);
	return finish(out, &text, 0);
}
