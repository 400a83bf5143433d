/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which capabilities a verb takes, in its record: what stands there it keeps when it starts, and nothing else. They
 * were found by trying, and tests/e2e/privileges.bats tries again.
 */
#pragma once

#include <stdint.h>

#include <linux/capability.h>

#include "command.h"

/* In the place of an option's letter: where there is an operand. */
#define CAPABILITY_OPERAND '*'

/* Without it the kernel refuses what the verb is for. */
#define CAPABILITY_TO_ATTACH(...) \
	{ \
		CAP_NET_ADMIN, .is_needed = true, .what_for = "to attach programs", __VA_ARGS__ \
	}

/* Also covers CAP_BPF and CAP_PERFMON, which loading a program takes. libxdp and status ask for programs so. */
#define CAPABILITY_TO_LOOK_UP(...) \
	{ \
		CAP_SYS_ADMIN, .what_for = "to look programs up by number", __VA_ARGS__ \
	}

/* Root has no other way to what another user keeps to himself, such as a home. */
#define CAPABILITY_TO_READ(...) \
	{ \
		CAP_DAC_READ_SEARCH, .what_for = "to read files of others", __VA_ARGS__ \
	}
#define CAPABILITY_TO_WRITE(...) \
	{ \
		CAP_DAC_OVERRIDE, .what_for = "to write into folders of others", __VA_ARGS__ \
	}

/* Another process, or this one later, takes less. */
#define CAPABILITY_TO_DROP(...) \
	{ \
		CAP_SETPCAP, .what_for = "to drop more later", __VA_ARGS__ \
	}

#define CAPABILITY_TO_OPEN \
	{ \
		CAP_BPF, .what_for = "to open the tables, on Linux before 5.19" \
	}

extern const struct command_capability capabilities_to_open[]; /* that alone */

/* What this call has to have, and what it may use beside. */
void capabilities_of(const struct command *command, const struct arguments *args,
		     uint64_t *ret_needed, uint64_t *ret_used);

/* Keeps these and drops all others, or says which are missing. An exit code. */
int capabilities_settle(const struct command *command, const struct arguments *args);

/* The part of the verb's help. */
void capabilities_print(const struct command *command);
