/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_layout.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "render/sparkline.h"

#define NS_PER_S 1000000000ull
#define LABEL_WIDTH 11
#define RATE_WIDTH 12
#define TOTAL_WIDTH 16
#define FIGURE_WIDTH 9 /* "1.23M/s" in a panel */

static void header(const struct top_scene *scene, struct canvas *canvas)
{
	const struct top_reading *reading = &scene->model->reading;
	time_t now = (time_t)(scene->wall_ns / NS_PER_S);
	char left[256], clock[16], interval[UNITS_TEXT_SIZE], right[96];
	struct tm local;

	snprintf(left, sizeof(left), " xdpguard top  %s%s%s",
		 reading->policy ?: "no policy is in force", reading->interfaces ? " on " : "",
		 reading->interfaces ?: "");
	strftime(clock, sizeof(clock), "%T", localtime_r(&now, &local));
	snprintf(right, sizeof(right), "%s%s  every %s ", scene->ui->is_paused ? "PAUSED  " : "",
		 clock, units_duration(scene->interval_ns, interval));
	canvas_text_right(canvas, 0, 0, canvas->columns, CANVAS_TITLE, right);
	canvas_text(canvas, 0, 0, canvas->columns - (unsigned)strlen(right) - 1, CANVAS_TITLE,
		    left);
	canvas_fill(canvas, 0, CANVAS_HEADER);
}

static void sparkline(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
		      enum canvas_style style, const uint64_t *history, size_t n)
{
	uint64_t most = 0;

	if (n > width)
		n = width;
	for (size_t i = 0; i < n; i++)
		if (history[i] > most)
			most = history[i];
	for (size_t i = 0; i < n; i++)
		canvas_put(canvas, row, column + width - 1 - (unsigned)i, style,
			   sparkline_character(history[i], most, canvas->is_utf8));
}

/* "passed   1.23k/s ▁▂▃  12.3M" */
static void total(const struct top_scene *scene, struct canvas *canvas, unsigned row,
		  const char *label, enum canvas_style style, enum top_series series)
{
	const struct top_figure *figure = &scene->model->series[series];
	unsigned chart = LABEL_WIDTH + RATE_WIDTH + 2;
	char rate[UNITS_TEXT_SIZE] = "-", text[UNITS_TEXT_SIZE];

	if (scene->model->has_rates && series == TOP_TRAFFIC)
		units_bandwidth(figure->rate, rate);
	else if (scene->model->has_rates)
		units_rate(figure->rate, rate);
	if (series == TOP_TRAFFIC)
		units_bytes(figure->total / 8, text);
	else
		units_count(figure->total, text);
	canvas_text(canvas, row, 1, LABEL_WIDTH, CANVAS_PLAIN, label);
	canvas_text_right(canvas, row, LABEL_WIDTH, RATE_WIDTH, style, rate);
	sparkline(canvas, row, chart, canvas->columns - chart - TOTAL_WIDTH, style,
		  scene->model->history[series], scene->model->n_history);
	canvas_text_right(canvas, row, canvas->columns - TOTAL_WIDTH, TOTAL_WIDTH - 1, CANVAS_PLAIN,
			  text);
}

static void would_drop(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	const struct top_figure *figure = &scene->model->would_drop;
	char rate[UNITS_TEXT_SIZE] = "-", text[UNITS_TEXT_SIZE];

	if (scene->model->has_rates)
		units_rate(figure->rate, rate);
	canvas_text(canvas, row, 1, LABEL_WIDTH, CANVAS_PLAIN, "would drop");
	canvas_text_right(canvas, row, LABEL_WIDTH, RATE_WIDTH, CANVAS_WARN, rate);
	canvas_text(canvas, row, LABEL_WIDTH + RATE_WIDTH + 2, canvas->columns, CANVAS_DIM,
		    "in monitor mode; also in passed");
	canvas_text_right(canvas, row, canvas->columns - TOTAL_WIDTH, TOTAL_WIDTH - 1, CANVAS_PLAIN,
			  units_count(figure->total, text));
}

