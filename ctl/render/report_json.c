/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON. Braces and line breaks are written here, so that a table of millions of rows never stands
 * in memory as objects a second time; a value, or a row, is json-c's.
 */
#include <errno.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "escape.h"
#include "report_model.h"
#include "units.h"

struct writer {
	FILE *out;
	bool one_line;
	int depth;
};

static int write_object(struct writer *writer, const struct report_node *object);

static void json_putp(struct json_object **value)
{
	json_object_put(*value);
}

#define _cleanup_json_ _cleanup_(json_putp)

static int new_value(enum report_type type, const struct report_datum *datum,
		     struct json_object **ret_value)
{
	struct json_object *value = NULL;
	char text[UNITS_TEXT_SIZE];

	if (datum->is_none) {
		*ret_value = NULL; /* json-c's null */
		return 0;
	}
	switch (type) {
	case REPORT_STRING:
		value = json_object_new_string(datum->string);
		break;
	case REPORT_COUNT:
	case REPORT_BYTES:
	case REPORT_RATE:
	case REPORT_BANDWIDTH:
	case REPORT_NUMBER:
		value = json_object_new_uint64(datum->number);
		break;
	case REPORT_DURATION: /* json-c writes the text: a double alone would lose nanoseconds */
		value = json_object_new_double_s((double)datum->number / 1e9,
						 units_seconds(datum->number, text));
		break;
	case REPORT_TIME:
		value = json_object_new_string(units_timestamp(datum->number, text));
		break;
	case REPORT_BOOL:
		value = json_object_new_boolean(datum->number != 0);
		break;
	}
	if (!value)
		return -ENOMEM;
	*ret_value = value;
	return 0;
}

/*
 * json-c hands bytes of 0x80 and above on as they are. Only strings hold any, so what is not UTF-8
 * can be replaced, and what would drive a terminal escaped, in what json-c made.
 */
static void put_safely(FILE *out, const char *json)
{
	const char *plain = json; /* where what is not written yet begins */
	size_t length;
	uint32_t code;

	for (; *json; json += length) {
		enum escape_class class;

		length = 1;
		if (*json >= ' ' && *json < 0x7f)
			continue; /* nearly all there is */
		class = escape_classify(json, &code, &length);
		if (class == ESCAPE_PLAIN)
			continue;
		fwrite(plain, 1, (size_t)(json - plain), out);
		plain = json + length;
		if (class == ESCAPE_CONTROL)
			fprintf(out, "\\u%04x", code);
		else
			fputs("\357\277\275", out); /* U+FFFD, the replacement character */
	}
	fputs(plain, out);
}

static int put_json(FILE *out, struct json_object *value)
{
	const char *json;

	errno = 0; /* all that tells of text which json-c left out for lack of memory */
	json = json_object_to_json_string_ext(value, JSON_C_TO_STRING_SPACED |
							     JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!json || errno == ENOMEM)
		return -ENOMEM;
	put_safely(out, json);
	return 0;
}

static int write_datum(struct writer *writer, enum report_type type,
		       const struct report_datum *datum)
{
	_cleanup_json_ struct json_object *value = NULL;
	int r;

	r = new_value(type, datum, &value);
	if (r < 0)
		return r;
	return put_json(writer->out, value);
}

static void put_break(const struct writer *writer)
{
	if (writer->one_line)
		fputc(' ', writer->out);
	else
		fprintf(writer->out, "\n%*s", 2 * writer->depth, "");
}

static void put_separator(const struct writer *writer, bool is_first)
{
	if (!is_first)
		fputc(',', writer->out);
	put_break(writer);
}

static void open_bracket(struct writer *writer, char bracket)
{
	fputc(bracket, writer->out);
	writer->depth++;
}

static void close_bracket(struct writer *writer, char bracket, bool is_empty)
{
	writer->depth--;
	if (!is_empty)
		put_break(writer);
	fputc(bracket, writer->out);
}

static int new_row(const struct report_table *table, const struct report_datum *cells,
		   struct json_object **ret_row)
{
	_cleanup_json_ struct json_object *row = json_object_new_object();
	int r;

	if (!row)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_columns; i++) {
		_cleanup_json_ struct json_object *value = NULL;

		if (!table->columns[i].key)
			continue;
		r = new_value(table->columns[i].type, &cells[i], &value);
		if (r < 0)
			return r;
		if (json_object_object_add(row, table->columns[i].key, value))
			return -ENOMEM;
		value = NULL; /* the row's own now */
	}
	*ret_row = take_ptr(row);
	return 0;
}

static int write_table(struct writer *writer, const struct report_table *table)
{
	int r;

	open_bracket(writer, '[');
	for (size_t i = 0; i < table->n_cells; i += table->n_columns) {
		_cleanup_json_ struct json_object *row = NULL;

		r = new_row(table, &table->cells[i], &row);
		if (r < 0)
			return r;
		put_separator(writer, i == 0);
		r = put_json(writer->out, row);
		if (r < 0)
			return r;
	}
	close_bracket(writer, ']', !table->n_cells);
	return 0;
}

static int write_key(const struct writer *writer, const char *key)
{
	_cleanup_json_ struct json_object *name = json_object_new_string(key);
	int r;

	if (!name)
		return -ENOMEM;
	r = put_json(writer->out, name);
	if (r < 0)
		return r;
	fputs(": ", writer->out);
	return 0;
}

static int write_member(struct writer *writer, const struct report_node *node)
{
	int r;

	r = write_key(writer, node->key);
	if (r < 0)
		return r;
	switch (node->kind) {
	case REPORT_NODE_OBJECT:
		return write_object(writer, node);
	case REPORT_NODE_TABLE:
		return write_table(writer, &node->table);
	case REPORT_NODE_FIELD:
	case REPORT_NODE_LINE:
		break;
	}
	return write_datum(writer, node->type, &node->datum);
}

static int write_object(struct writer *writer, const struct report_node *object)
{
	bool is_empty = true;
	int r;

	open_bracket(writer, '{');
	for (const struct report_node *node = object->first; node; node = node->next) {
		if (!node->key)
			continue;
		put_separator(writer, is_empty);
		is_empty = false;
		r = write_member(writer, node);
		if (r < 0)
			return r;
	}
	close_bracket(writer, '}', is_empty);
	return 0;
}

int report_write_json(const struct report *report, FILE *out)
{
	struct writer writer = {.out = out, .one_line = report->options.one_line};
	int r;

	r = write_object(&writer, &report->root);
	if (r < 0)
		return r;
	fputc('\n', out);
	return 0;
}
