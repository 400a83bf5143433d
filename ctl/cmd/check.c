/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "capabilities.h"
#include "load_policy.h"
#include "policy/describe.h"
#include "render/report.h"

static void explain_rules(struct report *report, const struct policy *policy)
{
	static const struct report_column columns[] = {
		{"number", "#", REPORT_NUMBER},
		{"name", "RULE", REPORT_STRING},
		{"words", "MATCHES AND DOES", REPORT_STRING},
	};

	report_table(report, "rules", "in this order", columns, ARRAY_SIZE(columns), "no rules");
	for (size_t i = 0; i < policy->n_rules; i++) {
		_cleanup_free_ char *words = rule_describe(policy, &policy->rules[i]);

		report_cell(report, i + 1);
		report_cell_string(report, policy->rules[i].name);
		report_cell_string(report, words);
	}
}

static void explain_tables(struct report *report, const struct loaded *loaded)
{
	const struct image *image = loaded->image;
	const struct sizing *sizing = &loaded->sizing;

	report_object(report, "compiled", "compiled");
	report_value(report, "source_ranges", "ranges of sources", REPORT_NUMBER, image->n_ranges);
	report_value(report, "source_classes", "classes of sources", REPORT_NUMBER,
		     image->n_classes);
	report_value(report, "vectors", "rule vectors", REPORT_NUMBER, image->n_vectors);
	report_object_end(report);
	report_object(report, "memory", "memory");
	report_value(report, "sources_bytes", "sources and prefixes", REPORT_BYTES,
		     sizing->sources_bytes);
	report_value(report, "policy_bytes", "policy, both slots", REPORT_BYTES,
		     sizing->policy_bytes);
	report_value(report, "other_bytes", "counters and the rest", REPORT_BYTES,
		     sizing->other_bytes);
	report_object_end(report);
}

/* In the shortest unit in which it is a whole number, or large enough to be rounded to one. */
static void explain_rate(struct report *report, const char *key, const char *label, double per_s)
{
	static const unsigned seconds[] = {1, 60, 3600};
	char text[QUANTITY_TEXT_SIZE];
	uint64_t rounded;
	size_t i = 0;

	for (;; i++) {
		double exact = per_s * seconds[i];

		rounded = (uint64_t)(exact + 0.5);
		if (i == ARRAY_SIZE(seconds) - 1 || exact >= 100 ||
		    (exact > rounded - 1e-6 && exact < rounded + 1e-6))
			break;
	}
	report_value(report, key, NULL, REPORT_NUMBER, (uint64_t)per_s);
	report_string(report, NULL, label, rate_format(rounded, seconds[i] * 1000000000ull, text));
}

/* A source must be seen again, at the limit, before new ones have taken half of the table. */
static void explain_sizing(struct report *report, const struct sizing *sizing)
{
	report_object(report, "sizing", "sizing");
	report_value(report, "capacity", "sources tracked", REPORT_NUMBER, sizing->capacity);
	if (sizing->slowest_limit_per_s > 0) {
		explain_rate(report, "slowest_limit_per_second", "lowest limit",
			     sizing->slowest_limit_per_s);
		explain_rate(report, "new_sources_per_second", "new sources borne",
			     sizing->new_sources_per_s);
		report_line(report, "that is half of the sources tracked, times the lowest limit: "
				    "more new ones a second push a source out before its second "
				    "packet is due");
	}
	report_object_end(report);
}

static int run(const struct arguments *args)
{
	_cleanup_(loaded_free) struct loaded loaded = {};
	struct report *report;
	char hash[17];
	int code = load_policy(args->operands[0], &loaded);

	if (code)
		return code;
	report = output_begin(args);
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)policy_hash(loaded.policy));
	report_string(report, "policy", "policy", loaded.policy->name);
	report_string(report, "hash", "hash", hash);
	report_value(report, "rules_count", "rules", REPORT_NUMBER, loaded.policy->n_rules);
	report_value(report, "warnings", "warnings", REPORT_NUMBER, loaded.n_warnings);
	if (args_has(args, 'e')) {
		_cleanup_free_ char *settings = policy_describe_settings(loaded.policy);

		report_string(report, "settings", "settings", settings);
		explain_rules(report, loaded.policy);
		explain_tables(report, &loaded);
		explain_sizing(report, &loaded.sizing);
	}
	return output_end(&report);
}

const struct command command_check = {
	.name = "check",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Validate a policy, without root and without changing anything",
	.help = "Every error and warning of the file and of the lists that it names is\n"
		"reported at once, with file, line and column. Exit status 2: the policy\n"
		"has errors.",
	.examples = "  xdpguard check edge.yaml\n  xdpguard check edge.yaml --explain",
	.options =
		(const struct command_option[]){
			{'e', "explain", NULL, "print the compiled plan, its memory and sizing"},
			{},
		},
	.has_data = true,
	.capabilities =
		(const struct command_capability[]){
			CAPABILITY_TO_READ(.with = CAPABILITY_OPERAND),
			{},
		},
	.run = run,
};
