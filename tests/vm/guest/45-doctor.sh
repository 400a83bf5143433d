# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# What doctor finds on a machine that can be set up for it; tests/cli/doctor.bats holds the rest.
. /source/tests/vm/guest/lib.sh
needs_kernel 5.15

group=/sys/fs/cgroup/small

doctor_in_group() {
	echo "$BASHPID" >"$group/cgroup.procs"
	exec xdpguard doctor --json
}

memory_limit_is_noted() {
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir "$group"
	echo 512M >"$group/memory.max"
	# Its status is of all that it finds.
	(doctor_in_group) >/tmp/doctor || true
	jq -r '.findings[] | select(.what == "memory for maps") | "\(.state): \(.found)"' /tmp/doctor |
		grep -x "note: this control group has 512 MiB for all"
}

check "doctor notes a control group's limit of memory" memory_limit_is_noted
