/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "report_model.h"

static void fail(struct report *report, int error)
{
	if (!report->error)
		report->error = error;
}

static char *copy(struct report *report, const char *text)
{
	char *copied;

	if (!text)
		return NULL;
	copied = strdup(text);
	if (!copied)
		fail(report, -ENOMEM);
	return copied;
}

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What is told to it is lost, as to any other behind its first error. */
static struct report no_memory = {.error = -ENOMEM, .object = &no_memory.root};

struct report *report_begin(FILE *out, const struct report_options *options)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report)
		return &no_memory;
	report->out = out;
	report->options = *options;
	if (!report->options.now_ns)
		report->options.now_ns = clock_now();
	report->object = &report->root;
	return report;
}

static bool has_member(const struct report_node *object, const char *key)
{
	for (const struct report_node *node = object->first; node; node = node->next)
		if (node->key && !strcmp(node->key, key))
			return true;
	return false;
}

static void append(struct report_node *object, struct report_node *node)
{
	node->parent = object;
	if (object->last)
		object->last->next = node;
	else
		object->first = node;
	object->last = node;
}

/* Whatever follows a table ends it: that is when a row that lacks cells is noticed. */
static void close_table(struct report *report)
{
	if (report->table && report->table->n_cells % report->table->n_columns)
		fail(report, -EINVAL);
	report->table = NULL;
	report->colourful = NULL;
}

/* NULL after an error, this one or an earlier. */
static struct report_node *add_node(struct report *report, enum report_node_kind kind,
				    const char *key, const char *label)
{
	struct report_node *node;

	close_table(report);
	if (key && has_member(report->object, key))
		fail(report, -EINVAL);
	if (report->error)
		return NULL;
	node = calloc(1, sizeof(*node));
	if (!node) {
		fail(report, -ENOMEM);
		return NULL;
	}
	node->kind = kind;
	append(report->object, node);
	node->key = copy(report, key);
	node->label = copy(report, label);
	return report->error ? NULL : node;
}

void report_string(struct report *report, const char *key, const char *label, const char *value)
{
	struct report_node *node = add_node(report, REPORT_NODE_FIELD, key, label);

	if (!node)
		return;
	node->type = REPORT_STRING;
	node->datum.string = copy(report, value);
	node->datum.is_none = !value;
	report->colourful = &node->datum;
}

/* The one number that stands for no value. */
static bool is_none(enum report_type type, uint64_t value)
{
	return type == REPORT_TIME && !value;
}

void report_value(struct report *report, const char *key, const char *label, enum report_type type,
		  uint64_t value)
{
	struct report_node *node;

	if (type == REPORT_STRING)
		fail(report, -EINVAL);
	node = add_node(report, REPORT_NODE_FIELD, key, label);
	if (!node)
		return;
	node->type = type;
	node->datum.number = value;
	node->datum.is_none = is_none(type, value);
	report->colourful = &node->datum;
}

void report_object(struct report *report, const char *key, const char *label)
{
	struct report_node *node = add_node(report, REPORT_NODE_OBJECT, key, label);

	if (node)
		report->object = node;
}

void report_object_end(struct report *report)
{
	close_table(report);
	if (report->object->parent)
		report->object = report->object->parent;
	else
		fail(report, -EINVAL);
}

void report_table(struct report *report, const char *key, const char *heading,
		  const struct report_column *columns, size_t n_columns, const char *empty)
{
	struct report_node *node;

	if (!n_columns)
		fail(report, -EINVAL);
	node = add_node(report, REPORT_NODE_TABLE, key, heading);
	if (!node)
		return;
	node->table.columns = columns;
	node->table.n_columns = n_columns;
	node->table.empty = copy(report, empty);
	report->table = &node->table;
}

