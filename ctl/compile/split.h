/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges as the packet program caches them: flagged, and cut where a flag begins or ends. */
#pragma once

#include "ranges.h"

/*
 * Source ranges get GUARD_RANGE_SPLIT where the aggregate around them, `aggregate` leading bits in
 * v4-mapped counting, holds another value too. Caller frees the list. -ENOMEM.
 */
int split_ranges(const struct range_list *ranges, enum range_family family, unsigned aggregate,
		 struct range_list *ret_split);
