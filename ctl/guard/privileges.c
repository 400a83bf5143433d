/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include <bpf/bpf.h>
#include <cap-ng.h>

#include "base/cleanup.h"

#define NO_PIN "/nonexistent"

/* Before Linux 5.19, with kernel.unprivileged_bpf_disabled, bpf() is closed whatever is asked of it. */
static bool is_bpf_closed(void)
{
	int fd = bpf_obj_get(NO_PIN);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EPERM;
}

uint64_t privileges_held(uint64_t wanted)
{
	uint64_t held = 0;

	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (wanted & PRIVILEGE(i) && capng_have_capability(CAPNG_PERMITTED, i))
			held |= PRIVILEGE(i);
	return held;
}

static void add(uint64_t set, capng_type_t in)
{
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (set & PRIVILEGE(i))
			capng_update(CAPNG_ADD, in, i);
}

static int change(uint64_t effective, uint64_t permitted, capng_select_t select, struct why *why)
{
	capng_clear(select);
	add(effective, CAPNG_EFFECTIVE);
	add(permitted, CAPNG_PERMITTED | CAPNG_BOUNDING_SET);
	if (capng_apply(select) < 0)
		return why_set(why, -EPERM, "cannot drop capabilities: %s", strerror(errno));
	return 0;
}

/* Out of the bounding set, too, where that may be changed; no_new_privs closes the same way back. */
static capng_select_t all_that_may_be_changed(void)
{
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) ? CAPNG_SELECT_ALL
								   : CAPNG_SELECT_CAPS;
}

int privileges_keep(uint64_t needed, uint64_t used, struct why *why)
{
	uint64_t all = privileges_held(needed | used);
	uint64_t opening = all & used & ~needed & PRIVILEGE(CAP_BPF);
	int r;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return why_set(why, -errno, "cannot set no_new_privs: %s", strerror(errno));
	r = change(all & ~opening, all, all_that_may_be_changed(), why);
	if (r < 0 || !opening)
		return r;
	/* What the kernel says of a caller without it decides whether it is kept. */
	if (!is_bpf_closed())
		all &= ~opening;
	return change(all, all, CAPNG_SELECT_CAPS, why);
}

const char *privilege_name(int capability, char name[PRIVILEGE_NAME_SIZE])
{
	snprintf(name, PRIVILEGE_NAME_SIZE, "CAP_%s",
		 capng_capability_to_name((unsigned)capability) ?: "?");
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}
