/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hex.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"

static int digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -EINVAL;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static int complain(struct diagnostics *diagnostics, const char *text, const char *at,
		    const char *what)
{
	diagnostics_add(diagnostics, true, "hex", 1, (unsigned)(at - text) + 1, 1, text, "%s",
			what);
	return -EINVAL;
}

int hex_parse(const char *text, struct diagnostics *diagnostics, struct frame *ret_frame)
{
	_cleanup_free_ uint8_t *bytes = calloc(1, strlen(text) / 2 + 1);
	const char *at = text;
	size_t n = 0;

	if (!bytes)
		return -ENOMEM;
	for (at += strspn(at, " \t\r\n:"); *at; at += strspn(at, " \t\r\n:")) {
		int high = digit(at[0]), low = high < 0 ? -EINVAL : digit(at[1]);

		if (high < 0 || low < 0)
			return complain(diagnostics, text, high < 0 ? at : at + 1,
					"expected two hexadecimal digits a byte");
		bytes[n++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	if (n < HEX_SIZE_MIN || n > HEX_SIZE_MAX)
		return complain(diagnostics, text, at,
				n < HEX_SIZE_MIN
					? "a frame has an Ethernet header: at least 14 bytes"
					: "a frame has at most 65535 bytes");
	*ret_frame = (struct frame){take_ptr(bytes), n};
	return 0;
}
