/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floods of forged sources: every source is new, and the table of sources is full. */
#pragma once

struct bench;

void flood_measure(struct bench *bench);
