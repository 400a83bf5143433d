# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# Kernels that cannot run the packet program: xdpguard says so, and leaves nothing behind.
. /source/tests/vm/guest/chain.bash

apply_says_so() {
	fails guard "priority: 20" >/tmp/said 2>&1
	cat /tmp/said
	grep -F "this kernel ($(uname -r)) is too old; xdpguard needs Linux 5.15 or later" /tmp/said
	[[ ! -e /sys/fs/bpf/xdpguard ]]
	hook | grep "^eth0 <No XDP program loaded!>"
}

doctor_says_so() {
	fails chain xdpguard doctor --dev eth0 --json >/tmp/doctor
	jq -r '.findings[] | select(.what == "packet program") | "\(.state): \(.found)"' /tmp/doctor |
		grep "^bad: .* is too old; xdpguard needs Linux 5.15 or later"
}

if ! kernel_is_since 5.15; then
	make_guarded chain
	check "a kernel that is too old is refused by name, and nothing is left" apply_says_so
	check "doctor says that the kernel is too old" doctor_says_so
fi
