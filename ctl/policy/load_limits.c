/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load_limits.h"

#include "base/cleanup.h"
#include "base/quantity.h"

#define NS_PER_S 1000000000ull
#define DAY_NS (24 * 3600 * NS_PER_S)
#define BURST_NS_DEFAULT (NS_PER_S / 10)
#define BURST_NS_MAX (400 * DAY_NS) /* what the packet program's clock can tell from the past */
#define BLOCK_FACTOR_DEFAULT 2
#define BLOCK_MAX_DEFAULT DAY_NS

/* A text that `expected` describes; told when it is none, or out of range. */
static void check_quantity(struct loader *loader, const struct node *value, int r,
			   const char *expected, const char *range)
{
	char path[NODE_PATH_SIZE];

	if (r == -ERANGE)
		loader_error(loader, value, "%s \"%.64s\": out of range, %s",
			     node_path(value, path), value->text, range);
	else if (r < 0)
		loader_unexpected(loader, value, expected);
}

static void read_rate(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "packets a second, minute or hour, such as 500/s or 2k/m";
	struct limit *limit = target;
	const char *text;

	if (loader_text(loader, value, expected, &text))
		check_quantity(loader, value, rate_parse(text, &limit->packets, &limit->period_ns),
			       expected, "1/h to 100M/s");
}

static void read_bandwidth(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] =
		"bit/s, kbit/s, Mbit/s, Gbit/s, kB/s or MB/s, such as 10Mbit/s";
	struct limit *limit = target;
	const char *text;

	if (loader_text(loader, value, expected, &text))
		check_quantity(loader, value, bandwidth_parse(text, &limit->bits_per_second),
			       expected, "1kbit/s to 400Gbit/s");
}

static void read_burst(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "a number of packets, at least 1";
	struct limit *limit = target;
	uint64_t burst = 0;
	const char *text;

	if (!loader_text(loader, value, expected, &text))
		return;
	if (count_parse(text, &burst) == 0 && burst > 0)
		limit->burst = burst;
	else
		loader_unexpected(loader, value, expected);
}

static void read_duration(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "a duration such as 90s, 10m, 1h30m or 1d";
	const char *text;

	if (loader_text(loader, value, expected, &text))
		check_quantity(loader, value, duration_parse(text, target), expected,
			       "1ms to 365d");
}

static void read_factor(struct loader *loader, const struct node *value, void *target)
{
	uint64_t factor;
	struct limit *limit = target;

	if (loader_count(loader, value, 1, 1000, &factor))
		limit->block_factor = (uint32_t)factor;
}

static const struct loader_key block_keys[] = {
	{"first", read_duration, offsetof(struct limit, block_first_ns)},
	{"factor", read_factor},
	{"max", read_duration, offsetof(struct limit, block_max_ns)},
};

static void read_growing_block(struct loader *loader, const struct node *value, struct limit *limit)
{
	const struct node *max = node_find(value, "max");
	char path[NODE_PATH_SIZE];

	limit->block_factor = BLOCK_FACTOR_DEFAULT;
	limit->block_max_ns = BLOCK_MAX_DEFAULT;
	loader_mapping(loader, value, block_keys, ARRAY_SIZE(block_keys), limit);

	if (node_lacks(value, "first"))
		loader_error(loader, value, "%s has no \"first\": how long the first block is",
			     node_path(value, path));
	if (max && limit->block_max_ns < limit->block_first_ns)
		loader_error(loader, max, "%s: less than the first block", node_path(max, path));
	if (limit->block_factor == 1 || limit->block_max_ns < limit->block_first_ns)
		limit->block_max_ns = limit->block_first_ns;
}

static void read_block(struct loader *loader, const struct node *value, void *target)
{
	static const char expected[] = "a duration such as 10m, or a mapping of first, factor, max";
	struct limit *limit = target;

	limit->block_factor = 1;
	if (value->kind == NODE_MAPPING) {
		read_growing_block(loader, value, limit);
	} else if (value->kind == NODE_LIST || node_is_null(value)) {
		loader_unexpected(loader, value, expected);
	} else {
		read_duration(loader, value, &limit->block_first_ns);
		limit->block_max_ns = limit->block_first_ns;
	}
}

static void read_bits_ipv4(struct loader *loader, const struct node *value, void *target)
{
	struct limit *limit = target;
	uint64_t bits;

	if (loader_count(loader, value, 0, 32, &bits))
		limit->bits_ipv4 = (uint8_t)bits;
}

