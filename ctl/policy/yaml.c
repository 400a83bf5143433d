/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From libyaml's events rather than from its documents: events keep the place of every alias, and
 * let a bomb be refused before it is built.
 */
#include "yaml.h"

#include <string.h>

#include <yaml.h>

#include "base/cleanup.h"
#include "policy/tree.h"

struct reader {
	yaml_parser_t parser;
	struct tree tree;
	unsigned n_documents;
};

static void reader_release(struct reader *reader)
{
	tree_release(&reader->tree);
	yaml_parser_delete(&reader->parser);
}

static void release_event(yaml_event_t *event)
{
	yaml_event_delete(event);
}

static struct node event_node(const yaml_event_t *event, enum node_kind kind)
{
	const yaml_mark_t *start = &event->start_mark, *end = &event->end_mark;
	bool is_token = event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT;
	bool is_one_line = start->line == end->line;

	return (struct node){
		.kind = kind,
		.line = (unsigned)start->line + 1,
		.column = (unsigned)start->column + 1,
		.length = is_token && is_one_line ? (unsigned)(end->column - start->column) : 1,
	};
}

static struct node mark_node(const yaml_mark_t *mark)
{
	return (struct node){
		.line = (unsigned)mark->line + 1,
		.column = (unsigned)mark->column + 1,
		.length = 1,
	};
}

/* What libyaml says about the commonest slips is hard to make sense of. */
static bool explain(struct reader *reader, const char **ret_why, struct node *ret_place)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *context = parser->context ? parser->context : "";
	struct node place = mark_node(&parser->problem_mark);
	_cleanup_free_ char *line = lines_copy(&reader->tree.document->lines, place.line);
	size_t indent = line ? strspn(line, " ") : 0;

	if (strstr(context, "scanning a tag")) {
		*ret_place = mark_node(&parser->context_mark);
		*ret_why = "a text that starts with \"!\" needs quotes";
		return true;
	}
	if (line && line[indent] == '\t' && indent < place.column) {
		*ret_place = place;
		ret_place->column = (unsigned)indent + 1;
		*ret_why = "a tab can't indent YAML: use spaces";
		return true;
	}
	return false;
}

static int syntax_error(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct document *document = reader->tree.document;
	struct node place = mark_node(&parser->problem_mark);
	char context[128] = "";
	const char *why;

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR)
		lines_locate(&document->lines, parser->problem_offset, &place.line, &place.column);
	else if (explain(reader, &why, &place))
		return tree_refuse(&reader->tree, &place, why);
	if (parser->context)
		snprintf(context, sizeof(context), ", %s on line %zu", parser->context,
			 parser->context_mark.line + 1);
	document_report(document, reader->tree.diagnostics, true, &place, "not valid YAML: %s%s",
			parser->problem, context);
	return -EINVAL;
}

/* An unquoted "!ack" is a tag to YAML, and what it tags an empty text. */
static void check_tag(struct reader *reader, struct node *node, const yaml_char_t *tag)
{
	if (!tag)
		return;
	node->is_reported = true;
	document_report(
		reader->tree.document, reader->tree.diagnostics, true, node,
		"\"%.64s\" is a YAML tag, which means nothing here; a text that starts with "
		"\"!\" needs quotes",
		(const char *)tag);
}

static int read_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct node node = event_node(event, NODE_TEXT);

	check_tag(reader, &node, event->data.scalar.tag);
	node.text = (const char *)event->data.scalar.value;
	node.is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return tree_text(&reader->tree, &node, event->data.scalar.length,
			 (const char *)event->data.scalar.anchor);
}

static int read_start(struct reader *reader, const yaml_event_t *event, enum node_kind kind,
		      const yaml_char_t *tag, const yaml_char_t *anchor)
{
	struct node node = event_node(event, kind);

	check_tag(reader, &node, tag);
	return tree_open(&reader->tree, &node, (const char *)anchor);
}

static int read_event(struct reader *reader, const yaml_event_t *event)
{
	struct node place = event_node(event, NODE_TEXT);

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (reader->n_documents++ > 0)
			return tree_refuse(&reader->tree, &place,
					   "a second document: a policy is one");
		return 0;
	case YAML_ALIAS_EVENT:
		return tree_alias(&reader->tree, &place, (const char *)event->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return read_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return read_start(reader, event, NODE_LIST, event->data.sequence_start.tag,
				  event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return read_start(reader, event, NODE_MAPPING, event->data.mapping_start.tag,
				  event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return tree_close(&reader->tree);
	default:
		return 0;
	}
}

/* Returns 1 when more is to come, 0 at the end. */
static int read_next(struct reader *reader)
{
	_cleanup_(release_event) yaml_event_t event = {};
	int r;

	if (!yaml_parser_parse(&reader->parser, &event))
		return syntax_error(reader);
	r = read_event(reader, &event);
	return r < 0 ? r : event.type != YAML_STREAM_END_EVENT;
}

static int read_all(struct document *document, struct diagnostics *diagnostics)
{
	_cleanup_(reader_release) struct reader reader = {
		.tree = {.document = document, .diagnostics = diagnostics},
	};
	int r;

	if (!yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)document->lines.text,
				     document->lines.size);
	do {
		r = read_next(&reader);
	} while (r > 0);
	return r;
}

int yaml_parse(const char *file, const char *text, size_t size, struct diagnostics *diagnostics,
	       struct document **ret_document)
{
	_cleanup_(document_free) struct document *document = calloc(1, sizeof(*document));
	size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	int r;

	if (!document)
		return -ENOMEM;
	document->file = file;
	document->lines = (struct lines){.text = text + mark, .size = size - mark};

	r = read_all(document, diagnostics);
	if (r < 0)
		return r;
	if (!document->root || node_is_null(document->root)) {
		diagnostics_add(diagnostics, true, file, 0, 0, 0, NULL, "holds no policy");
		return -EINVAL;
	}

	*ret_document = take_ptr(document);
	return 0;
}
