/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "render/report.h"
#include "snapshot_changes.h"

/* What two snapshots differ by, with the `top` worst sources; how many are left out is said in text. */
void snapshot_report(struct report *report, const struct snapshot_changes *changes, size_t top);
