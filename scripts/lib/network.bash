# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Network namespaces of one run, connected by pairs of interfaces. Each script's names are its own, so that
# runs side by side do not meet, and real interfaces are never touched. Needs cleanup.bash.

lab=xdpguard-$BASHPID

# lab_add NAME…
lab_add() {
	local name

	for name; do
		ip netns add "$lab-$name"
		on_exit ip netns delete "$lab-$name"
		ip -n "$lab-$name" link set lo up
		lab_quiet "$name"
	done
}

# lab_quiet NAME: a kernel reports the multicast groups of an IPv6 address twice, the second time up to a second later.
# By the rules of MLDv1 the first comes with the address, and the second here some day.
lab_quiet() {
	local settings=/proc/sys/net/ipv6/conf/default

	lab_in "$1" tee "$settings/force_mld_version" <<<1 >/dev/null
	lab_in "$1" tee "$settings/mldv1_unsolicited_report_interval" <<<2147483647 >/dev/null
}

# lab_up NAME INTERFACE: without a link-local address, so that the kernel sends nothing of its own accord.
lab_up() {
	ip -n "$lab-$1" link set "$2" addrgenmode none
	ip -n "$lab-$1" link set "$2" up
}

# lab_link NAME INTERFACE NAME INTERFACE
lab_link() {
	ip -n "$lab-$1" link add "$2" type veth peer name "$4" netns "$lab-$3"
	lab_up "$1" "$2"
	lab_up "$3" "$4"
}

# lab_address NAME INTERFACE ADDRESS/BITS…
lab_address() {
	local name=$1 interface=$2 address

	shift 2
	for address; do
		# Duplicates are not looked for, which would take a second.
		[[ $address != *:* ]] || address+=" nodad"
		# shellcheck disable=SC2086
		ip -n "$lab-$name" address add dev "$interface" $address
	done
}

# lab_in NAME COMMAND…: `ip netns exec` would put another /sys in the place of the one with the pins.
lab_in() {
	local name=$1

	shift
	nsenter --net="/run/netns/$lab-$name" "$@"
}

# lab_start NAME COMMAND…: beside this script, until it ends. Not through lab_in, for then $! would be a shell
# whose end the command outlives.
lab_start() {
	nsenter --net="/run/netns/$lab-$1" "${@:2}" &
	on_exit lab_stop $!
}

# lab_stop PROCESS: which may have ended.
lab_stop() {
	kill "$1" 2>/dev/null
}

# lab_mac NAME INTERFACE
lab_mac() {
	ip -n "$lab-$1" -br link show "$2" | awk '{ print $3 }'
}
