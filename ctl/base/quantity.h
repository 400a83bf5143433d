/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rates, bandwidths, durations and counts as people write them. Strict: the whole text is the
 * quantity. Every parser returns -EINVAL for text that is none, -ERANGE for one out of range, and
 * leaves its output untouched then.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define QUANTITY_TEXT_SIZE 32

/* "500/s", "2k/m", "1/h": 1/h to 100M/s. */
int rate_parse(const char *text, uint64_t *ret_packets, uint64_t *ret_period_ns);
/* "10Mbit/s", "500kB/s": 1 kbit/s to 400 Gbit/s, k = 1000. */
int bandwidth_parse(const char *text, uint64_t *ret_bits_per_second);
/* "90s", "10m", "1h30m", "1d", "500ms": above 0, up to 365d. */
int duration_parse(const char *text, uint64_t *ret_ns);
/* "1000", "64k", "2M". */
int count_parse(const char *text, uint64_t *ret_count);

/*
 * In the largest unit that leaves a whole number; what is written parses back to the same, 120/m as
 * 2/s. Below a millisecond a duration is cut off. Return `text`.
 */
char *rate_format(uint64_t packets, uint64_t period_ns, char text[QUANTITY_TEXT_SIZE]);
char *bandwidth_format(uint64_t bits_per_second, char text[QUANTITY_TEXT_SIZE]);
char *duration_format(uint64_t ns, char text[QUANTITY_TEXT_SIZE]);
char *count_format(uint64_t count, char text[QUANTITY_TEXT_SIZE]);
