/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "source_report.h"

/* Owned by the caller: the report needs it until it has ended. All zero before. */
struct drops {
	struct source_list list;
	struct source_columns columns;
};

/* Tables "reasons", "rules" and "sources", of these the `top` worst. */
int drops_report(struct report *report, const struct view *view, size_t top, struct drops *drops,
		 struct why *why);
void drops_release(struct drops *drops);
