/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two processors at once. */
#pragma once

struct bench;

void processors_measure(struct bench *bench);
/* Keeps the calling thread on one processor. */
void processor_stay(unsigned processor);
