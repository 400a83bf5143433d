/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0, which differ in how counters are
 * called where they are described. A family is begun, then come its samples.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum exposition_type {
	EXPOSITION_GAUGE,
	EXPOSITION_COUNTER, /* samples end in _total */
	EXPOSITION_INFO,    /* samples end in _info, and are 1 */
};

struct exposition_label {
	const char *name, *value; /* whatever bytes the value holds */
};

struct exposition {
	FILE *out;
	bool is_openmetrics;
	const char *name; /* of the family, without the samples' suffix */
	enum exposition_type type;
};

/* `unit`: what the name ends in, or NULL. */
void exposition_family(struct exposition *exposition, enum exposition_type type, const char *name,
		       const char *unit, const char *help);

void exposition_sample(const struct exposition *exposition, const struct exposition_label *labels,
		       size_t n_labels, uint64_t value);
/* Nanoseconds, as seconds. */
void exposition_seconds(const struct exposition *exposition, const struct exposition_label *labels,
			size_t n_labels, uint64_t ns);

void exposition_end(const struct exposition *exposition);

/* Content-Type. */
const char *exposition_content_type(bool is_openmetrics);
