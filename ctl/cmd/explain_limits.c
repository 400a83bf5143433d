/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "explain.h"
#include "guard/limit_state.h"

#define WORDS_SIZE 128
#define NS_PER_S 1000000000ull
#define S_PER_H 3600
#define UNITS_PER_S (NS_PER_S << GUARD_TIME_SHIFT)

/* A limit's budget before the packet and after it. */
struct budget {
	const struct guard_limit *limit;
	struct guard_bucket before, after;
	uint64_t now;
};

static uint64_t divide_rounded(unsigned __int128 dividend, uint64_t divisor)
{
	return (uint64_t)((dividend + divisor / 2) / divisor);
}

/* In the unit in which it is a whole number, as policies write it. */
static void print_rate(FILE *out, const struct guard_limit *limit)
{
	uint64_t seconds = limit->interval <= UNITS_PER_S ? 1 : S_PER_H;
	uint64_t packets = divide_rounded(seconds * UNITS_PER_S, limit->interval);
	char rate[QUANTITY_TEXT_SIZE], burst[QUANTITY_TEXT_SIZE];

	fprintf(out, "%s burst %s", rate_format(packets, seconds * NS_PER_S, rate),
		count_format(limit_state_burst(limit), burst));
}

static void print_bandwidth(FILE *out, const struct guard_limit *limit)
{
	/* Costs are rounded, so the last digits are none: policies have whole kbit/s. */
	uint64_t kilobits =
		divide_rounded((unsigned __int128)(8 * UNITS_PER_S / 1000) << GUARD_BYTE_COST_SHIFT,
			       limit->byte_cost);
	char text[QUANTITY_TEXT_SIZE];

	fprintf(out, "%s%s", limit->interval ? ", " : "", bandwidth_format(kilobits * 1000, text));
}

static char *limit_words(const struct guard_limit *limit, char words[WORDS_SIZE])
{
	FILE *out = fmemopen(words, WORDS_SIZE, "w");
	char text[QUANTITY_TEXT_SIZE];

	words[0] = '\0';
	if (!out)
		return words;
	if (limit->interval)
		print_rate(out, limit);
	if (limit->byte_cost)
		print_bandwidth(out, limit);
	if (limit->block_first)
		fprintf(out, " block %s",
			duration_format(limit->block_first >> GUARD_TIME_SHIFT, text));
	fclose(out);
	return words;
}

/* Whose packets the budget is for. */
static void report_whose(struct report *report, const struct explain *explain,
			 const struct guard_limit *limit)
{
	const struct head *head = &explain->head;
	struct prefix prefix = {
		.address = head->from,
		.bits = (unsigned char)limit_state_bits(explain->subject.compiled, limit,
							head->is_ipv6),
	};
	char text[ADDRESS_TEXT_SIZE];

	address_mask(&prefix.address, prefix.bits);
	if (limit->per == GUARD_PER_ALL)
		report_cell_string(report, "all sources");
	else if (!explain->is_admitted)
		report_cell_string(report, "all sources outside the table");
	else
		report_cell_string(report, prefix_format(&prefix, text));
}

static bool is_exceeded(const struct explain *explain, const struct budget *b)
{
	return limit_state_judge(b->limit, &b->before, b->now, explain->frame.size) !=
	       GUARD_PASS_LIMIT;
}

static void report_left(struct report *report, bool is_counted, uint64_t before, uint64_t after)
{
	if (is_counted) {
		report_cell(report, before);
		report_cell(report, after);
		return;
	}
	report_cell_none(report);
	report_cell_none(report);
}

static void report_budget(struct report *report, const struct explain *explain,
			  const struct budget *b, bool is_the_one)
{
	const struct guard_limit *limit = b->limit;
	bool has_rate = limit->interval, has_bandwidth = limit->byte_cost;
	char words[WORDS_SIZE];

	report_cell_string(report, limit_words(limit, words));
	report_whose(report, explain, limit);
	report_left(report, has_rate, has_rate ? limit_state_packets(limit, &b->before, b->now) : 0,
		    has_rate ? limit_state_packets(limit, &b->after, b->now) : 0);
	report_left(report, has_bandwidth,
		    has_bandwidth ? limit_state_bytes(limit, &b->before, b->now) : 0,
		    has_bandwidth ? limit_state_bytes(limit, &b->after, b->now) : 0);
	report_cell(report, is_the_one);
	if (is_the_one)
		report_colour(report, REPORT_BAD);
}

static const struct report_column columns[] = {
	{"limit", "LIMIT", REPORT_STRING},
	{"of", "OF", REPORT_STRING},
	{"packets_before", "PACKETS LEFT", REPORT_COUNT},
	{"packets_after", "AFTER", REPORT_COUNT},
	{"bytes_before", "BYTES LEFT", REPORT_BYTES},
	{"bytes_after", "AFTER", REPORT_BYTES},
	{"exceeded", "EXCEEDED", REPORT_BOOL},
};

int explain_report_limits(struct report *report, const struct explain *explain, struct why *why)
{
	const struct guard_policy *policy = explain->subject.compiled;
	const struct head *head = &explain->head;
	int rule = subject_rule(&explain->subject, explain->verdict.slot);
	bool is_found = false;

	report_table(report, "limits", "limits", columns, ARRAY_SIZE(columns), NULL);
	for (unsigned i = 0; rule >= 0 && i < policy->rule[rule].limits; i++) {
		unsigned n = policy->rule[rule].first_limit + i;
		const struct explain_budget *before = &explain->budgets[n];
		struct budget b = {
			.limit = &policy->limit[n],
			.before = explain->is_admitted ? before->admitted : before->unadmitted,
			.now = explain_now(explain),
		};
		bool is_the_one;
		int r = limit_state_read(trial_guard(explain->subject.trial), policy, b.limit,
					 &head->from, head->is_ipv6, explain->is_admitted,
					 &b.after);

		if (r < 0)
			return guard_explain(why, r, "cannot read the limits' budgets");
		is_the_one = !is_found && is_exceeded(explain, &b);
		is_found |= is_the_one;
		report_budget(report, explain, &b, is_the_one);
	}
	return 0;
}
