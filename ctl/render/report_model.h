/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report holds until it is written: a tree of nodes. For report.c and the writers only. */
#pragma once

#include "report.h"

/* One value; a field's node or a table's column says of which type. */
struct report_datum {
	union {
		char *string;
		uint64_t number;
	};
	bool is_none;
	unsigned char colour; /* enum report_colour: a table has millions of these */
};

enum report_node_kind {
	REPORT_NODE_OBJECT,
	REPORT_NODE_FIELD,
	REPORT_NODE_LINE,
	REPORT_NODE_TABLE,
};

struct report_table {
	const struct report_column *columns;
	size_t n_columns;
	struct report_datum *cells; /* row after row */
	size_t n_cells, cells_allocated;
	char *empty;
};

struct report_node {
	enum report_node_kind kind;
	char *key, *label;
	struct report_node *parent, *next;
	struct report_node *first, *last; /* members of an object */
	enum report_type type;		  /* of a field; a line is a string */
	struct report_datum datum;
	struct report_table table;
};

struct report {
	FILE *out;
	struct report_options options;
	struct report_node root;
	struct report_node *object;	/* innermost one that is open */
	struct report_table *table;	/* the one that takes cells */
	struct report_datum *colourful; /* the one that report_colour would colour */
	int error;
};

/* Each writes to `out`, not to report->out; errors of `out` itself are the caller's to look for. */
int report_write_text(const struct report *report, FILE *out);
int report_write_json(const struct report *report, FILE *out);
int report_write_csv(const struct report *report, FILE *out);
