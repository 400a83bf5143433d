/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

/* From the reading before to this one. */
struct step {
	const struct top_reading *before; /* NULL: nothing to compare with */
	const struct top_reading *after;
	double seconds;
};

/* A counter that is less than it was has begun anew since. */
static struct top_figure figure(const struct step *step, uint64_t before, uint64_t after)
{
	uint64_t since = after < before ? after : after - before;

	if (!step->before)
		return (struct top_figure){.total = after};
	return (struct top_figure){after, (uint64_t)((double)since / step->seconds + 0.5)};
}

static struct guard_count sum(const struct top_reading *reading, unsigned first, unsigned end)
{
	struct guard_count total = {};

	for (unsigned i = first; reading && i < end; i++) {
		total.packets += reading->outcomes[i].packets;
		total.bytes += reading->outcomes[i].bytes;
	}
	return total;
}

/* Outcomes of these numbers, from the step's one end to its other. */
static struct top_figure packets(const struct step *step, unsigned first, unsigned end)
{
	return figure(step, sum(step->before, first, end).packets,
		      sum(step->after, first, end).packets);
}

static struct top_figure add(struct top_figure a, struct top_figure b)
{
	return (struct top_figure){a.total + b.total, a.rate + b.rate};
}

static void take_totals(struct top_model *model, const struct step *step)
{
	const unsigned would = GUARD_REASON_COUNT, end = 2 * GUARD_REASON_COUNT;

	model->would_drop = packets(step, would, end);
	model->series[TOP_PASSED] = add(packets(step, 0, GUARD_FIRST_DROP), model->would_drop);
	model->series[TOP_DROPPED] = packets(step, GUARD_FIRST_DROP, GUARD_REASON_COUNT);
	model->series[TOP_TRAFFIC] = figure(step, 8 * sum(step->before, 0, end).bytes,
					    8 * sum(step->after, 0, end).bytes);
	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++)
		model->reasons[i] =
			add(packets(step, i, i + 1), packets(step, would + i, would + i + 1));
}

static uint64_t drops(const struct top_rule *rule)
{
	return rule ? rule->count.dropped.packets + rule->count.would_drop.packets : 0;
}

/* By its slot, which a rule keeps for as long as a policy has one of its name. */
static const struct top_rule *find_rule(const struct top_reading *reading,
					const struct top_rule *rule)
{
	for (size_t i = 0; reading && i < reading->n_rules; i++)
		if (reading->rules[i].slot == rule->slot &&
		    !strcmp(reading->rules[i].name, rule->name))
			return &reading->rules[i];
	return NULL;
}

static int worse_first(const void *a, const void *b, void *data)
{
	const struct top_figure *rules = data;
	const struct top_figure *x = &rules[*(const size_t *)a], *y = &rules[*(const size_t *)b];

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return x < y ? -1 : 1; /* as the policy has them */
}

static int take_rules(struct top_model *model, const struct step *step)
{
	size_t n = step->after->n_rules;
	void *rules = reallocarray(model->rules, n + 1, sizeof(*model->rules));
	void *worst = rules ? reallocarray(model->worst_rules, n + 1, sizeof(*model->worst_rules))
			    : NULL;

	model->rules = rules ?: model->rules;
	model->worst_rules = worst ?: model->worst_rules;
	if (!worst)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct top_rule *rule = &step->after->rules[i];

		model->rules[i] = figure(step, drops(find_rule(step->before, rule)), drops(rule));
		model->worst_rules[i] = i;
	}
	qsort_r(model->worst_rules, n, sizeof(*model->worst_rules), worse_first, model->rules);
	return 0;
}

static void note_history(struct top_model *model)
{
	for (unsigned i = 0; i < TOP_SERIES; i++) {
		memmove(&model->history[i][1], &model->history[i][0],
			(TOP_HISTORY - 1) * sizeof(model->history[i][0]));
		model->history[i][0] = model->series[i].rate;
	}
	if (model->n_history < TOP_HISTORY)
		model->n_history++;
}

int top_model_take(struct top_model *model, struct top_reading *reading)
{
	const struct top_reading *before = &model->reading;
	bool is_same = before->time_ns && before->guard == reading->guard &&
		       reading->time_ns > before->time_ns;
	const struct admission none = {};
	struct step step = {
		.before = is_same ? before : NULL,
		.after = reading,
		.seconds = is_same ? (double)(reading->time_ns - before->time_ns) / NS_PER_S : 0,
	};
	const struct admission *admission = is_same ? &before->admission : &none;

	take_totals(model, &step);
	model->admitted = figure(&step, admission->admitted, reading->admission.admitted);
	model->held = figure(&step, admission->held, reading->admission.held);
	if (take_rules(model, &step) < 0)
		return -ENOMEM;
	model->has_rates = is_same;
	if (is_same)
		note_history(model);
	model->trouble[0] = '\0';
	top_reading_release(&model->reading);
	model->reading = *reading;
	*reading = (struct top_reading){};
	return 0;
}

void top_model_lose(struct top_model *model, const char *why)
{
	snprintf(model->trouble, sizeof(model->trouble), "%s", why);
	top_reading_release(&model->reading);
	model->has_rates = false;
}

void top_model_release(struct top_model *model)
{
	top_reading_release(&model->reading);
	free(model->rules);
	free(model->worst_rules);
	*model = (struct top_model){};
}
