# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The BPF filesystem, which pins live in. Needs cleanup.bash.

bpffs=/sys/fs/bpf

is_bpffs_mounted() {
	[[ $(stat -f -c %T "$bpffs" 2>/dev/null) == bpf_fs ]]
}

# What the kernel itself puts there does not count.
is_bpffs_empty() {
	[[ -z $(find "$bpffs" -mindepth 1 ! -name '*.debug' -print -quit) ]]
}

# Others may have pinned something meanwhile.
unmount_bpffs() {
	! is_bpffs_empty || umount "$bpffs"
}

mount_bpffs() {
	is_bpffs_mounted && return
	mount -t bpf bpf "$bpffs"
	on_exit unmount_bpffs
}
