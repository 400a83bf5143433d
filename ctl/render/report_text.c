/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for people: runs of fields, and tables, are each one libsmartcols table. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

#include <libsmartcols/libsmartcols.h>

#include "base/cleanup.h"
#include "escape.h"
#include "report_model.h"
#include "units.h"

#define HEADING_COLOUR "\033[1m"
#define COLOUR_END "\033[0m"
#define INDENT_STEP 2

enum block {
	BLOCK_NONE,
	BLOCK_HEADING,
	BLOCK_FIELDS,
	BLOCK_LINE,
	BLOCK_TABLE,
};

struct writer {
	FILE *out;
	const struct report *report;
	size_t terminal_width; /* 0: no terminal, or one of unknown width */
	int indent;
	enum block last;	       /* what was written last: decides about a blank line */
	struct libscols_table *fields; /* the run of fields that isn't written yet */
};

static void table_unrefp(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static void writer_release(struct writer *writer)
{
	scols_unref_table(writer->fields);
}

static const char *colour_sequence(unsigned colour)
{
	switch ((enum report_colour)colour) {
	case REPORT_PLAIN:
		break;
	case REPORT_GOOD:
		return "\033[32m";
	case REPORT_WARN:
		return "\033[33m";
	case REPORT_BAD:
		return "\033[31m";
	case REPORT_DIM:
		return "\033[2m";
	}
	return NULL;
}

static const char *format_number(enum report_type type, uint64_t number, uint64_t now_ns,
				 char text[UNITS_TEXT_SIZE])
{
	switch (type) {
	case REPORT_COUNT:
		return units_count(number, text);
	case REPORT_BYTES:
		return units_bytes(number, text);
	case REPORT_RATE:
		return units_rate(number, text);
	case REPORT_BANDWIDTH:
		return units_bandwidth(number, text);
	case REPORT_DURATION:
		return units_duration(number, text);
	case REPORT_TIME:
		return units_ago(number, now_ns, text);
	case REPORT_BOOL:
		return number ? "yes" : "no";
	case REPORT_NUMBER:
	case REPORT_STRING:
		break;
	}
	snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64, number);
	return text;
}

/* NULL: no memory. */
static char *format_datum(const struct writer *writer, enum report_type type,
			  const struct report_datum *datum)
{
	char text[UNITS_TEXT_SIZE];

	if (datum->is_none)
		return strdup("-");
	if (type == REPORT_STRING)
		return escape_text(datum->string);
	return strdup(format_number(type, datum->number, writer->report->options.now_ns, text));
}

static size_t terminal_width(FILE *out)
{
	struct winsize size;

	if (fileno(out) < 0 || ioctl(fileno(out), TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

static void start_block(struct writer *writer, enum block block)
{
	bool is_continued = block == BLOCK_LINE && writer->last == BLOCK_LINE;

	if (writer->last != BLOCK_NONE && writer->last != BLOCK_HEADING && !is_continued)
		fputc('\n', writer->out);
	writer->last = block;
}

/* One line; `colour` may be NULL. */
static int put_line(const struct writer *writer, const char *text, const char *colour)
{
	_cleanup_free_ char *escaped = escape_text(text);

	if (!escaped)
		return -ENOMEM;
	if (!writer->report->options.colour)
		colour = NULL;
	fprintf(writer->out, "%*s%s%s%s\n", writer->indent, "", colour ? colour : "", escaped,
		colour ? COLOUR_END : "");
	return 0;
}

static int put_heading(struct writer *writer, const char *heading)
{
	start_block(writer, BLOCK_HEADING);
	return put_line(writer, heading, HEADING_COLOUR);
}

/* Strings come here escaped: libsmartcols' own encoding would do so again, so it is off. */
static struct libscols_table *new_table(const struct writer *writer)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_colors(table, writer->report->options.colour);
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	return table;
}

static void fit_to_terminal(const struct writer *writer, struct libscols_table *table)
{
	if (writer->terminal_width <= (size_t)writer->indent)
		return;
	scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table, writer->terminal_width - (size_t)writer->indent);
}

/* Takes over `text`, which is NULL when there was no memory for it. */
static int set_cell(struct libscols_line *line, size_t column, char *text, unsigned colour)
{
	if (!text)
		return -ENOMEM;
	if (scols_line_refer_data(line, column, text)) {
		free(text);
		return -ENOMEM;
	}
	return scols_cell_set_color(scols_line_get_cell(line, column), colour_sequence(colour));
}

static int print_table(const struct writer *writer, struct libscols_table *table)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	int r;

	r = scols_print_table_to_string(table, &text);
	if (r < 0)
		return r;
	if (!text) /* a memory stream that finds no memory when it is closed says so no other way */
		return -ENOMEM;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		fprintf(writer->out, "%*s%s\n", writer->indent, "", line);
	return 0;
}

static int start_fields(struct writer *writer)
{
	_cleanup_(table_unrefp) struct libscols_table *table = new_table(writer);

	if (!table || !scols_table_new_column(table, "", 0, 0) ||
	    !scols_table_new_column(table, "", 0, 0))
		return -ENOMEM;
	scols_table_enable_noheadings(table, 1);
	writer->fields = take_ptr(table);
	return 0;
}

