/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard as metrics. Their number is bounded by what an operator wrote, rules and interfaces, and by the
 * few sources that are named, whoever sends.
 */
#pragma once

#include <stdio.h>

#include "source_list.h"
#include "status_report.h"

/* What was read; the lists are in the order of the policy, and of sources, the worst first. */
struct metrics {
	const struct status *status;	      /* NULL: there is no guard to be read */
	const struct guard_rule_count *rules; /* one for each of the policy's */
	const struct source_list *sources;
};

/* In Prometheus' text format, or as OpenMetrics. */
void metrics_write(FILE *out, bool is_openmetrics, const struct metrics *metrics);
