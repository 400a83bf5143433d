/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a flood of drops costs while somebody reads events. */
#pragma once

struct bench;

void told_measure(struct bench *bench);
