/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the traffic programs and the benchmark that runs them agree on. */
#pragma once

#include <linux/types.h>

/* What a frame keeps behind its UDP header. */
#define TRAFFIC_STATE_IPV4 42
#define TRAFFIC_STATE_IPV6 62

struct traffic_state {
	__u64 number;	 /* of the packet, or a random one: what its source follows from */
	__u64 left;	 /* packets until the next stamp */
	__u64 period;	 /* packets between stamps */
	__u64 stamps[2]; /* ns: the last but one, and the last */
	__u64 offset;	 /* added to known sources */
};

#define FORGED_BATCH 4096 /* forged sources that take turns */
