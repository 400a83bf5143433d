/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CSV with the quoting of RFC 4180; lines end in a line feed alone, as cut, sort and awk expect. */
#include <inttypes.h>
#include <string.h>

#include "report_model.h"
#include "units.h"

static void put_string(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void put_datum(FILE *out, enum report_type type, const struct report_datum *datum)
{
	char text[UNITS_TEXT_SIZE];

	if (datum->is_none)
		return;
	switch (type) {
	case REPORT_STRING:
		put_string(out, datum->string);
		break;
	case REPORT_COUNT:
	case REPORT_BYTES:
	case REPORT_RATE:
	case REPORT_BANDWIDTH:
	case REPORT_NUMBER:
		fprintf(out, "%" PRIu64, datum->number);
		break;
	case REPORT_DURATION:
		fputs(units_seconds(datum->number, text), out);
		break;
	case REPORT_TIME:
		fputs(units_timestamp(datum->number, text), out);
		break;
	case REPORT_BOOL:
		fputs(datum->number ? "true" : "false", out);
		break;
	}
}

static void put_comma(FILE *out, bool *is_first)
{
	if (!*is_first)
		fputc(',', out);
	*is_first = false;
}

static void put_header(FILE *out, const struct report_table *table)
{
	bool is_first = true;

	for (size_t i = 0; i < table->n_columns; i++) {
		if (!table->columns[i].key)
			continue;
		put_comma(out, &is_first);
		put_string(out, table->columns[i].key);
	}
	fputc('\n', out);
}

static void put_row(FILE *out, const struct report_table *table, const struct report_datum *cells)
{
	bool is_first = true;

	for (size_t i = 0; i < table->n_columns; i++) {
		if (!table->columns[i].key)
			continue;
		put_comma(out, &is_first);
		put_datum(out, table->columns[i].type, &cells[i]);
	}
	fputc('\n', out);
}

static void put_tables(FILE *out, const struct report_node *object, bool *has_table)
{
	for (const struct report_node *node = object->first; node; node = node->next) {
		if (!node->key)
			continue;
		if (node->kind == REPORT_NODE_OBJECT)
			put_tables(out, node, has_table);
		if (node->kind != REPORT_NODE_TABLE)
			continue;
		if (*has_table)
			fputc('\n', out);
		*has_table = true;
		put_header(out, &node->table);
		for (size_t i = 0; i < node->table.n_cells; i += node->table.n_columns)
			put_row(out, &node->table, &node->table.cells[i]);
	}
}

int report_write_csv(const struct report *report, FILE *out)
{
	bool has_table = false;

	put_tables(out, &report->root, &has_table);
	return 0;
}
