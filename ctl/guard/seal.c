/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/bpf.h>

#include <seccomp.h>

#include "base/cleanup.h"

#define REFUSAL SCMP_ACT_ERRNO(EPERM)
#define COMMANDS 64 /* of bpf(2): more than there are; those above are refused at once */

/* All that reading a guard takes. */
static const enum bpf_cmd reading[] = {
	BPF_MAP_LOOKUP_ELEM,	BPF_MAP_GET_NEXT_KEY, BPF_OBJ_GET,
	BPF_OBJ_GET_INFO_BY_FD, BPF_MAP_LOOKUP_BATCH,
};

/*
 * What would change files and their names, or have another process do it. openat2 and io_uring hide from a filter
 * what is asked of them. A name that libseccomp or this machine does not know is passed over.
 */
static const char *const changes[] = {
	"openat2",
	"io_uring_setup",
	"open_by_handle_at",
	"creat",
	"truncate",
	"truncate64",
	"unlink",
	"unlinkat",
	"rmdir",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"symlink",
	"symlinkat",
	"mkdir",
	"mkdirat",
	"mknod",
	"mknodat",
	"chmod",
	"fchmod",
	"fchmodat",
	"fchmodat2",
	"chown",
	"chown32",
	"fchown",
	"fchown32",
	"fchownat",
	"lchown",
	"lchown32",
	"setxattr",
	"lsetxattr",
	"fsetxattr",
	"setxattrat",
	"execve",
	"execveat",
	"connect",
	"pidfd_getfd",
	"ptrace",
	"mount",
	"move_mount",
	"process_vm_writev",
	"process_madvise",
};

static void release(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

static bool is_reading(unsigned command)
{
	for (size_t i = 0; i < ARRAY_SIZE(reading); i++)
		if (reading[i] == command)
			return true;
	return false;
}

static int refuse_commands(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, REFUSAL, SCMP_SYS(bpf), 1, SCMP_A0(SCMP_CMP_GE, COMMANDS));

	for (unsigned command = 0; r == 0 && command < COMMANDS; command++)
		if (!is_reading(command))
			r = seccomp_rule_add(filter, REFUSAL, SCMP_SYS(bpf), 1,
					     SCMP_A0(SCMP_CMP_EQ, command));
	return r;
}

/* What is mapped to be read stays so: for tables the kernel does not let mprotect() change it. */
static int refuse_shared_memory(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, REFUSAL, call, 2,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, PROT_WRITE),
				SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, MAP_SHARED));
}

/* `flags`: which argument has them. */
static int refuse_opening(scmp_filter_ctx filter, int call, unsigned flags)
{
	static const int bits[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(bits); i++)
		r = seccomp_rule_add(filter, REFUSAL, call, 1,
				     SCMP_CMP(flags, SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
	return r;
}

static int refuse_changes(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(changes); i++) {
		int call = seccomp_syscall_resolve_name(changes[i]);

		/* Below 0: another machine's. */
		if (call >= 0)
			r = seccomp_rule_add(filter, REFUSAL, call, 0);
	}
	return r;
}

static int add_rules(scmp_filter_ctx filter)
{
	int r = refuse_commands(filter);

	if (r == 0)
		r = refuse_shared_memory(filter, SCMP_SYS(mmap));
	if (r == 0)
		r = refuse_opening(filter, SCMP_SYS(open), 1);
	if (r == 0)
		r = refuse_opening(filter, SCMP_SYS(openat), 2);
	return r == 0 ? refuse_changes(filter) : r;
}

int seal_to_reading(struct why *why)
{
	__attribute__((cleanup(release))) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? add_rules(filter) : -ENOMEM;

	if (r == 0)
		r = seccomp_load(filter);
	return r < 0 ? why_set(why, r,
			       "cannot give up writing (%s): it takes a kernel with seccomp "
			       "filters; with --allow-control nothing is given up",
			       strerror(-r))
		     : 0;
}
