/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"

#define NS_PER_S 1000000000ull
#define RATE_MAX_PER_S 100000000ull
#define BANDWIDTH_MIN 1000ull
#define BANDWIDTH_MAX 400000000000ull
#define DURATION_MAX (365 * 24 * 3600 * NS_PER_S)

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit periods[] = {
	{"/s", NS_PER_S},
	{"/m", 60 * NS_PER_S},
	{"/h", 3600 * NS_PER_S},
};

/* These from the largest down: formatting takes the first that divides. */
static const struct unit bandwidths[] = {
	{"Gbit/s", 1000000000}, {"Mbit/s", 1000000}, {"kbit/s", 1000},
	{"bit/s", 1},		{"MB/s", 8000000},   {"kB/s", 8000},
};

static const struct unit durations[] = {
	{"d", 24 * 3600 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
	{"m", 60 * NS_PER_S},
	{"s", NS_PER_S},
	{"ms", 1000000},
};

static const struct unit counts[] = {{"M", 1000000}, {"k", 1000}, {"", 1}};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int multiply(uint64_t a, uint64_t b, uint64_t *ret_product)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return -ERANGE;
	*ret_product = product;
	return 0;
}

/*
 * Digits from *text on, which moves behind them. No sign, no leading zeros (octal to some). On
 * -ERANGE it moves too, so that what follows can still be told to be nonsense.
 */
static int parse_digits(const char **text, uint64_t *ret_value)
{
	const char *c = *text;
	bool has_leading_zero = *c == '0' && is_digit(c[1]);
	uint64_t value = 0;
	int r = 0;

	if (!is_digit(*c) || has_leading_zero)
		return -EINVAL;
	for (; is_digit(*c); c++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			r = -ERANGE;

	*text = c;
	if (r < 0)
		return r;
	*ret_value = value;
	return 0;
}

/* Digits with k or M behind them. */
static int parse_scaled(const char **text, uint64_t *ret_value)
{
	uint64_t value = 0, factor = 1;
	int r;

	r = parse_digits(text, &value);
	if (r == -EINVAL)
		return r;

	if (**text == 'k' || **text == 'M')
		factor = *(*text)++ == 'k' ? 1000 : 1000000;
	return r < 0 ? r : multiply(value, factor, ret_value);
}

static const struct unit *find_unit(const struct unit *units, size_t n_units, const char *name,
				    size_t length)
{
	for (size_t i = 0; i < n_units; i++)
		if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0)
			return &units[i];
	return NULL;
}

int rate_parse(const char *text, uint64_t *ret_packets, uint64_t *ret_period_ns)
{
	uint64_t packets = 0;
	const struct unit *period;
	int r;

	r = parse_scaled(&text, &packets);
	if (r == -EINVAL)
		return r;
	period = find_unit(periods, ARRAY_SIZE(periods), text, strlen(text));
	if (!period)
		return -EINVAL;
	if (r < 0 || packets == 0 || packets > RATE_MAX_PER_S * (period->factor / NS_PER_S))
		return -ERANGE;

	*ret_packets = packets;
	*ret_period_ns = period->factor;
	return 0;
}

int bandwidth_parse(const char *text, uint64_t *ret_bits_per_second)
{
	uint64_t value = 0, bits = 0;
	const struct unit *unit;
	int r;

	r = parse_digits(&text, &value);
	if (r == -EINVAL)
		return r;
	unit = find_unit(bandwidths, ARRAY_SIZE(bandwidths), text, strlen(text));
	if (!unit)
		return -EINVAL;
	if (r == 0)
		r = multiply(value, unit->factor, &bits);
	if (r < 0 || bits < BANDWIDTH_MIN || bits > BANDWIDTH_MAX)
		return -ERANGE;

	*ret_bits_per_second = bits;
	return 0;
}

/* One "10m" of a duration; its unit must come after `last` in durations. */
static int parse_part(const char **text, const struct unit **last, uint64_t *ret_ns)
{
	const struct unit *unit;
	uint64_t value = 0;
	size_t length = 0;
	int r;

	r = parse_digits(text, &value);
	if (r == -EINVAL)
		return r;
	while ((*text)[length] >= 'a' && (*text)[length] <= 'z')
		length++;
	unit = find_unit(durations, ARRAY_SIZE(durations), *text, length);
	if (!unit || (*last && unit <= *last))
		return -EINVAL;

	*text += length;
	*last = unit;
	return r < 0 ? r : multiply(value, unit->factor, ret_ns);
}

int duration_parse(const char *text, uint64_t *ret_ns)
{
	const struct unit *last = NULL;
	bool is_too_long = false;
	uint64_t sum = 0, part;
	int r;

	do {
		part = 0;
		r = parse_part(&text, &last, &part);
		if (r == -EINVAL)
			return r;
		is_too_long |= r < 0 || part > DURATION_MAX;
		if (!is_too_long)
			sum += part;
	} while (*text);
	if (is_too_long || sum == 0 || sum > DURATION_MAX)
		return -ERANGE;

	*ret_ns = sum;
	return 0;
}

int count_parse(const char *text, uint64_t *ret_count)
{
	uint64_t count = 0;
	int r;

	r = parse_scaled(&text, &count);
	if (r == -EINVAL || *text)
		return -EINVAL;
	if (r < 0)
		return r;

	*ret_count = count;
	return 0;
}

/* Stops at the unit of factor 1 at the latest. */
static char *format_unit(uint64_t value, const struct unit *units, char text[QUANTITY_TEXT_SIZE])
{
	while (value == 0 ? units->factor != 1 : value % units->factor != 0)
		units++;
	snprintf(text, QUANTITY_TEXT_SIZE, "%" PRIu64 "%s", value / units->factor, units->name);
	return text;
}

char *rate_format(uint64_t packets, uint64_t period_ns, char text[QUANTITY_TEXT_SIZE])
{
	const struct unit *period = periods;
	size_t length;

	/* 120/m is 2/s: the shortest period in which the packets come out whole. */
	while (period->factor < period_ns && packets % (period_ns / period->factor) != 0)
		period++;
	count_format(packets / (period_ns / period->factor), text);
	length = strlen(text);
	snprintf(text + length, QUANTITY_TEXT_SIZE - length, "%s", period->name);
	return text;
}

char *bandwidth_format(uint64_t bits_per_second, char text[QUANTITY_TEXT_SIZE])
{
	return format_unit(bits_per_second, bandwidths, text);
}

char *duration_format(uint64_t ns, char text[QUANTITY_TEXT_SIZE])
{
	const struct unit *smallest = &durations[ARRAY_SIZE(durations) - 1];
	size_t length = 0;

	strcpy(text, "0s");
	for (const struct unit *unit = durations; unit <= smallest; unit++) {
		if (ns < unit->factor)
			continue;
		length += (size_t)snprintf(text + length, QUANTITY_TEXT_SIZE - length,
					   "%" PRIu64 "%s", ns / unit->factor, unit->name);
		ns %= unit->factor;
	}
	return text;
}

char *count_format(uint64_t count, char text[QUANTITY_TEXT_SIZE])
{
	return format_unit(count, counts, text);
}
