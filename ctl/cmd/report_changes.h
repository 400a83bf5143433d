/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "changes.h"

struct report;

/* A diff for people, a table `changes` for programs. */
void report_changes(struct report *report, const struct changes *changes);