static int make_room(struct report_table *table)
{
	size_t wanted = table->cells_allocated ? 2 * table->cells_allocated : 64;
	struct report_datum *cells;

	if (table->n_cells < table->cells_allocated)
		return 0;
	cells = reallocarray(table->cells, wanted, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	table->cells = cells;
	table->cells_allocated = wanted;
	return 0;
}

static const struct report_column *next_column(const struct report_table *table)
{
	return &table->columns[table->n_cells % table->n_columns];
}

/* NULL after an error, this one or an earlier. */
static struct report_datum *add_cell(struct report *report)
{
	struct report_datum *cell;

	if (!report->table)
		fail(report, -EINVAL);
	else if (make_room(report->table) < 0)
		fail(report, -ENOMEM);
	if (report->error)
		return NULL;
	cell = &report->table->cells[report->table->n_cells++];
	*cell = (struct report_datum){};
	report->colourful = cell;
	return cell;
}

void report_cell_string(struct report *report, const char *value)
{
	struct report_datum *cell;

	if (report->table && next_column(report->table)->type != REPORT_STRING)
		fail(report, -EINVAL);
	cell = add_cell(report);
	if (!cell)
		return;
	cell->string = copy(report, value);
	cell->is_none = !value;
}

void report_cell(struct report *report, uint64_t value)
{
	enum report_type type = REPORT_NUMBER;
	struct report_datum *cell;

	if (report->table)
		type = next_column(report->table)->type;
	if (type == REPORT_STRING)
		fail(report, -EINVAL);
	cell = add_cell(report);
	if (!cell)
		return;
	cell->number = value;
	cell->is_none = is_none(type, value);
}

void report_cell_none(struct report *report)
{
	struct report_datum *cell = add_cell(report);

	if (cell)
		cell->is_none = true;
}

void report_line(struct report *report, const char *format, ...)
{
	struct report_node *node = add_node(report, REPORT_NODE_LINE, NULL, NULL);
	va_list arguments;
	char *line;
	int r;

	if (!node)
		return;
	va_start(arguments, format);
	r = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (r < 0) {
		fail(report, -ENOMEM);
		return;
	}
	node->datum.string = line;
	report->colourful = &node->datum;
}

void report_colour(struct report *report, enum report_colour colour)
{
	if (!report->colourful)
		fail(report, -EINVAL);
	if (!report->error)
		report->colourful->colour = (unsigned char)colour;
}

static int write_as(const struct report *report, FILE *out)
{
	switch (report->options.format) {
	case REPORT_TEXT:
		return report_write_text(report, out);
	case REPORT_JSON:
		return report_write_json(report, out);
	case REPORT_CSV:
		return report_write_csv(report, out);
	}
	return -EINVAL;
}

/* The output in memory, so that whatever fails on the way leaves nothing half written. */
static int compose(const struct report *report, char **ret_text, size_t *ret_length)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = write_as(report, memory);
	if (ferror(memory))
		r = -ENOMEM;
	if (fclose(memory) || !text) /* closing may lose the text and yet return 0 */
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret_text = take_ptr(text);
	*ret_length = length;
	return 0;
}

static int write_out(const struct report *report)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	r = compose(report, &text, &length);
	if (r < 0)
		return r;
	if (fwrite(text, 1, length, report->out) < length || fflush(report->out))
		return errno ? -errno : -EIO;
	return 0;
}

int report_end(struct report **report)
{
	int r;

	close_table(*report);
	if ((*report)->object->parent)
		fail(*report, -EINVAL);
	r = (*report)->error;
	if (!r)
		r = write_out(*report);
	report_free(report);
	return r;
}

static void free_table(struct report_table *table)
{
	for (size_t i = 0; i < table->n_cells; i++)
		if (table->columns[i % table->n_columns].type == REPORT_STRING)
			free(table->cells[i].string);
	free(table->cells);
	free(table->empty);
}

static void free_members(struct report_node *object)
{
	struct report_node *next;

	for (struct report_node *node = object->first; node; node = next) {
		next = node->next;
		free_members(node);
		free_table(&node->table);
		if (node->type == REPORT_STRING)
			free(node->datum.string);
		free(node->key);
		free(node->label);
		free(node);
	}
}

void report_free(struct report **report)
{
	if (!*report)
		return;
	free_members(&(*report)->root);
	if (*report != &no_memory)
		free(*report);
	*report = NULL;
}
