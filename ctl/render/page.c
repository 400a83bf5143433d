/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "escape.h"
#include "units.h"

#define NS_PER_S 1000000000.0

static const char *const kind_classes[PAGE_KINDS + 1] = {"passed", "dropped", "watched", "plain"};
static const char *const kind_names[PAGE_KINDS] = {"passed", "dropped", "would be dropped"};

/* Colours are told apart by those who see red and green alike: they differ in lightness, too. */
static const char style[] =
	":root{color-scheme:light dark;--back:#fff;--card:#f4f5f7;--text:#1c2127;--dim:#5b6570;"
	"--line:#d5d9de;--passed:#3f7fbf;--dropped:#c9352b;--watched:#d99a1c}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#14171b;--card:#1e2329;--text:#e4e7eb;"
	"--dim:#98a2ad;--line:#343b43;--passed:#5c9fe0;--dropped:#f0675c;--watched:#e8b64c}}\n"
	"body{background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif;"
	"max-width:1000px;margin:2rem auto;padding:0 1rem}\n"
	"h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
	"p{color:var(--dim);margin:.3rem 0}\n"
	".figures{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.2rem 0}\n"
	".figure{background:var(--card);border-radius:8px;padding:.7rem 1.1rem;flex:1 1 6.5rem}\n"
	".figure b{display:block;font-size:1.5rem;font-weight:600}\n"
	".figure span{color:var(--dim)}\n"
	"b.passed{color:var(--passed)}b.dropped{color:var(--dropped)}b.watched{color:var(--watched)"
	"}\n"
	"svg{display:block;width:100%;height:auto}svg text{fill:var(--dim);font-size:11px}\n"
	".grid{stroke:var(--line)}\n"
	"rect.passed,i.passed{fill:var(--passed);background:var(--passed)}\n"
	"rect.dropped,i.dropped{fill:var(--dropped);background:var(--dropped)}\n"
	"rect.watched,i.watched{fill:var(--watched);background:var(--watched)}\n"
	".key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .4em 0 "
	"1em}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}\n"
	"th{color:var(--dim);font-weight:500;white-space:nowrap}\n"
	"td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	"\n"
	"td.bar{min-width:9rem;vertical-align:middle}td.bar i{display:inline-block;height:.75em}\n";

static void print_code(FILE *out, const char *text, uint32_t code, size_t length)
{
	switch (code) {
	case '&':
	case '<':
	case '>':
	case '"':
	case '\'':
		fprintf(out, "&#%" PRIu32 ";", code);
		return;
	}
	fwrite(text, 1, length, out);
}

static void print_text(FILE *out, const char *text)
{
	uint32_t code;
	size_t length;

	for (; *text; text += length) {
		if (escape_classify(text, &code, &length) == ESCAPE_PLAIN)
			print_code(out, text, code, length);
		else
			fputs("&#65533;", out);
	}
}

void page_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      out);
	print_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n<h1>", style);
	print_text(out, title);
	fputs("</h1>\n", out);
}

void page_end(FILE *out)
{
	fputs("</html>\n", out);
}

void page_paragraph(FILE *out, const char *text)
{
	fputs("<p>", out);
	print_text(out, text);
	fputs("</p>\n", out);
}

void page_heading(FILE *out, const char *text)
{
	fputs("<h2>", out);
	print_text(out, text);
	fputs("</h2>\n", out);
}

void page_figures_begin(FILE *out)
{
	fputs("<div class=\"figures\">\n", out);
}

void page_figure(FILE *out, const char *value, const char *label, enum page_kind kind)
{
	fprintf(out, "<div class=\"figure\"><b class=\"%s\">", kind_classes[kind]);
	print_text(out, value);
	fputs("</b><span>", out);
	print_text(out, label);
	fputs("</span></div>\n", out);
}

void page_figures_end(FILE *out)
{
	fputs("</div>\n", out);
}

