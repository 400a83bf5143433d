# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# Hooks where xdpguard cannot be chained, or not as it would like: what it does instead, and what it says.
. /source/tests/vm/guest/chain.bash
needs_kernel 5.15

# afresh: nobody on the hook, and no guard.
afresh() {
	chain xdpguard detach --all 2>/dev/null || true
	chain xdp-loader unload --all eth0 2>/dev/null || true
	ip -n chain link set eth0 xdp off
}

# says TEXT COMMAND…: succeeds and says so.
says() {
	"${@:2}" >/tmp/said 2>&1
	cat /tmp/said
	grep -qF -- "$1" /tmp/said
}

# refused TEXT COMMAND…: fails and says so.
refused() {
	fails "${@:2}" >/tmp/said 2>&1
	cat /tmp/said
	grep -qF -- "$1" /tmp/said
}

# mode_is native|generic: of eth0, as the kernel says.
mode_is() {
	local modes=([1]=native [2]=generic)

	[[ ${modes[$(ip -n chain -j link show eth0 | jq '.[0].xdp.mode')]} == "$1" ]]
}

# set_mtu BYTES: of both ends.
set_mtu() {
	ip -n chain link set eth0 mtu "$1"
	ip -n chain-outside link set eth0 mtu "$1"
}

# with_another_bpffs COMMAND…: where another one is mounted at /sys/fs/bpf.
with_another_bpffs() {
	unshare --mount bash -euc 'umount /sys/fs/bpf; mount -t bpf bpf /sys/fs/bpf; "$@"' - "$@"
}

# Where none is mounted there, and the guard's directory is in one elsewhere.
without_bpffs() {
	unshare --mount bash -euc 'umount /sys/fs/bpf; mkdir -p /tmp/bpf; mount -t bpf bpf /tmp/bpf
		XDPGUARD_DIR=/tmp/bpf/guard "$@"' - "$@"
}

without_dispatcher_file() {
	unshare --mount bash -euc "mount -t tmpfs tmpfs ${third%/*}; \"\$@\"" - "$@"
}

large_mtu() {
	set_mtu 9000
	guard "priority: 20, attach: native"
	status_is attached "1 of 1, priority 20, on pass" null
	mode_is native
	xdpguard_works
}

bytes_of() {
	chain xdpguard sources --json | jq "[.sources[] | select(.address == \"$1\").bytes] | add // 0"
}

# One datagram whose frame of 8,042 bytes takes several buffers.
large_frames() {
	local bytes

	bytes=$(bytes_of 198.51.100.2)
	in_namespace chain-outside bash -c \
		"dd if=/dev/zero bs=8000 count=1 status=none >/dev/udp/198.51.100.1/9"
	(($(bytes_of 198.51.100.2) >= bytes + 8042))
}

filter_cannot_join() {
	fails chain xdp-filter load --mode native eth0
	status_is attached "1 of 1, priority 20, on pass" null
	xdpguard_works
}

large_mtu_beside_generic() {
	afresh
	load_filter skb
	guard "priority: 20"
	status_is attached "2 of 2, priority 20, on pass" xdpfilt_alw_all
	mode_is generic
	xdpguard_works
	filter_works
}

native_beside_generic() {
	refused "eth0: other XDP programs run there in generic mode, and an interface has one mode for all" \
		guard "priority: 20, attach: native"
	status_is attached "2 of 2, priority 20, on pass" xdpfilt_alw_all
	xdpguard_works
}

driver_without_native() {
	afresh
	set_mtu 1500
	ip -n chain link add dummy0 type dummy
	says "dummy0: in generic mode, which is slower: the driver refuses native XDP" guard "priority: 20" dummy0
}

one_fails_of_two() {
	refused 'dummy0: the driver refuses native XDP' guard "priority: 20, attach: native" eth0,dummy0
	[[ $(chain xdpguard status --json | jq -c '[.interfaces[] | [.name, .mode]]') == '[["dummy0","generic"]]' ]]
	hook | grep "^eth0 <No XDP program loaded!>"
}

