/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "command.h"

#define NS_PER_S 1000000000.0
#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 86400.0

int value_prefix(const char *text, struct prefix *ret_prefix)
{
	char masked[ADDRESS_TEXT_SIZE];
	struct prefix prefix;
	bool has_host_bits;

	if (prefix_parse(text, &prefix, &has_host_bits) < 0)
		return fail_usage("\"%s\": expected an address or a prefix, such as 192.0.2.1, "
				  "192.0.2.0/24 or 2001:db8::/32",
				  text);
	if (has_host_bits)
		warn("\"%s\" has host bits set: taken as %s", text, prefix_format(&prefix, masked));
	*ret_prefix = prefix;
	return EXIT_DONE;
}

int value_count(const char *option, const char *text, size_t *ret_count)
{
	uint64_t count;

	if (count_parse(text, &count) < 0 || count == 0)
		return fail_usage("--%s \"%s\": expected a number from 1, such as 50 or 10k",
				  option, text);
	*ret_count = count;
	return EXIT_DONE;
}

int value_history_number(const char *text, uint64_t *ret_number)
{
	uint64_t number;

	if (count_parse(text, &number) < 0 || number == 0)
		return fail_usage("\"%s\": expected a number of the history, such as 3; see: "
				  "xdpguard history",
				  text);
	*ret_number = number;
	return EXIT_DONE;
}

int value_duration(const char *option, const char *text, uint64_t *ret_ns)
{
	if (duration_parse(text, ret_ns) < 0)
		return fail_usage("--%s \"%s\": expected a duration up to 365d, such as 90s, 10m, "
				  "1h30m or 7d",
				  option, text);
	return EXIT_DONE;
}

int value_interval(const char *option, const char *text, uint64_t *ret_ns)
{
	uint64_t ns;
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end)
		seconds = duration_parse(text, &ns) < 0 ? NAN : ns / NS_PER_S;
	if (!(seconds >= INTERVAL_MIN && seconds <= INTERVAL_MAX))
		return fail_usage("--%s \"%s\": expected seconds from 0.1 to 86400, such as 1 or "
				  "0.5",
				  option, text);
	*ret_ns = seconds * NS_PER_S;
	return EXIT_DONE;
}

static int unknown_choice(const char *option, const char *text, const char *const *words,
			  size_t n_words)
{
	const char *nearest = diagnostic_nearest(text, words, n_words);
	char all[256] = "";
	size_t used = 0;

	if (nearest)
		return fail_usage("--%s \"%s\"; did you mean \"%s\"?", option, text, nearest);
	for (size_t i = 0; i < n_words && used < sizeof(all); i++)
		used += snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", words[i]);
	return fail_usage("--%s \"%s\": expected one of %s", option, text, all);
}

int value_choice(const char *option, const char *text, const char *const *words, size_t n_words,
		 unsigned *ret_choice)
{
	for (size_t i = 0; i < n_words; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*ret_choice = i;
		return EXIT_DONE;
	}
	return unknown_choice(option, text, words, n_words);
}
