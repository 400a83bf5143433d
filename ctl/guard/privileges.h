/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this process may do beyond what its user may: capabilities, as a set with a bit for each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define PRIVILEGE(capability) (1ull << (capability))

/* Of `wanted`, those that it has. */
uint64_t privileges_held(uint64_t wanted);

/*
 * Gives up every capability but these, for good: whatever the process runs gets none back. CAP_BPF among `used` is
 * for opening a guard's tables, and is kept where the kernel opens none without it: before Linux 5.19. What its user
 * may do with files is left.
 */
int privileges_keep(uint64_t needed, uint64_t used, struct why *why);

/* "CAP_NET_ADMIN" */
#define PRIVILEGE_NAME_SIZE 32
const char *privilege_name(int capability, char name[PRIVILEGE_NAME_SIZE]);