static void table_line(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	const struct top_reading *reading = &scene->model->reading;
	const struct top_sources *sources = scene->sources;
	char text[160], n[UNITS_TEXT_SIZE] = "-", blocks[UNITS_TEXT_SIZE] = "-",
			capacity[UNITS_TEXT_SIZE];

	if (sources->wall_ns) {
		units_count(sources->n_all, n);
		units_count(sources->n_blocks, blocks);
	}
	snprintf(text, sizeof(text), "%s of %s sources; %s block%s%s", n,
		 units_count(reading->capacity, capacity), blocks,
		 sources->n_blocks == 1 ? "" : "s",
		 reading->blocks_full ? ", and THEIR TABLE WAS FULL" : "");
	canvas_text(canvas, row, 1, LABEL_WIDTH, CANVAS_PLAIN, "table");
	canvas_text(canvas, row, LABEL_WIDTH + 1, canvas->columns,
		    reading->blocks_full ? CANVAS_BAD : CANVAS_PLAIN, text);
}

/* What it does now; what it did since the tables were made is in `xdpguard status`. */
static void admission_line(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	const struct top_model *model = scene->model;
	bool is_holding = model->has_rates && model->held.rate;
	char text[160], held[UNITS_TEXT_SIZE], admitted[UNITS_TEXT_SIZE];

	units_rate(model->admitted.rate, admitted);
	if (is_holding)
		snprintf(text, sizeof(text),
			 "HOLDS BACK new sources: %s packets wait outside, %s sources come in",
			 units_rate(model->held.rate, held), admitted);
	else if (model->has_rates)
		snprintf(text, sizeof(text), "admits every new source: %s", admitted);
	else
		snprintf(text, sizeof(text), "-");
	canvas_text(canvas, row, 1, LABEL_WIDTH, CANVAS_PLAIN, "admission");
	canvas_text(canvas, row, LABEL_WIDTH + 1, canvas->columns,
		    is_holding ? CANVAS_WARN : CANVAS_PLAIN, text);
}

/* Half of the screen: names with a rate and a total. */
struct panel {
	struct canvas *canvas;
	unsigned row, column, width;
	bool has_rates;
};

static void panel_line(struct panel *panel, enum canvas_style style, const char *name,
		       const char *rate, const char *all)
{
	unsigned figures = panel->column + panel->width - 2 * FIGURE_WIDTH;

	canvas_text(panel->canvas, panel->row, panel->column, panel->width - 2 * FIGURE_WIDTH - 1,
		    CANVAS_PLAIN, name);
	canvas_text_right(panel->canvas, panel->row, figures, FIGURE_WIDTH, style, rate);
	canvas_text_right(panel->canvas, panel->row, figures + FIGURE_WIDTH, FIGURE_WIDTH, style,
			  all);
	panel->row++;
}

static void panel_figure(struct panel *panel, enum canvas_style style, const char *name,
			 const struct top_figure *figure)
{
	char rate[UNITS_TEXT_SIZE] = "-", all[UNITS_TEXT_SIZE];

	if (panel->has_rates)
		units_rate(figure->rate, rate);
	panel_line(panel, figure->total ? style : CANVAS_DIM, name, rate,
		   units_count(figure->total, all));
}

static bool is_drop(unsigned reason)
{
	return reason >= GUARD_FIRST_DROP;
}

/* Drops go before what passes, and each by what grows most. */
static bool is_before(const struct top_figure *reasons, unsigned a, unsigned b)
{
	if (is_drop(a) != is_drop(b))
		return is_drop(a);
	if (reasons[a].rate != reasons[b].rate)
		return reasons[a].rate > reasons[b].rate;
	return reasons[a].total > reasons[b].total;
}

