/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a packet costs as rules, prefixes and sources grow: each doubled until there are as many as can be. */
#pragma once

struct bench;

/* Writes lines "what,how many,series,ns" to the file. */
void growth_measure(struct bench *bench, const char *path);
