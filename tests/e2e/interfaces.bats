# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Interfaces that come and go, and hooks that others use: what status says, and that apply mends it.
load lib

setup() {
	make_lab
}

teardown() {
	remove_lab
}

# guard [CHAIN [INTERFACES]]: drops one source.
guard() {
	cat >"$policy" <<-YAML
		version: 1
		interfaces: [${2:-eth0}]
		chain: {${1:-priority: 10}}
		rules: [{name: denied, from: 192.0.2.3, action: drop}]
	YAML
	xdpguard apply "$policy"
}

# interface_is STATE MODE [NAME]
interface_is() {
	equal "$(xdpguard status --json |
		jq -r --arg name "${3:-eth0}" '.interfaces[] | select(.name == $name) | "\(.state) \(.mode)"')" "$1 $2"
}

# drops: is the denied source dropped, and another one not?
drops() {
	equal "$(number .received "$(flood_counted 192.0.2.3 --count 20)")" 0
	equal "$(number .received "$(flood_counted 192.0.2.4 --count 20)")" 20
}

# mode_of INTERFACE: of XDP, as the kernel says: 1 native, 2 generic, null none.
mode_of() {
	ip -n "$lab-server" -j link show "$1" | jq '.[0].xdp.mode'
}

# The lab's other functions take it that both ends have one name.
rename_client() {
	ip -n "$lab-client" link set eth0 down
	ip -n "$lab-client" link set eth0 name lan0
	ip -n "$lab-client" link set lan0 up
	# shellcheck disable=SC2034 # the lab's
	interface=lan0
}

others_program() {
	other=$BATS_TEST_TMPDIR/pass.o
	clang -target bpf -O2 -c -x c -o "$other" - <<-'C' || skip "no clang for BPF"
		__attribute__((section("xdp"), used)) int others(void *context) { return 2; }
		char _license[] __attribute__((section("license"), used)) = "GPL";
	C
}

@test "an interface whose frames have no Ethernet header is refused, by apply and by doctor" {
	lab_in server ip tuntap add dev tunnel mode tun || skip "no tun devices"
	fails_with 1 "tunnel: its frames have no Ethernet header (link type 65534" guard "priority: 10" tunnel
	[[ ! -e $XDPGUARD_DIR ]]
	equal "$(xdpguard doctor --dev tunnel --json | jq -r '.findings[] | select(.what == "guard").state')" bad
	guard
	fails_with 1 "tunnel: its frames have no Ethernet header" guard "priority: 10" eth0,tunnel
	drops
}

@test "apply tells which interfaces the guard comes to, and which it goes off" {
	lab_link server eth1 client eth1
	guard
	equal "$(xdpguard apply "$policy" --dev eth1 --dry-run | tail -2)" $'+ interface eth1\n- interface eth0'
	equal "$(xdpguard apply "$policy" --dev eth1 --json | jq -c '[.result, [.changes[] | [.change, .what]]]')" \
		'["applied",[["added","interface eth1"],["removed","interface eth0"]]]'
	equal "$(xdpguard apply "$policy" --dev eth1 --json | jq -c '[.result, .changes]')" '["unchanged",[]]'
}

@test "another aggregate makes other sources: the table begins anew, and says so" {
	of_aggregate() {
		printf 'version: 1\nsources: {aggregate: {ipv4: %s}}\n' "$1" >"$policy"
		xdpguard apply "$policy" --dev eth0
	}
	of_aggregate 32
	flood 10.0.0.0 --count 3
	eventually equal "$(source_of 10.0.0.0 .packets)" 3
	[[ $(of_aggregate 24) == *"table of sources: emptied"* ]]
	flood 10.0.0.1 --count 5
	eventually equal "$(xdpguard sources --json | jq -c '[.sources[] | [.address, .packets]]')" '[["10.0.0.0/24",5]]'
}

@test "a capacity that the policy no longer names is the machine's again" {
	of_capacity() {
		printf 'version: 1\nsources: {admission: auto%s}\n' "$1" >"$policy"
		xdpguard apply "$policy" --dev eth0 >/dev/null
		xdpguard status --json | jq .table.capacity
	}
	automatic=$(of_capacity "")
	equal "$(of_capacity ", capacity: 2k")" 2000
	equal "$(of_capacity "")" "$automatic"
}

@test "a renamed interface goes on, status tells, and apply takes the new name" {
	guard
	ip -n "$lab-server" link set eth0 down
	ip -n "$lab-server" link set eth0 name lan0
	ip -n "$lab-server" link set lan0 up
	interface_is "attached, renamed" native lan0
	rename_client
	drops
	fails_with 1 'no interface "eth0": it is "lan0" now, and guarded' guard
	drops
	guard "priority: 10" lan0
	interface_is attached native lan0
	equal "$(xdpguard status --json | jq '.interfaces | length')" 1
}

@test "an interface that goes and returns is told, mended, and counts on" {
	guard
	flood 192.0.2.3 --count 30
	ip -n "$lab-server" link delete eth0
	interface_is "interface is gone" null
	lab_link server eth0 client eth0
	lab_address server eth0 198.51.100.1/24
	interface_is "NOT ATTACHED" null
	equal "$(number .received "$(flood_counted 192.0.2.3 --count 20)")" 20
	guard
	interface_is attached native
	drops
	equal "$(xdpguard status --json | jq '.verdicts[] | select(.verdict == "dropped").packets')" 50
}

