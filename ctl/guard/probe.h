/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel, its libraries and its filesystems can do. Nothing stays behind. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define PROBE_BPFFS "/sys/fs/bpf" /* where libxdp keeps its pins */

/* Loads the packet program over tables of its own; *ret_verified is what the verifier followed. */
int probe_program(uint32_t *ret_verified, struct why *why);

/* The same with xdp.frags. */
int probe_frags(struct why *why);

/* -ENOENT: libxdp does not find its dispatcher's file. */
int probe_dispatcher_file(void);

bool probe_is_bpffs(const char *path);
