/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "left_open.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* Maps have numbers of their own, and info that begins alike. */
static bool is_program(int fd)
{
	char path[sizeof("/proc/self/fd/-2147483648")], what[sizeof("anon_inode:bpf-prog")];
	ssize_t length;

	/* Nearly all are closed, and this tells so sooner. */
	if (fcntl(fd, F_GETFD) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, what, sizeof(what));
	return length == sizeof(what) - 1 && memcmp(what, "anon_inode:bpf-prog", length) == 0;
}

static bool has_id(int program, uint32_t id)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) == 0 && info.id == id;
}

void left_open_begin(struct left_open *ret)
{
	for (int fd = 0; fd < LEFT_OPEN_MAX; fd++)
		ret->was_program[fd] = is_program(fd);
}

void left_open_end(const struct left_open *before, uint32_t program_id, int keep)
{
	for (int fd = 0; fd < LEFT_OPEN_MAX; fd++)
		if (!before->was_program[fd] && fd != keep && is_program(fd) &&
		    has_id(fd, program_id))
			close(fd);
}
