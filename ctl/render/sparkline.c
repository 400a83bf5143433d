/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sparkline.h"

#include <stddef.h>

#define LEVELS 8

wchar_t sparkline_character(uint64_t value, uint64_t most, bool is_utf8)
{
	/* Of ASCII, characters that stand ever higher or darker. */
	static const wchar_t blocks[] = L" ▁▂▃▄▅▆▇█", ascii[] = L" _.-=+*%#";
	size_t level;

	if (!value)
		level = 0;
	else if (value >= most)
		level = LEVELS;
	else
		level = 1 + (size_t)((double)value / (double)most * LEVELS);
	if (level > LEVELS)
		level = LEVELS;
	return is_utf8 ? blocks[level] : ascii[level];
}
