/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "render/report.h"
#include "view.h"

/* Table "blocks": those that have not ended. `match` NULL: all. */
int blocks_report(struct report *report, const struct view *view, const struct prefix *match,
		  struct why *why);
