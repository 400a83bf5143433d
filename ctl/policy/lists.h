/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List files: a prefix a line, '#' comments, blank lines. */
#pragma once

#include "policy/loader.h"
#include "policy/prefixes.h"

/* Adds a file's size to what progress counts up to; a file that can't be read counts nothing. */
void lists_measure(struct loader *loader, const struct node *file);

/* Reads the list file that `file` names, from the policy's folder, into `prefixes`. */
void lists_read(struct loader *loader, const struct node *file, struct prefixes *prefixes);
