/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as people read them, rounded to three digits by powers of 1000, and times and durations
 * as programs read them. Each writes into the caller's buffer and returns it.
 */
#pragma once

#include <stdint.h>

#define UNITS_TEXT_SIZE 48

char *units_count(uint64_t count, char text[UNITS_TEXT_SIZE]);		     /* 1.23M */
char *units_bytes(uint64_t bytes, char text[UNITS_TEXT_SIZE]);		     /* 3.4 GB */
char *units_rate(uint64_t packets_per_second, char text[UNITS_TEXT_SIZE]);   /* 1.2k/s */
char *units_bandwidth(uint64_t bits_per_second, char text[UNITS_TEXT_SIZE]); /* 10 Mbit/s */

/* The two largest units, the rest cut off: "2d 3h", "10m", "1s 500ms". */
char *units_duration(uint64_t ns, char text[UNITS_TEXT_SIZE]);
/* "12s ago", "in 9m", "now" within a second. */
char *units_ago(uint64_t time_ns, uint64_t now_ns, char text[UNITS_TEXT_SIZE]);

/* Exact, in seconds: "603.5". */
char *units_seconds(uint64_t ns, char text[UNITS_TEXT_SIZE]);
/* RFC 3339, UTC, milliseconds: "2026-01-31T23:59:59.250Z". */
char *units_timestamp(uint64_t time_ns, char text[UNITS_TEXT_SIZE]);
