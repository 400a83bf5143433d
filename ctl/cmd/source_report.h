/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "render/report.h"
#include "source_list.h"

#define SOURCE_COLUMNS 13

/* Owned by the caller: the report needs them until it has ended. */
struct source_columns {
	struct report_column items[SOURCE_COLUMNS];
};

/*
 * Table "sources" with the documented members; "pps" only where rates were asked for, "entered" for a snapshot. `heading`
 * may be NULL.
 */
void source_report(struct report *report, const struct view *view, const struct source_query *query,
		   const struct source_list *list, const char *heading,
		   struct source_columns *ret_columns);
