/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <sys/vfs.h>

#include <linux/magic.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "program.h"

#define CAPACITY 1024 /* as small as tables may be */

static int load(bool has_frags, uint32_t *ret_verified, struct why *why)
{
	const struct program_options options = {.is_alone = true, .has_frags = has_frags};
	_cleanup_(program_close) struct xdpguard_bpf *program = NULL;
	_cleanup_(guard_close) struct guard *guard = NULL;
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int r = guard_create(NULL, CAPACITY, &guard, why);

	if (r == 0)
		r = program_open(guard, &options, &program, why);
	if (r < 0)
		return r;
	if (bpf_obj_get_info_by_fd(program_fd(program), &info, &size) < 0)
		return guard_explain(why, -errno, "cannot look at the loaded program");
	*ret_verified = info.verified_insns;
	return 0;
}

int probe_program(uint32_t *ret_verified, struct why *why)
{
	return load(false, ret_verified, why);
}

int probe_frags(struct why *why)
{
	uint32_t verified;

	return load(true, &verified, why);
}

int probe_dispatcher_file(void)
{
	struct xdp_program *program = xdp_program__find_file("xdp-dispatcher.o", "xdp", NULL);
	int r = libxdp_get_error(program);

	if (r == 0)
		xdp_program__close(program);
	/* Whether the file has a section of that name does not matter. */
	return r == -ENOENT ? r : 0;
}

bool probe_is_bpffs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}
