# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# What is left of a guard when it is taken away: nothing, in the kernel or in the BPF filesystem.
load lib

setup() {
	make_lab
}

teardown() {
	remove_lab
}

# guard [OPTION…]: with a policy in force that has been replaced once, so that both slots are filled.
guard() {
	local rate

	for rate in 1000 2000; do
		apply_text "$@" <<-YAML
			version: 1
			sets:
			  listed: [192.0.2.0/25, "2001:db8:9::/48"]
			rules:
			  - {name: listed, from: listed, action: drop}
			  - {name: rest, protocol: udp, limit: {rate: $rate/s}}
		YAML
	done
}

# Identifiers of the maps that are pinned, and of the policies' inside two of them.
map_ids() {
	local pin bytes

	for pin in "$XDPGUARD_DIR"/*; do
		bpftool -j map show pinned "$pin" | jq .id
	done
	for pin in policies ranges; do
		while read -ra bytes; do
			echo $((16#${bytes[3]}${bytes[2]}${bytes[1]}${bytes[0]}))
		done < <(bpftool -j map dump pinned "$XDPGUARD_DIR/$pin" | jq -r '.[].value | map(.[2:]) | join(" ")')
	done
}

# Of the programs that use the guard's maps, however they are attached.
program_ids() {
	bpftool -j prog show | jq --argjson map "$(bpftool -j map show pinned "$XDPGUARD_DIR/control" | jq .id)" \
		'.[] | select(.map_ids // [] | index($map)) | .id'
}

# are_gone map|prog ID…
are_gone() {
	local kind=$1 id

	for id in "${@:2}"; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
	done
}

hook() {
	ip -n "$lab-server" -j link show "$1" | jq -c '.[0].xdp'
}

@test "detach --all leaves no program, no map and no pin" {
	lab_link server eth1 client eth1
	before=$(ls -A /sys/fs/bpf/xdp 2>/dev/null || true)
	guard --dev eth0,eth1
	flood 192.0.2.1 --count 100
	xdpguard block 203.0.113.0/24
	mapfile -t maps < <(map_ids)
	mapfile -t programs < <(program_ids)
	echo "maps ${maps[*]}, programs ${programs[*]}"
	# The check can fail: all of them are there now, a dozen maps and two policies' tables.
	((${#maps[@]} >= 16 && ${#programs[@]} == 2))
	for id in "${maps[@]}"; do bpftool map show id "$id" >/dev/null; done

	xdpguard detach --all
	equal "$(hook eth0)$(hook eth1)" nullnull
	[[ ! -e $XDPGUARD_DIR ]]
	equal "$(ls -A /sys/fs/bpf/xdp 2>/dev/null || true)" "$before" "libxdp's pins"
	eventually are_gone prog "${programs[@]}"
	eventually are_gone map "${maps[@]}"
}

@test "detach of one interface leaves the other guarded, with what it has counted" {
	lab_link server eth1 client eth1
	guard --dev eth0,eth1
	flood 192.0.2.1 --count 100
	xdpguard detach --dev eth0
	equal "$(hook eth0)" null
	equal "$(xdpguard status --json | jq -c '[.interfaces[] | [.name, .state]]')" '[["eth1","attached"]]'
	flood 192.0.2.1 --count 50
	interface=eth1 flood 192.0.2.1 --count 7
	eventually equal "$(source_of 192.0.2.1 '[.packets, .dropped]')" '[107,107]'
	equal "$(number .received "$(flood_counted 192.0.2.1 --count 50)")" 50
}

@test "detach of several interfaces: all of them, or none when the guard is not on one" {
	lab_link server eth1 client eth1
	lab_link server eth2 client eth2
	apply_text --dev eth0,eth1,eth2 <<<'version: 1'
	fails_with 1 "eth7: the guard is not attached there" xdpguard detach --dev eth0,eth7
	equal "$(xdpguard status --json | jq -c '[.interfaces[].state]')" '["attached","attached","attached"]'
	equal "$(xdpguard detach --dev eth0,eth2)" $'eth0: detached\neth2: detached'
	equal "$(hook eth0)$(hook eth2)" nullnull
	equal "$(xdpguard status --json | jq -c '[.interfaces[] | [.name, .state]]')" '[["eth1","attached"]]'
	xdpguard detach --dev eth1,
	[[ ! -e $XDPGUARD_DIR ]]
}

# detach_with_fault AT FAULT: see tests/tools/fault.c.
detach_with_fault() {
	lab_in server env LD_PRELOAD="$FAULT" FAULT_POINTS=changes FAULT_AT="$1" FAULT="$2" \
		FAULT_LIST="$BATS_TEST_TMPDIR/points" "$XDPGUARD" detach --dev eth0,eth1
}

@test "detach of several interfaces that fails behind the first says which it is off" {
	lab_link server eth1 client eth1
	apply_text --dev eth0,eth1 <<<'version: 1'
	detach_with_fault 0 none
	at=$(grep -n '^send' "$BATS_TEST_TMPDIR/points" | sed -n '2s/:.*//p')
	apply_text --dev eth0,eth1 <<<'version: 1'
	run --separate-stderr detach_with_fault "$at" EPERM
	equal "$status $output" "1 eth0: detached"
	[[ $stderr == *"error: eth1: "* ]]
	equal "$(xdpguard status --json | jq -c '[.interfaces[] | [.name, .state]]')" '[["eth1","attached"]]'
}

@test "detach takes off no program of others" {
	guard
	# Another's program in the guard's place, as `ip link set xdp` puts it there.
	ip -n "$lab-server" link set dev eth0 xdp off
	other=$BATS_TEST_TMPDIR/pass.o
	clang -target bpf -O2 -c -x c -o "$other" - <<-'C' || skip "no clang for BPF"
		__attribute__((section("xdp"), used)) int others(void *context) { return 2; }
		char _license[] __attribute__((section("license"), used)) = "GPL";
	C
	ip -n "$lab-server" link set dev eth0 xdp obj "$other" sec xdp
	theirs=$(hook eth0)
	[[ $theirs == *'"id"'* ]]
	equal "$(xdpguard status --json | jq -r '.interfaces[0].state')" "NOT ATTACHED"
	xdpguard detach --all
	equal "$(hook eth0)" "$theirs"
}
