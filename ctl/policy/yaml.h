/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads YAML into a document. The only part that knows libyaml. */
#pragma once

#include "policy/document.h"

/*
 * `file` and `text` outlive the document. What does not hinder reading on (duplicate keys, tags) is
 * only told to `diagnostics`, and left out. -EINVAL: no document, and told why. -ENOMEM.
 */
int yaml_parse(const char *file, const char *text, size_t size, struct diagnostics *diagnostics,
	       struct document **ret_document);