static void read_bits_ipv6(struct loader *loader, const struct node *value, void *target)
{
	struct limit *limit = target;
	uint64_t bits;

	if (loader_count(loader, value, 0, 128, &bits))
		limit->bits_ipv6 = (uint8_t)bits;
}

static const struct loader_key per_keys[] = {{"ipv4", read_bits_ipv4}, {"ipv6", read_bits_ipv6}};

static void read_per(struct loader *loader, const struct node *value, void *target)
{
	static const char *const names[] = {"source", "all"};
	struct limit *limit = target;
	char path[NODE_PATH_SIZE];
	unsigned choice;

	if (value->kind == NODE_MAPPING) {
		limit->per = PER_PREFIX;
		loader_mapping(loader, value, per_keys, ARRAY_SIZE(per_keys), limit);
		if (node_lacks(value, "ipv4") || node_lacks(value, "ipv6"))
			loader_error(loader, value, "%s: needs both, such as {ipv4: 24, ipv6: 48}",
				     node_path(value, path));
	} else if (value->kind == NODE_LIST || node_is_null(value)) {
		loader_unexpected(loader, value, "source, all or {ipv4: bits, ipv6: bits}");
	} else if (loader_choice(loader, value, names, ARRAY_SIZE(names), &choice)) {
		limit->per = choice ? PER_ALL : PER_SOURCE;
	}
}

static const struct loader_key limit_keys[] = {
	{"rate", read_rate}, {"burst", read_burst}, {"bandwidth", read_bandwidth},
	{"per", read_per},   {"block", read_block},
};

static void finish_burst(struct loader *loader, const struct node *burst, struct limit *limit)
{
	char path[NODE_PATH_SIZE];

	if (limit->packets == 0)
		return;
	if (limit->burst == 0)
		limit->burst = (uint64_t)((unsigned __int128)limit->packets * BURST_NS_DEFAULT /
					  limit->period_ns);
	if (limit->burst == 0)
		limit->burst = 1;
	/* One that nobody wrote takes an hour at most. */
	if (burst &&
	    (unsigned __int128)limit->burst * limit->period_ns / limit->packets >= BURST_NS_MAX)
		loader_error(loader, burst,
			     "%s \"%.64s\": out of range, at this rate it takes 400 "
			     "days or more to come back",
			     node_path(burst, path), burst->text);
}

static void finish_limit(struct loader *loader, const struct node *node, struct limit *limit)
{
	const struct node *rate = node_find(node, "rate"), *burst = node_find(node, "burst");
	const struct node *bandwidth = node_find(node, "bandwidth");
	const struct node *block = node_find(node, "block");
	char path[NODE_PATH_SIZE];

	limit->place = loader_place(loader, rate ? rate : bandwidth ? bandwidth : node);
	if (node_lacks(node, "rate") && node_lacks(node, "bandwidth"))
		loader_error(loader, node, "%s: needs a rate, a bandwidth or both",
			     node_path(node, path));
	else if (burst && node_lacks(node, "rate"))
		loader_error(loader, burst, "%s: a burst is of a rate, and there is none",
			     node_path(burst, path));
	finish_burst(loader, burst, limit);

	if (block && limit->per == PER_ALL)
		loader_error(loader, block,
			     "%s: with \"per: all\" it would block whoever happens to come next",
			     node_path(block, path));
	if (block && limit->per == PER_PREFIX && (!limit->bits_ipv4 || !limit->bits_ipv6))
		loader_error(
			loader, block,
			"%s: with a prefix of 0 bits it would block every source of that family",
			node_path(block, path));
}

void load_limit(struct loader *loader, const struct node *value, void *target)
{
	struct rule *rule = target;
	struct limit limit = {};
	char path[NODE_PATH_SIZE];

	if (rule->n_limits == POLICY_LIMITS_PER_RULE) {
		loader_error(loader, value, "%s: at most %d limits a rule", node_path(value, path),
			     POLICY_LIMITS_PER_RULE);
		return;
	}
	loader_mapping(loader, value, limit_keys, ARRAY_SIZE(limit_keys), &limit);
	if (value->kind == NODE_MAPPING)
		finish_limit(loader, value, &limit);
	rule->limits[rule->n_limits++] = limit;
}

void load_limits(struct loader *loader, const struct node *value, void *target)
{
	if (value->kind == NODE_LIST)
		loader_each(loader, value, load_limit, target);
	else
		loader_unexpected(loader, value, "a list of limits");
}