@test "an interface that went for good leaves the guard with the next apply" {
	lab_link server eth1 client eth1
	guard "priority: 10" eth0,eth1
	ip -n "$lab-server" link delete eth1
	interface_is "interface is gone" null eth1
	guard
	equal "$(xdpguard status --json | jq -c '[.interfaces[].name]')" '["eth0"]'
	drops
}

@test "a new interface with the old name of a guarded one takes its place" {
	guard
	ip -n "$lab-server" link set eth0 down
	ip -n "$lab-server" link set eth0 name old0
	ip -n "$lab-client" link set eth0 down
	ip -n "$lab-client" link set eth0 name old0
	lab_link server eth0 client eth0
	lab_address server eth0 198.51.100.1/24
	guard
	equal "$(xdpguard status --json | jq -c '[.interfaces[].name]')" '["eth0"]'
	equal "$(mode_of old0)" null
	drops
}

@test "another mode is taken over, and the old one goes back when the driver refuses the new one" {
	guard
	interface_is attached native
	guard "attach: generic"
	interface_is attached generic
	equal "$(mode_of eth0)" 2
	drops
	fails_with 1 "eth0: the driver refuses offload XDP" guard "attach: offload"
	interface_is attached generic
	drops
	guard "attach: native"
	interface_is attached native
}

@test "a driver without native XDP is guarded in generic mode, with a warning" {
	ip -n "$lab-server" link add br0 type bridge
	ip -n "$lab-server" link set br0 up
	run --separate-stderr guard "priority: 10" br0
	equal "$status" 0
	[[ $stderr == *"br0: in generic mode, which is slower: the driver refuses native XDP"* ]]
	interface_is attached generic br0
	fails_with 1 "br0: the driver refuses native XDP" guard "attach: native" br0
	interface_is attached generic br0
}

@test "a driver that refuses one interface leaves the others as they were" {
	ip -n "$lab-server" link add br0 type bridge
	guard "attach: generic"
	before=$(xdpguard status --json | jq -c '[.hash, .interfaces]')
	fails_with 1 "br0: the driver refuses native XDP" guard "attach: native" eth0,br0
	equal "$(xdpguard status --json | jq -c '[.hash, .interfaces]')" "$before"
	drops
}

# send_jumbo: one datagram whose frame of 8,042 bytes takes several buffers.
send_jumbo() {
	lab_in client bash -c "dd if=/dev/zero bs=8000 count=1 status=none >/dev/udp/198.51.100.1/9"
}

@test "a large MTU is guarded natively, and its frames are judged and counted whole" {
	ip -n "$lab-server" link set eth0 mtu 9000
	ip -n "$lab-client" link set eth0 mtu 9000
	guard "attach: native"
	interface_is attached native
	send_jumbo
	eventually equal "$(source_of 198.51.100.2 '[.passed, .bytes]')" '[1,8042]'
	xdpguard block 198.51.100.2
	send_jumbo
	eventually equal "$(source_of 198.51.100.2 '[.dropped, .bytes]')" '[1,16084]'
	drops
}

@test "a program of others that shares with none is left alone, by name" {
	others_program
	ip -n "$lab-server" link set dev eth0 xdp obj "$other" sec xdp
	before=$(ip -n "$lab-server" -j link show eth0 | jq -c '.[0].xdp')
	fails_with 1 '"others") is attached without libxdp' guard
	equal "$(ip -n "$lab-server" -j link show eth0 | jq -c '.[0].xdp')" "$before"
	[[ ! -e $XDPGUARD_DIR ]]
	run xdpguard doctor --dev eth0 --json
	equal "$(jq -r '.findings[] | select(.interface == "eth0" and .what == "guard") | .state' <<<"$output")" bad
}

@test "where freplace is refused the guard is alone, and says why" {
	guard
	chain=$(xdpguard status --json | jq -r '.interfaces[0].chain')
	[[ $chain == alone* ]] || skip "this kernel has a dispatcher"
	equal "$chain" "alone (the kernel refused freplace: Operation not permitted)"
	others_program
	run ip -n "$lab-server" link set dev eth0 xdp obj "$other" sec xdp
	((status != 0))
	drops
}

@test "--dry-run says which interfaces would come and go, and refuses one that is not there" {
	lab_link server eth1 client eth1
	guard
	run --separate-stderr xdpguard apply "$policy" --dry-run
	[[ $output == *": unchanged ("* && $output != *interface* ]]
	equal "$(xdpguard apply "$policy" --dry-run --json | jq -r .result)" unchanged
	run --separate-stderr xdpguard apply "$policy" --dev eth1 --dry-run
	[[ $output == *": would apply ("*"+ interface eth1"*"- interface eth0"* ]]
	equal "$(xdpguard apply "$policy" --dev eth1 --dry-run --json | jq -r .result)" "would apply"
	fails_with 1 'no interface "nope"; there are: ' xdpguard apply "$policy" --dev eth0,nope --dry-run
	interface_is attached native
}
