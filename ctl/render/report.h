/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output for people, for programs and for spreadsheets from the same calls: a command describes
 * data, the report decides how it looks. Knows neither kernel nor policy.
 *
 * A report is a sequence of fields (name: value), objects and tables. As text, fields are aligned
 * `label: value` lines and tables have aligned columns with units. As JSON the report is one
 * object: fields are members, tables are arrays of objects (a row a line), counters exact integers.
 * As CSV it is the tables alone, a header line each, a blank line between two; values as in JSON,
 * none as nothing.
 *
 * Text follows LC_CTYPE: the program calls setlocale(LC_CTYPE, "") first. Control characters in
 * strings are escaped, and outside UTF-8 whatever is not ASCII. JSON is always valid UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_CSV,
};

enum report_type {
	REPORT_STRING,	  /* const char *; NULL is "-" as text, null as JSON */
	REPORT_COUNT,	  /* 1.23M as text, exact in JSON */
	REPORT_BYTES,	  /* 1.5 GB */
	REPORT_RATE,	  /* packets a second: 1.2k/s */
	REPORT_BANDWIDTH, /* bits a second: 10 Mbit/s */
	REPORT_NUMBER,	  /* exact everywhere: an id, a priority */
	REPORT_DURATION,  /* ns; 10m 3s; JSON: seconds as a number */
	REPORT_TIME, /* ns since 1970; "3s ago", "in 9m"; JSON: RFC 3339 with ms; 0: "-" and null */
	REPORT_BOOL, /* yes/no, true/false */
};

enum report_colour {
	REPORT_PLAIN,
	REPORT_GOOD, /* green */
	REPORT_WARN, /* yellow */
	REPORT_BAD,  /* red */
	REPORT_DIM,
};

struct report_column {
	const char *key;   /* JSON member, CSV header; NULL: column left out of both */
	const char *title; /* text header; NULL: column left out of text */
	enum report_type type;
};

struct report;

struct report_options {
	enum report_format format;
	bool colour;	 /* the caller knows about terminals and NO_COLOR */
	bool one_line;	 /* JSON without line breaks: many reports are then a stream of lines */
	uint64_t now_ns; /* since 1970, for "ago"; 0: ask the clock */
};

/*
 * Never NULL. Nothing is written before report_end. Strings are copied. The first error (no
 * memory, or -EINVAL for calls that make no report) is kept and what follows is ignored.
 */
struct report *report_begin(FILE *out, const struct report_options *options);

/*
 * A field. `label` NULL: left out of text. `key` NULL: left out of JSON; else no other member of
 * its object may have it.
 */
void report_string(struct report *report, const char *key, const char *label, const char *value);
void report_value(struct report *report, const char *key, const char *label, enum report_type type,
		  uint64_t value);

/*
 * Members up to report_object_end sit in an object of that name (key NULL: left out of JSON and CSV
 * with all of them); as text, indented under a heading, or among the others when label is NULL.
 */
void report_object(struct report *report, const char *key, const char *label);
void report_object_end(struct report *report);

/*
 * A table: report_table, then a row's cells in the order of its columns, again and again. An empty
 * table is an empty array in JSON, and `empty` as text (NULL: nothing at all). `key` NULL: left out
 * of JSON and CSV; `heading` may be NULL. `columns` is not copied: it has to outlive the report.
 */
void report_table(struct report *report, const char *key, const char *heading,
		  const struct report_column *columns, size_t n_columns, const char *empty);
void report_cell_string(struct report *report, const char *value);
void report_cell(struct report *report, uint64_t value);
/* Whatever the column's type: shown "-" as text, null in JSON. */
void report_cell_none(struct report *report);

/* A line of prose: text only. */
void report_line(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Colours the cell, field or line last given. */
void report_colour(struct report *report, enum report_colour colour);

/* Writes it all, or nothing after an error, which it returns; frees the report. */
int report_end(struct report **report);

/* Drops a report that is not to be written; NULL is accepted, for use as a cleanup. */
void report_free(struct report **report);
