/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/cleanup.h"

/* Bytes that a first byte announces, 0 when it can't be one; *ret_bits: its part of the code. */
static size_t sequence_length(unsigned char first, uint32_t *ret_bits)
{
	if (first < 0x80) {
		*ret_bits = first;
		return 1;
	}
	if (first >= 0xc0 && first < 0xe0) {
		*ret_bits = first & 0x1f;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*ret_bits = first & 0x0f;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf8) {
		*ret_bits = first & 0x07;
		return 4;
	}
	return 0;
}

/* Overlong forms, surrogates and codes past Unicode's end are not UTF-8 (RFC 3629). */
static bool is_valid_code(uint32_t code, size_t length)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	return code >= smallest[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/* 0: not UTF-8. */
static size_t decode(const char *text, uint32_t *ret_code)
{
	uint32_t code;
	size_t length = sequence_length((unsigned char)text[0], &code);

	if (!length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (!is_valid_code(code, length))
		return 0;
	*ret_code = code;
	return length;
}

static bool is_control(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},	  /* C0 */
		{0x7f, 0x9f},	  /* DEL, C1 */
		{0x061c, 0x061c}, /* direction mark */
		{0x200e, 0x200f}, /* direction marks */
		{0x2028, 0x202e}, /* line separators, direction embeddings and overrides */
		{0x2066, 0x2069}, /* direction isolates */
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

enum escape_class escape_classify(const char *text, uint32_t *ret_code, size_t *ret_length)
{
	size_t length = decode(text, ret_code);

	if (!length) {
		*ret_code = (unsigned char)text[0];
		*ret_length = 1;
		return ESCAPE_INVALID;
	}
	*ret_length = length;
	return is_control(*ret_code) ? ESCAPE_CONTROL : ESCAPE_PLAIN;
}

/* What the locale can't print has no known width either, and columns would go astray. */
static bool is_printable(uint32_t code, bool is_utf8)
{
	return code < 0x80 || (is_utf8 && iswprint((wint_t)code));
}

/* Returns the new end of the text. */
static char *put_escape(char *end, uint32_t code, enum escape_class class)
{
	static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\'};

	if (code < sizeof(letters) && letters[code])
		return end + sprintf(end, "\\%c", letters[code]);
	if (code < 0x80 || class == ESCAPE_INVALID)
		return end + sprintf(end, "\\x%02x", code);
	if (code < 0x10000)
		return end + sprintf(end, "\\u%04x", code);
	return end + sprintf(end, "\\U%08x", code);
}

char *escape_text(const char *text)
{
	bool is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	/* "\x1b" is the form that is longest for the bytes it stands for: four for one. */
	char *escaped = malloc(4 * strlen(text) + 1), *end = escaped;
	size_t length;
	uint32_t code;

	if (!escaped)
		return NULL;
	for (; *text; text += length) {
		enum escape_class class = escape_classify(text, &code, &length);

		if (class == ESCAPE_PLAIN && code != '\\' && is_printable(code, is_utf8))
			end = mempcpy(end, text, length);
		else
			end = put_escape(end, code, class);
	}
	*end = '\0';
	return escaped;
}