static int add_field(struct writer *writer, const struct report_node *node)
{
	struct libscols_line *line = scols_table_new_line(writer->fields, NULL);
	_cleanup_free_ char *label = escape_text(node->label);
	char *label_colon;
	int r;

	if (!line || !label || asprintf(&label_colon, "%s:", label) < 0)
		return -ENOMEM;
	r = set_cell(line, 0, label_colon, REPORT_PLAIN);
	if (r < 0)
		return r;
	return set_cell(line, 1, format_datum(writer, node->type, &node->datum),
			node->datum.colour);
}

static int write_field(struct writer *writer, const struct report_node *node)
{
	int r;

	if (!node->label)
		return 0;
	if (!writer->fields) {
		r = start_fields(writer);
		if (r < 0)
			return r;
	}
	return add_field(writer, node);
}

/* Before whatever isn't a field. */
static int flush_fields(struct writer *writer)
{
	_cleanup_(table_unrefp) struct libscols_table *fields = take_ptr(writer->fields);

	if (!fields)
		return 0;
	start_block(writer, BLOCK_FIELDS);
	return print_table(writer, fields);
}

static bool is_right_aligned(enum report_type type)
{
	return type != REPORT_STRING && type != REPORT_BOOL;
}

static bool has_titles(const struct report_table *model)
{
	for (size_t i = 0; i < model->n_columns; i++)
		if (model->columns[i].title)
			return true;
	return false;
}

static int add_columns(const struct report_table *model, struct libscols_table *table)
{
	struct libscols_column *column = NULL;
	bool is_string = false;

	for (size_t i = 0; i < model->n_columns; i++) {
		if (!model->columns[i].title)
			continue;
		column = scols_table_new_column(
			table, model->columns[i].title, 0,
			is_right_aligned(model->columns[i].type) ? SCOLS_FL_RIGHT : 0);
		if (!column)
			return -ENOMEM;
		is_string = model->columns[i].type == REPORT_STRING;
	}
	if (is_string)
		scols_column_set_flags(column, SCOLS_FL_TRUNC);
	return 0;
}

static int add_row(const struct writer *writer, const struct report_table *model,
		   const struct report_datum *cells, struct libscols_table *table)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t shown = 0;
	int r;

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < model->n_columns; i++) {
		if (!model->columns[i].title)
			continue;
		r = set_cell(line, shown++, format_datum(writer, model->columns[i].type, &cells[i]),
			     cells[i].colour);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_rows(const struct writer *writer, const struct report_table *model)
{
	_cleanup_(table_unrefp) struct libscols_table *table = new_table(writer);
	int r;

	if (!table || scols_table_set_column_separator(table, "  "))
		return -ENOMEM;
	fit_to_terminal(writer, table);
	r = add_columns(model, table);
	if (r < 0)
		return r;
	for (size_t i = 0; i < model->n_cells; i += model->n_columns) {
		r = add_row(writer, model, &model->cells[i], table);
		if (r < 0)
			return r;
	}
	return print_table(writer, table);
}

static int write_table(struct writer *writer, const struct report_node *node)
{
	int r;

	if (!has_titles(&node->table) || (!node->table.n_cells && !node->table.empty))
		return 0;
	if (node->label) {
		r = put_heading(writer, node->label);
		if (r < 0)
			return r;
	}
	start_block(writer, BLOCK_TABLE);
	if (!node->table.n_cells)
		return put_line(writer, node->table.empty, NULL);
	return write_rows(writer, &node->table);
}

static int write_line(struct writer *writer, const struct report_node *node)
{
	start_block(writer, BLOCK_LINE);
	return put_line(writer, node->datum.string, colour_sequence(node->datum.colour));
}

static int write_members(struct writer *writer, const struct report_node *object);

static int write_section(struct writer *writer, const struct report_node *object)
{
	int r;

	r = put_heading(writer, object->label);
	if (r < 0)
		return r;
	writer->indent += INDENT_STEP;
	r = write_members(writer, object);
	if (r < 0)
		return r;
	r = flush_fields(writer);
	writer->indent -= INDENT_STEP;
	return r;
}

static int write_node(struct writer *writer, const struct report_node *node)
{
	int r;

	if (node->kind == REPORT_NODE_FIELD)
		return write_field(writer, node);
	if (node->kind == REPORT_NODE_OBJECT && !node->label)
		return write_members(writer, node);
	r = flush_fields(writer);
	if (r < 0)
		return r;
	switch (node->kind) {
	case REPORT_NODE_OBJECT:
		return write_section(writer, node);
	case REPORT_NODE_TABLE:
		return write_table(writer, node);
	case REPORT_NODE_LINE:
	case REPORT_NODE_FIELD:
		break;
	}
	return write_line(writer, node);
}

static int write_members(struct writer *writer, const struct report_node *object)
{
	int r;

	for (const struct report_node *node = object->first; node; node = node->next) {
		r = write_node(writer, node);
		if (r < 0)
			return r;
	}
	return 0;
}

int report_write_text(const struct report *report, FILE *out)
{
	_cleanup_(writer_release) struct writer writer = {
		.out = out,
		.report = report,
		.terminal_width = terminal_width(report->out),
	};
	int r;

	r = write_members(&writer, &report->root);
	if (r < 0)
		return r;
	return flush_fields(&writer);
}
