/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a flood of forged sources does to real ones. */
#pragma once

struct bench;

void eviction_measure(struct bench *bench);
