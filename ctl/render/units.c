/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SECOND UINT64_C(1000000000)

/* Rounded half up to what three digits show when counting in `unit`s. */
static uint64_t round_to_three_digits(uint64_t value, uint64_t unit)
{
	uint64_t step = unit;

	if (value / unit < 10)
		step = unit / 100;
	else if (value / unit < 100)
		step = unit / 10;
	return value / step * step + (value % step >= step / 2 ? step : 0);
}

/* Returns the power of 1000 to count in: *ret_unit; *ret_rounded is the value to three digits. */
static size_t find_magnitude(uint64_t value, uint64_t *ret_unit, uint64_t *ret_rounded)
{
	uint64_t unit = 1, rounded = value;
	size_t magnitude = 0;

	for (; value / unit >= 1000; unit *= 1000)
		magnitude++;
	if (magnitude)
		rounded = round_to_three_digits(value, unit);
	if (rounded / unit >= 1000) { /* 999.6k is 1M */
		unit *= 1000;
		magnitude++;
	}
	*ret_unit = unit;
	*ret_rounded = rounded;
	return magnitude;
}

static char *format_scaled(uint64_t value, const char *separator, const char *suffix,
			   char text[UNITS_TEXT_SIZE])
{
	static const char *const magnitudes[] = {"", "k", "M", "G", "T", "P", "E"};
	uint64_t unit, rounded;
	size_t magnitude = find_magnitude(value, &unit, &rounded);
	unsigned hundredths = magnitude ? (unsigned)(rounded % unit / (unit / 100)) : 0;
	char decimals[16] = "";

	if (hundredths % 10)
		snprintf(decimals, sizeof(decimals), ".%02u", hundredths);
	else if (hundredths)
		snprintf(decimals, sizeof(decimals), ".%u", hundredths / 10);
	snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "%s%s%s%s", rounded / unit, decimals, separator,
		 magnitudes[magnitude], suffix);
	return text;
}

char *units_count(uint64_t count, char text[UNITS_TEXT_SIZE])
{
	return format_scaled(count, "", "", text);
}

char *units_bytes(uint64_t bytes, char text[UNITS_TEXT_SIZE])
{
	return format_scaled(bytes, " ", "B", text);
}

char *units_rate(uint64_t packets_per_second, char text[UNITS_TEXT_SIZE])
{
	return format_scaled(packets_per_second, "", "/s", text);
}

char *units_bandwidth(uint64_t bits_per_second, char text[UNITS_TEXT_SIZE])
{
	return format_scaled(bits_per_second, " ", "bit/s", text);
}

struct duration_unit {
	const char *name;
	uint64_t ns;
};

static const struct duration_unit duration_units[] = {
	{"d", 86400 * NS_PER_SECOND},
	{"h", 3600 * NS_PER_SECOND},
	{"m", 60 * NS_PER_SECOND},
	{"s", NS_PER_SECOND},
	{"ms", NS_PER_MS},
	{"us", 1000},
	{"ns", 1},
};

char *units_duration(uint64_t ns, char text[UNITS_TEXT_SIZE])
{
	const struct duration_unit *unit = duration_units;
	uint64_t next;
	int length;

	if (!ns) {
		snprintf(text, UNITS_TEXT_SIZE, "0s");
		return text;
	}
	while (ns < unit->ns)
		unit++;
	length = snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "%s", ns / unit->ns, unit->name);
	if (unit->ns == 1)
		return text;
	next = ns % unit->ns / unit[1].ns;
	if (next)
		snprintf(text + length, UNITS_TEXT_SIZE - (size_t)length, " %" PRIu64 "%s", next,
			 unit[1].name);
	return text;
}

char *units_ago(uint64_t time_ns, uint64_t now_ns, char text[UNITS_TEXT_SIZE])
{
	bool is_past = time_ns <= now_ns;
	uint64_t distance = is_past ? now_ns - time_ns : time_ns - now_ns;
	char duration[UNITS_TEXT_SIZE];

	if (distance < NS_PER_SECOND) {
		snprintf(text, UNITS_TEXT_SIZE, "now");
		return text;
	}
	units_duration(distance - distance % NS_PER_SECOND, duration);
	snprintf(text, UNITS_TEXT_SIZE, is_past ? "%s ago" : "in %s", duration);
	return text;
}

char *units_seconds(uint64_t ns, char text[UNITS_TEXT_SIZE])
{
	uint64_t fraction = ns % NS_PER_SECOND;
	int digits = 9, length;

	length = snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64, ns / NS_PER_SECOND);
	if (!fraction)
		return text;
	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	snprintf(text + length, UNITS_TEXT_SIZE - (size_t)length, ".%0*" PRIu64, digits, fraction);
	return text;
}

char *units_timestamp(uint64_t time_ns, char text[UNITS_TEXT_SIZE])
{
	time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
	unsigned milliseconds = (unsigned)(time_ns % NS_PER_SECOND / NS_PER_MS);
	struct tm utc;
	size_t length;

	gmtime_r(&seconds, &utc);
	length = strftime(text, UNITS_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, UNITS_TEXT_SIZE - length, ".%03uZ", milliseconds);
	return text;
}