/* Those with packets, in order; returns how many. */
static unsigned order_reasons(const struct top_figure *reasons, unsigned order[GUARD_REASON_COUNT])
{
	unsigned n = 0;

	for (unsigned i = 0; i < GUARD_REASON_COUNT; i++) {
		unsigned at = n;

		if (!reasons[i].total)
			continue;
		for (; at > 0 && is_before(reasons, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = i;
		n++;
	}
	return n;
}

static void reasons_panel(const struct top_model *model, struct panel panel, unsigned end)
{
	unsigned order[GUARD_REASON_COUNT], n = order_reasons(model->reasons, order);

	panel_line(&panel, CANVAS_HEADER, "REASON", "PACKETS/S", "PACKETS");
	for (unsigned i = 0; i < n && panel.row < end; i++)
		panel_figure(&panel, is_drop(order[i]) ? CANVAS_BAD : CANVAS_GOOD,
			     reason_name(order[i]), &model->reasons[order[i]]);
}

static void rules_panel(const struct top_model *model, struct panel panel, unsigned end)
{
	size_t n = model->reading.n_rules, fit = end - panel.row - 1;
	char title[64] = "RULE";

	if (n > fit)
		snprintf(title, sizeof(title), "RULE (%zu of %zu)", fit, n);
	panel_line(&panel, CANVAS_HEADER, title, "DROPS/S", "DROPS");
	for (size_t i = 0; i < n && panel.row < end; i++) {
		size_t at = model->worst_rules[i];
		bool is_real = model->reading.rules[at].count.dropped.packets;

		panel_figure(&panel, is_real ? CANVAS_BAD : CANVAS_WARN,
			     model->reading.rules[at].name, &model->rules[at]);
	}
}

/* Reasons at the left, rules at the right. Returns the row behind them. */
static unsigned panels(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	unsigned end = row + 1 + (canvas->rows - TOP_ROWS_MIN) / 3 + 4, half = canvas->columns / 2;
	struct panel left = {canvas, row, 1, half - 2, scene->model->has_rates};
	struct panel right = {canvas, row, half + 1, canvas->columns - half - 2,
			      scene->model->has_rates};

	if (end > row + 1 + GUARD_REASON_COUNT)
		end = row + 1 + GUARD_REASON_COUNT;
	reasons_panel(scene->model, left, end);
	rules_panel(scene->model, right, end);
	canvas_fill(canvas, row, CANVAS_HEADER);
	return end;
}

static unsigned totals(const struct top_scene *scene, struct canvas *canvas, unsigned row)
{
	total(scene, canvas, row++, "passed", CANVAS_GOOD, TOP_PASSED);
	total(scene, canvas, row++, "dropped", CANVAS_BAD, TOP_DROPPED);
	if (scene->model->would_drop.total)
		would_drop(scene, canvas, row++);
	total(scene, canvas, row++, "traffic", CANVAS_PLAIN, TOP_TRAFFIC);
	table_line(scene, canvas, row++);
	admission_line(scene, canvas, row++);
	return row;
}

static void trouble(const struct top_scene *scene, struct canvas *canvas)
{
	char text[UNITS_TEXT_SIZE], line[128];

	canvas_paragraph(canvas, 3, CANVAS_BAD, scene->model->trouble);
	snprintf(line, sizeof(line), "Looking again every %s. q quits.",
		 units_duration(scene->interval_ns, text));
	canvas_text(canvas, 8, 1, canvas->columns, CANVAS_PLAIN, line);
}

static void too_small(struct canvas *canvas)
{
	char line[96];

	snprintf(line, sizeof(line), "too small: %ux%u; it takes %ux%u. q quits.", canvas->columns,
		 canvas->rows, TOP_COLUMNS_MIN, TOP_ROWS_MIN);
	canvas_text(canvas, canvas->rows / 2, 0, canvas->columns, CANVAS_BAD, line);
}

unsigned top_layout(const struct top_scene *scene, struct canvas *canvas)
{
	const struct top_reading *reading = &scene->model->reading;
	unsigned row = 2, footer;

	if (canvas->rows < TOP_ROWS_MIN || canvas->columns < TOP_COLUMNS_MIN) {
		too_small(canvas);
		return 0;
	}
	header(scene, canvas);
	if (scene->ui->mode == TOP_HELP) {
		top_layout_help(canvas);
		return 0;
	}
	footer = top_layout_footer(scene, canvas);
	if (!reading->time_ns) {
		trouble(scene, canvas);
		return 0;
	}
	if (!reading->is_attached)
		canvas_text(canvas, 1, 1, canvas->columns, CANVAS_BAD,
			    "not on every interface that it should be on: see xdpguard status");
	else
		canvas_text(canvas, 1, 1, canvas->columns, CANVAS_DIM, reading->settings ?: "");
	row = totals(scene, canvas, row);
	row = panels(scene, canvas, row);
	return top_layout_sources(scene, canvas, row, footer);
}
