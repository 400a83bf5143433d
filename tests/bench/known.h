/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of sources that are in the table. */
#pragma once

struct bench;

void known_measure(struct bench *bench);
