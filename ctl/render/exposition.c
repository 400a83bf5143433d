/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exposition.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "escape.h"
#include "units.h"

static const char *const suffixes[] = {
	[EXPOSITION_GAUGE] = "",
	[EXPOSITION_COUNTER] = "_total",
	[EXPOSITION_INFO] = "_info",
};

static const char *type_name(const struct exposition *exposition)
{
	switch (exposition->type) {
	case EXPOSITION_COUNTER:
		return "counter";
	case EXPOSITION_INFO:
		return exposition->is_openmetrics ? "info" : "gauge";
	case EXPOSITION_GAUGE:
		break;
	}
	return "gauge";
}

void exposition_family(struct exposition *exposition, enum exposition_type type, const char *name,
		       const char *unit, const char *help)
{
	const char *suffix = exposition->is_openmetrics ? "" : suffixes[type];

	exposition->type = type;
	exposition->name = name;
	fprintf(exposition->out, "# HELP %s%s %s\n", name, suffix, help);
	fprintf(exposition->out, "# TYPE %s%s %s\n", name, suffix, type_name(exposition));
	if (unit && exposition->is_openmetrics)
		fprintf(exposition->out, "# UNIT %s %s\n", name, unit);
}

static void put_character(FILE *out, const char *text, size_t length)
{
	switch (*text) {
	case '\\':
	case '"':
		fprintf(out, "\\%c", *text);
		return;
	case '\n':
		fputs("\\n", out);
		return;
	}
	fwrite(text, 1, length, out);
}

static void put_value(FILE *out, const char *text)
{
	uint32_t code;
	size_t length;

	for (; *text; text += length) {
		if (escape_classify(text, &code, &length) == ESCAPE_INVALID)
			fputs("\357\277\275", out); /* U+FFFD, the replacement character */
		else
			put_character(out, text, length);
	}
}

static void put_name(const struct exposition *exposition, const struct exposition_label *labels,
		     size_t n_labels)
{
	FILE *out = exposition->out;

	fprintf(out, "%s%s", exposition->name, suffixes[exposition->type]);
	for (size_t i = 0; i < n_labels; i++) {
		fprintf(out, "%s%s=\"", i ? "," : "{", labels[i].name);
		put_value(out, labels[i].value);
		fputc('"', out);
	}
	if (n_labels)
		fputc('}', out);
}

void exposition_sample(const struct exposition *exposition, const struct exposition_label *labels,
		       size_t n_labels, uint64_t value)
{
	put_name(exposition, labels, n_labels);
	fprintf(exposition->out, " %" PRIu64 "\n", value);
}

void exposition_seconds(const struct exposition *exposition, const struct exposition_label *labels,
			size_t n_labels, uint64_t ns)
{
	char text[UNITS_TEXT_SIZE];

	put_name(exposition, labels, n_labels);
	fprintf(exposition->out, " %s\n", units_seconds(ns, text));
}

void exposition_end(const struct exposition *exposition)
{
	if (exposition->is_openmetrics)
		fputs("# EOF\n", exposition->out);
}

const char *exposition_content_type(bool is_openmetrics)
{
	return is_openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			      : "text/plain; version=0.0.4; charset=utf-8";
}
