# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup_file() {
	make_namespaces
	start_guard
}

# finding WHAT [WHERE]: its state and what was found.
finding() {
	jq -r --arg what "$1" --arg where "${2:-}" '.findings[] |
		select(.what == $what and (.interface // "") == $where) | "\(.state): \(.found)"' <<<"$output"
}

# advice WHAT [WHERE]
advice() {
	jq -r --arg what "$1" --arg where "${2:-}" '.findings[] |
		select(.what == $what and (.interface // "") == $where) | .advice' <<<"$output"
}

# doctor [OPTION…]: its JSON in $output.
doctor() {
	run --separate-stderr xdpguard doctor --json "$@"
}

# doctor_reads [FILE TEXT]…: likewise of the machine's network namespace, where the kernel's files have these texts. The
# machine's own settings stay.
doctor_reads() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	run --separate-stderr unshare --mount bash -euc '
		for ((i = 3; i < $#; i += 2)); do
			echo "${@:i+1:1}" >"$1/setting-$i"
			mount --bind "$1/setting-$i" "${@:i:1}"
		done
		exec "$2" doctor --json --dev lo' - "$BATS_TEST_TMPDIR" "$XDPGUARD" "$@"
}

@test "a host that can do all is told so" {
	run --separate-stderr xdpguard doctor --json
	((status == 0))
	[[ $(finding capabilities) == "good: all that it needs" ]]
	[[ $(finding "packet program") == "good: Linux $(uname -r) takes it ("* ]]
	[[ $(finding "BPF filesystem") == "good: at /sys/fs/bpf" ]]
	[[ $(finding guard veth0) == "good: attached in native mode, "* ]]
	[[ $(finding MTU veth0) == "good: 1500" ]]
}

@test "only guarded interfaces are looked at, or those that are named" {
	in_namespace "$guarded" ip link add br0 type bridge
	run --separate-stderr xdpguard doctor --json
	[[ $(jq -c '[.findings[].interface] | unique' <<<"$output") == '[null,"veth0"]' ]]
	run --separate-stderr xdpguard doctor --json --dev br0
	[[ $(jq -c '[.findings[].interface] | unique' <<<"$output") == '[null,"br0"]' ]]
	[[ $(finding guard br0) == "good: not attached; the hook is free" ]]
	doctor --dev br0,lo,br0
	[[ $(jq -c '[.findings[] | select(.what == "guard").interface]' <<<"$output") == '["br0","lo"]' ]]
	run --separate-stderr xdpguard doctor --dev ,
	((status == 2))
}

@test "what VLAN offload hides is told with the way out" {
	run --separate-stderr xdpguard doctor --json
	[[ $(finding "VLAN offload" veth0) == "note: VLAN tags may be taken off before XDP sees a frame" ]]
	[[ $(jq -r '.findings[] | select(.what == "VLAN offload").advice' <<<"$output") == *"ethtool -K veth0 rxvlan off" ]]
	in_namespace "$guarded" ethtool -K veth0 rxvlan off 2>/dev/null || skip "no ethtool, or it may not"
	run --separate-stderr xdpguard doctor --json
	[[ $(finding "VLAN offload" veth0) == "good: off" ]]
}

@test "an interface that does not exist is bad, and fails" {
	run --separate-stderr xdpguard doctor --json --dev eth7
	((status == 1))
	[[ $(finding guard eth7) == "bad: there is no such interface" ]]
}

@test "a directory outside of a BPF filesystem is bad, with the way out" {
	run --separate-stderr xdpguard doctor --dir "$BATS_TEST_TMPDIR/guard" --dev veth0
	((status == 1))
	[[ $output == *"BPF filesystem: mount -t bpf bpf $BATS_TEST_TMPDIR"* ]]
}

@test "without capabilities that is what it says, and no more" {
	cp "$XDPGUARD" "$BATS_TEST_TMPDIR/xdpguard"
	chmod -R a+rX "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	run --separate-stderr in_namespace "$guarded" setpriv --bounding-set=-all --inh-caps=-all \
		--reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/xdpguard" doctor --json --dev veth0
	((status == 1))
	[[ $(finding capabilities) == "bad: without CAP_NET_ADMIN, CAP_SYS_ADMIN" ]]
	[[ -z $(finding "packet program") ]]
}

@test "an MTU that takes several buffers a frame is noted, and one that the driver cannot take" {
	in_namespace "$guarded" ip link add veth1 mtu 9000 type veth peer name veth2
	doctor --dev veth1
	[[ $(finding MTU veth1) == "note: 9000 takes several buffers a frame (xdp.frags)" ]]
	[[ $(advice MTU veth1) == "XDP programs without xdp.frags cannot share this interface" ]]
	in_namespace "$guarded" ip tuntap add dev tap1 mode tap || skip "this kernel makes no tap interfaces"
	in_namespace "$guarded" ip link set tap1 mtu 9000
	doctor --dev tap1
	[[ $(finding driver tap1) == "good: tun has native XDP" ]] || skip "this kernel does not tell what drivers can"
	[[ $(finding MTU tap1) == "note: 9000 is too large for this driver's native XDP" ]]
	[[ $(advice MTU tap1) == "ip link set tap1 mtu "*", else the guard runs in generic mode" ]]
}

@test "no MTU is too large where there is no native mode to be had" {
	in_namespace "$guarded" ip link add br1 mtu 9000 type bridge
	doctor --dev lo,br1
	[[ $(finding driver br1) == "note: bridge has no native XDP" ]] || skip "this kernel does not tell what drivers can"
	[[ $(finding MTU br1) == "good: 9000" && $(advice MTU br1) == null ]]
	[[ $(finding MTU lo) == "good: 65536" && $(advice MTU lo) == null ]]
}

@test "generic mode is noted, with the way out" {
	sed 's/^interfaces:.*/interfaces: [veth0]\nchain: {attach: generic}/' "$policy" >"$BATS_TEST_TMPDIR/generic.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/generic.yaml"
	doctor --dev veth0
	((status == 0))
	[[ $(finding guard veth0) == "note: attached in generic mode, "* ]]
	[[ $(advice guard veth0) == *"a driver that has it takes chain.attach: native" ]]
	start_guard
}

@test "an interface that lost its guard is bad, with the way back, and explain does not judge for it" {
	start_guard
	in_namespace "$guarded" ip link set veth0 xdp off
	doctor
	((status == 1))
	[[ $(finding guard veth0) == "bad: NOT ATTACHED: somebody else took it off" ]]
	[[ $(advice guard veth0) == "xdpguard apply POLICY puts it back" ]]
	fails_with 1 'veth0 has lost its guard, so nothing is judged there; see: xdpguard status' \
		xdpguard explain --in veth0 'udp 192.0.2.1:1 > 192.0.2.2:2'
	start_guard
}

@test "a program of others that shares with none is bad, with the command that takes it off" {
	object=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog.o)
	[[ -e $object ]] || skip "there is no program of libxdp's"
	in_namespace "$guarded" ip link add veth5 type veth peer name veth6
	bpftool prog load "$object" "$XDPGUARD_DIR-others"
	in_namespace "$guarded" bpftool net attach xdp pinned "$XDPGUARD_DIR-others" dev veth5
	rm "$XDPGUARD_DIR-others"
	doctor --dev veth5
	((status == 1))
	[[ $(finding guard veth5) == 'bad: not attached, and "xsk_def_prog" (id '*') shares with none' ]]
	[[ $(advice guard veth5) == "ip link set dev veth5 xdp off" ]]
}

@test "whether programs can be chained is told as the kernel answers" {
	doctor --dev veth0
	chain=$(xdpguard status --json | jq -r '.interfaces[0].chain')
	if [[ $chain == alone* ]]; then
		[[ $chain == "alone (the kernel refused freplace: Operation not permitted)" ]]
		[[ $(finding chaining) == "note: the kernel refuses freplace programs: Operation not permitted" ]]
		[[ $(advice chaining) == "the guard is attached alone: no other XDP program can share its interfaces on this kernel" ]]
	else
		[[ $(finding chaining) == "good: libxdp's dispatcher can be used" ]]
	fi
}

@test "no BPF filesystem at /sys/fs/bpf is noted, and none where the guard is to be is bad" {
	# shellcheck disable=SC2016 # expanded by the inner shell
	run --separate-stderr unshare --mount bash -euc 'umount /sys/fs/bpf; mkdir "$1"; mount -t bpf bpf "$1"; exec "${@:2}"' - \
		"$BATS_TEST_TMPDIR/bpf" nsenter --net="/run/netns/$guarded" "$XDPGUARD" doctor --json --dev veth0 \
		--dir "$BATS_TEST_TMPDIR/bpf/guard"
	[[ $(finding "BPF filesystem") == "note: at $BATS_TEST_TMPDIR/bpf, but none at /sys/fs/bpf, which libxdp uses" ]]
	[[ $(advice "BPF filesystem") == "mount -t bpf bpf /sys/fs/bpf: without it no program is chained" ]]
	run --separate-stderr unshare --mount bash -euc 'umount /sys/fs/bpf; exec "$@"' - \
		nsenter --net="/run/netns/$guarded" "$XDPGUARD" doctor --json --dev veth0
	((status == 1))
	[[ $(finding "BPF filesystem") == "bad: none at /sys/fs/bpf" ]]
	[[ $(advice "BPF filesystem") == "mount -t bpf bpf /sys/fs/bpf" ]]
}

@test "settings of the machine that cost speed are noted, with the way out" {
	local stats=/proc/sys/kernel/bpf_stats_enabled jit=/proc/sys/net/core/bpf_jit_enable
	local harden=/proc/sys/net/core/bpf_jit_harden clocks=/sys/devices/system/clocksource/clocksource0

	doctor_reads $stats 1 $jit 0 $clocks/current_clocksource hpet
	[[ $(finding "BPF statistics") == "note: on: every packet reads the clock twice" ]]
	[[ $(advice "BPF statistics") == "sysctl kernel.bpf_stats_enabled=0" ]]
	[[ $(finding JIT) == "note: off: programs are interpreted, many times slower" ]]
	[[ $(advice JIT) == "sysctl net.core.bpf_jit_enable=1" ]]
	[[ $(finding "clock source") == "note: hpet, which is slow to read" ]]
	[[ $(advice "clock source") == "see $clocks/available_clocksource for a better one" ]]

	doctor_reads $stats 0 $jit 1 $harden 2 $clocks/current_clocksource tsc
	[[ $(finding "BPF statistics") == "good: off" ]]
	[[ $(finding JIT) == "note: on, with constants blinded for root as well: slower" ]]
	[[ $(advice JIT) == "sysctl net.core.bpf_jit_harden=1" ]]
	[[ $(finding "clock source") == "good: tsc" ]]

	# Whether programs are compiled is the first network namespace's to tell.
	doctor --dev veth0
	[[ $(finding JIT) == "note: the kernel does not tell in this network namespace" ]]
}

@test "text and JSON have the same findings, and the advice stands below" {
	doctor
	json=$(jq -r '.findings[] | [.interface // "-", .what, .state, .found] | join(" ")' <<<"$output")
	ways=$(jq -r '.findings[] | select(.advice) | "\(.interface // "")\(if .interface then " " else "" end)\(.what): \(.advice)"' \
		<<<"$output")
	run --separate-stderr xdpguard doctor
	equal "$(sed '1d; /^$/,$d' <<<"$output" | tr -s ' ')" "$(tr -s ' ' <<<"$json")"
	equal "$(sed '1,/^what can be done$/d; s/^  //' <<<"$output")" "$ways"
}
