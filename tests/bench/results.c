// SPDX-License-Identifier: GPL-2.0-or-later
#include "results.h"

#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value that `part` of all are below. */
static double quantile(const double *values, size_t n_values, double part)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, n_values * sizeof(*values));
	qsort(sorted, n_values, sizeof(*sorted), compare);
	return sorted[(size_t)(part * (double)(n_values - 1) + 0.5)];
}

double median(const double *values, size_t n_values)
{
	return quantile(values, n_values, 0.5);
}

void result_set_rounds(struct result *result, const double *ns, const double *floors,
		       size_t n_rounds)
{
	double ratios[ROUNDS_MAX];

	for (size_t i = 0; i < n_rounds; i++)
		ratios[i] = ns[i] / floors[i];
	memcpy(result->rounds, ns, n_rounds * sizeof(*ns));
	result->n_rounds = n_rounds;
	result->ns = median(ns, n_rounds);
	result->floor = median(floors, n_rounds);
	result->ratio = median(ratios, n_rounds);
	result->low = quantile(ratios, n_rounds, 0.25);
	result->high = quantile(ratios, n_rounds, 0.75);
}

static bool is_met(const struct result *r)
{
	return r->is_least ? r->ratio >= r->target : r->ratio <= r->target;
}

void results_print_head(void)
{
	printf("%-64s %8s %8s %7s  %-13s %7s\n", "", "ns", "floor", "ratio", "quartiles", "target");
	fflush(stdout);
}

static void print_number(double value)
{
	if (isnan(value))
		printf(" %8s", "-");
	else
		printf(" %8.1f", value);
}

static void print(const struct result *r)
{
	printf("%-64s", r->name);
	print_number(r->ns);
	print_number(r->floor);
	printf(" %7.2f  ", r->ratio);
	if (isnan(r->low))
		printf("%-13s", "");
	else
		printf("%5.2f – %-5.2f", r->low, r->high);
	if (isnan(r->target))
		printf("\n");
	else
		printf("  %s %4.1f  %s\n", r->is_least ? "≥" : "≤", r->target,
		       is_met(r) ? "met" : "MISSED");
	fflush(stdout);
}

void results_add(struct results *results, const struct result *result)
{
	results->items =
		reallocarray(results->items, results->n_items + 1, sizeof(*results->items));
	if (!results->items)
		err(1, NULL);
	results->items[results->n_items++] = *result;
	print(result);
}

void results_print_foot(const struct results *results)
{
	size_t met = 0, asked = 0;

	for (size_t i = 0; i < results->n_items; i++) {
		asked += !isnan(results->items[i].target);
		met += !isnan(results->items[i].target) && is_met(&results->items[i]);
	}
	printf("%zu of %zu targets met\n", met, asked);
}

static void write_number(FILE *file, const char *key, double value)
{
	if (isnan(value))
		fprintf(file, "\"%s\": null, ", key);
	else
		fprintf(file, "\"%s\": %.3f, ", key, value);
}

static void write_result(FILE *file, const struct result *r)
{
	fprintf(file, "  {\"name\": \"%s\", ", r->name);
	write_number(file, "ns", r->ns);
	write_number(file, "floor", r->floor);
	write_number(file, "ratio", r->ratio);
	write_number(file, "target", r->target);
	fprintf(file, "\"rounds\": [");
	for (size_t i = 0; i < r->n_rounds; i++)
		fprintf(file, "%s%.3f", i ? ", " : "", r->rounds[i]);
	fprintf(file, "]}");
}

void results_write_json(const struct results *results, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		err(1, "%s", path);
	fprintf(file, "{\"cases\": [\n");
	for (size_t i = 0; i < results->n_items; i++) {
		write_result(file, &results->items[i]);
		fprintf(file, "%s\n", i + 1 < results->n_items ? "," : "");
	}
	fprintf(file, "]}\n");
	if (ferror(file) || fclose(file) != 0)
		err(1, "%s", path);
}

void results_free(struct results *results)
{
	free(results->items);
	*results = (struct results){};
}
