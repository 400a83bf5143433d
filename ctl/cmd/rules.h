/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "render/report.h"
#include "view.h"

/* Table "rules": what every rule of the policy in force did. */
int rules_report(struct report *report, const struct view *view, struct why *why);