# Two interfaces share the tables.
two_interfaces() {
	guard "priority: 20" eth0,dummy0
	[[ $(chain xdpguard status --json | jq -c '[.interfaces[].mode] | sort') == '["generic","native"]' ]]
	xdpguard_works
}

pins_vanish() {
	rm -rf /sys/fs/bpf/xdp
	status_is "NOT ATTACHED" "libxdp's dispatcher lost its programs with their pins in /sys/fs/bpf/xdp" null
	ask_doctor
	[[ $(doctor_says guard) == "note: libxdp's dispatcher lost its programs with their pins in /sys/fs/bpf/xdp" ]]
	arrives "$denied"
}

apply_mends() {
	guard "priority: 20"
	status_is attached "1 of 1, priority 20, on pass" null
	xdpguard_works
}

foreign_dispatcher() {
	refused "eth0: libxdp's dispatcher (id " with_another_bpffs nsenter --net=/run/netns/chain \
		xdpguard apply /tmp/policy.yaml
	grep "pins are in another BPF filesystem than /sys/fs/bpf" /tmp/said
	status_is attached "1 of 1, priority 20, on pass" null
}

full_dispatcher() {
	local i

	afresh
	for i in {1..10}; do
		load_third "$i"
	done
	refused "eth0: libxdp's dispatcher holds no more than 10 programs" guard "priority: 20"
	[[ $(hook | grep -c "=>") == 10 && ! -e /sys/fs/bpf/xdpguard ]]
}

no_dispatcher_file() {
	afresh
	refused "eth0: libxdp does not find its dispatcher, the file xdp-dispatcher.o" \
		without_dispatcher_file nsenter --net=/run/netns/chain xdpguard apply /tmp/policy.yaml
	[[ ! -e /sys/fs/bpf/xdpguard ]]
}

alone_without_bpffs() {
	says "alone (no BPF filesystem at /sys/fs/bpf)" without_bpffs \
		nsenter --net=/run/netns/chain xdpguard apply /tmp/policy.yaml
	mode_is native
	xdpguard_works
}

others_hook() {
	afresh
	bpftool prog load "$third" /sys/fs/bpf/others
	chain bpftool net attach xdp pinned /sys/fs/bpf/others dev eth0
	refused '"xsk_def_prog") is attached without libxdp'"'"'s dispatcher, so none can join it; take it off first' \
		guard "priority: 20"
	ip -n chain link show eth0 | grep "prog/xdp.* name xsk_def_prog"
	[[ ! -e /sys/fs/bpf/xdpguard ]]
}

make_guarded chain
check "an MTU of 9000 is guarded natively, under a dispatcher with frags" large_mtu
check "a frame of several buffers is judged and counted whole under the dispatcher" large_frames
check "a neighbour without frags cannot join at a large MTU, and xdpguard goes on" filter_cannot_join
check "an MTU of 9000 beside a neighbour in generic mode: xdpguard joins it there" large_mtu_beside_generic
check "attach: native beside a neighbour in generic mode is refused, and nothing changes" native_beside_generic
check "a driver without native XDP is guarded in generic mode, with a warning" driver_without_native
check "an interface that refuses leaves the hooks of the others as they were" one_fails_of_two
check "two interfaces, one chained and one generic, are one guard" two_interfaces
check "pins of libxdp's that vanish take xdpguard off: status says so" pins_vanish
check "the next apply puts it back" apply_mends
check "a dispatcher with pins in another BPF filesystem is left alone, by name" foreign_dispatcher
check "a dispatcher that is full is left alone, with the way out" full_dispatcher
check "without xdp-dispatcher.o apply fails and names the package" no_dispatcher_file
check "without a BPF filesystem at /sys/fs/bpf xdpguard is attached alone, and says why" alone_without_bpffs
check "a program attached without libxdp is left alone, by name" others_hook