void page_table_begin(FILE *out, const char *const *titles)
{
	fputs("<div class=\"scroll\"><table>\n<tr>", out);
	for (; *titles; titles++) {
		bool is_number = (*titles)[0] == '>';

		fputs(is_number ? "<th class=\"number\">" : "<th>", out);
		print_text(out, *titles + is_number);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
}

void page_row_begin(FILE *out)
{
	fputs("<tr>", out);
}

void page_cell(FILE *out, const char *text)
{
	fputs("<td>", out);
	print_text(out, text);
	fputs("</td>", out);
}

void page_cell_number(FILE *out, const char *text)
{
	fputs("<td class=\"number\">", out);
	print_text(out, text);
	fputs("</td>", out);
}

void page_cell_bar(FILE *out, const struct page_counts *counts, uint64_t most)
{
	fputs("<td class=\"bar\">", out);
	for (unsigned kind = 0; kind < PAGE_KINDS; kind++)
		if (counts->of[kind])
			fprintf(out,
				"<i class=\"%s\" style=\"width:%.2f%%\" title=\"%" PRIu64
				" %s\"></i>",
				kind_classes[kind], 100.0 * (double)counts->of[kind] / (double)most,
				counts->of[kind], kind_names[kind]);
	fputs("</td>", out);
}

void page_row_end(FILE *out)
{
	fputs("</tr>\n", out);
}

void page_table_end(FILE *out)
{
	fputs("</table></div>\n", out);
}

/* The chart, in its own units. */
#define CHART_WIDTH 960
#define CHART_HEIGHT 240
#define PLOT_LEFT 60
#define PLOT_TOP 12
#define PLOT_WIDTH (CHART_WIDTH - PLOT_LEFT - 4)
#define PLOT_HEIGHT (CHART_HEIGHT - PLOT_TOP - 26)
#define GRID_LINES 4
#define TIME_LABELS 5

static uint64_t total(const struct page_counts *counts)
{
	uint64_t sum = 0;

	for (unsigned kind = 0; kind < PAGE_KINDS; kind++)
		sum += counts->of[kind];
	return sum;
}

/* What a step between grid lines may be, in its leading digits. */
static double round_step(double value)
{
	static const double steps[] = {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8};
	double power = 1;

	while (power * 10 < value)
		power *= 10;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (value <= steps[i] * power)
			return steps[i] * power;
	return 10 * power;
}

/* Packets a second that the plot reaches up to. */
static double find_top(const struct page_timeline *t)
{
	uint64_t most = 1;

	for (size_t i = 0; i < t->n_points; i++)
		if (total(&t->points[i]) > most)
			most = total(&t->points[i]);
	return GRID_LINES * round_step((double)most * NS_PER_S / (double)t->point_ns / GRID_LINES);
}

static void draw_grid(FILE *out, double top)
{
	char text[UNITS_TEXT_SIZE];

	for (unsigned i = 0; i <= GRID_LINES; i++) {
		double y = PLOT_TOP + PLOT_HEIGHT * (1 - (double)i / GRID_LINES);

		fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", PLOT_LEFT, y,
			PLOT_LEFT + PLOT_WIDTH);
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			PLOT_LEFT - 6, y + 4, units_rate((uint64_t)(top * i / GRID_LINES), text));
	}
}

static void draw_times(FILE *out, const struct page_timeline *t)
{
	uint64_t span = t->point_ns * t->n_points;
	char text[UNITS_TEXT_SIZE];

	for (unsigned i = 0; i < TIME_LABELS; i++)
		fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">+%s</text>\n",
			PLOT_LEFT + PLOT_WIDTH * (int)i / (TIME_LABELS - 1), CHART_HEIGHT - 8,
			i == 0		       ? "start"
			: i == TIME_LABELS - 1 ? "end"
					       : "middle",
			units_duration(span / (TIME_LABELS - 1) * i, text));
}

static void draw_point(FILE *out, const struct page_timeline *t, size_t point, double top)
{
	const struct page_counts *counts = &t->points[point];
	double width = (double)PLOT_WIDTH / (double)t->n_points, y = PLOT_TOP + PLOT_HEIGHT;
	char after[UNITS_TEXT_SIZE];

	if (!total(counts))
		return;
	fprintf(out,
		"<g><title>+%s: %" PRIu64 " passed, %" PRIu64 " dropped, %" PRIu64
		" would be dropped</title>",
		units_duration(point * t->point_ns, after), counts->of[PAGE_PASSED],
		counts->of[PAGE_DROPPED], counts->of[PAGE_WATCHED]);
	for (unsigned kind = 0; kind < PAGE_KINDS; kind++) {
		double rate = (double)counts->of[kind] * NS_PER_S / (double)t->point_ns;
		double height = PLOT_HEIGHT * rate / top;

		y -= height;
		if (counts->of[kind])
			fprintf(out,
				"<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
				"height=\"%.2f\"/>",
				kind_classes[kind], PLOT_LEFT + (double)point * width, y,
				width > 3 ? width - 1 : width, height);
	}
	fputs("</g>\n", out);
}

static void print_key(FILE *out)
{
	fputs("<p class=\"key\">", out);
	for (unsigned kind = 0; kind < PAGE_KINDS; kind++)
		fprintf(out, "<i class=\"%s\"></i>%s", kind_classes[kind], kind_names[kind]);
	fputs("</p>\n", out);
}

void page_timeline(FILE *out, const struct page_timeline *timeline)
{
	double top;

	if (!timeline->n_points)
		return;
	top = find_top(timeline);
	fprintf(out,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"packets a second over "
		"time\">\n",
		CHART_WIDTH, CHART_HEIGHT);
	draw_grid(out, top);
	draw_times(out, timeline);
	for (size_t i = 0; i < timeline->n_points; i++)
		draw_point(out, timeline, i, top);
	fputs("</svg>\n", out);
	print_key(out);
}
