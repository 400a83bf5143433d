/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured, row by row: printed as it comes, and written as JSON at the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ROUNDS_MAX 101

struct result {
	char name[80];
	double ns;    /* a packet: the median */
	double floor; /* likewise; NAN: the row has none */
	double ratio; /* the median of each round's own ratio; of a row that counts: the count */
	double low;   /* quartiles of the ratio; NAN where it has no rounds */
	double high;
	double target;		   /* NAN: none, the row is there to compare with */
	bool is_least;		   /* the target is the least that is asked for, not the most */
	double rounds[ROUNDS_MAX]; /* ns of each */
	size_t n_rounds;
};

struct results {
	struct result *items;
	size_t n_items;
};

/* From ns and floor of each round: the medians, the ratio and its quartiles. */
void result_set_rounds(struct result *result, const double *ns, const double *floors,
		       size_t n_rounds);
double median(const double *values, size_t n_values);

void results_print_head(void);
void results_add(struct results *results, const struct result *result);
void results_print_foot(const struct results *results);
void results_write_json(const struct results *results, const char *path);
void results_free(struct results *results);
