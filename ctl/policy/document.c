/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "document.h"

#include <stdarg.h>

#include "base/cleanup.h"

void document_report(struct document *document, struct diagnostics *diagnostics, bool is_error,
		     const struct node *node, const char *format, ...)
{
	_cleanup_free_ char *excerpt = diagnostics_shows_more(diagnostics)
					       ? lines_copy(&document->lines, node->line)
					       : NULL;
	_cleanup_free_ char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	diagnostics_add(diagnostics, is_error, document->file, node->line, node->column,
			node->length, excerpt, "%s", text ? text : "out of memory");
}

void document_free(struct document **document)
{
	if (*document)
		arena_release(&(*document)->arena);
	free(*document);
	*document = NULL;
}
