/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include <string.h>
#include <sys/prctl.h>

#include <bpf/bpf.h>
#include <cap-ng.h>

#include "base/cleanup.h"

#define NO_PIN "/nonexistent"
#define NO_CAPABILITY (-1)

/* Before Linux 5.19, with kernel.unprivileged_bpf_disabled, bpf() is closed whatever is asked of it. */
static bool is_bpf_closed(void)
{
	int fd = bpf_obj_get(NO_PIN);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EPERM;
}

static int keep(int capability, capng_type_t in, capng_select_t select, struct why *why)
{
	bool has_it = capability != NO_CAPABILITY &&
		      capng_have_capability(CAPNG_PERMITTED, (unsigned)capability);

	capng_clear(select);
	if (has_it)
		capng_update(CAPNG_ADD, in, (unsigned)capability);
	if (capng_apply(select) < 0)
		return why_set(why, -EPERM, "cannot drop capabilities: %s", strerror(errno));
	return 0;
}

/* Out of the bounding set, too, where that may be changed; no_new_privs closes the same way back. */
static int keep_for_good(int capability, struct why *why)
{
	capng_select_t select = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP)
					? CAPNG_SELECT_ALL
					: CAPNG_SELECT_CAPS;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return why_set(why, -errno, "cannot set no_new_privs: %s", strerror(errno));
	return keep(capability, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET, select,
		    why);
}

int privileges_drop(struct why *why)
{
	int r = keep_for_good(CAP_BPF, why);

	/* What the kernel says of a caller without it decides whether it is kept. */
	if (r == 0)
		r = keep(CAP_BPF, CAPNG_PERMITTED, CAPNG_SELECT_CAPS, why);
	if (r < 0)
		return r;
	return is_bpf_closed()
		       ? keep(CAP_BPF, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAPNG_SELECT_CAPS, why)
		       : keep(NO_CAPABILITY, CAPNG_EFFECTIVE, CAPNG_SELECT_CAPS, why);
}

int privileges_drop_to_hooks(struct why *why)
{
	return keep_for_good(CAP_SYS_ADMIN, why);
}

bool privileges_have_hooks(void)
{
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
}
