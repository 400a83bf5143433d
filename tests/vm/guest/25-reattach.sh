# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# Programs take new places under traffic, and no packet goes by unjudged: one that is to be dropped and
# arrives met a moment without xdpguard.
. /source/tests/vm/guest/chain.bash
needs_kernel 5.15

sources=("$denied" "$free")

# start_traffic: 2,000 packets a second from each source, each to a port of its own.
start_traffic() {
	local mac i

	mac=$(ip -n chain -j link show eth0 | jq -r '.[0].address')
	ids=()
	for i in "${!sources[@]}"; do
		nsenter --net=/run/netns/chain count --dev eth0 --port $((9 + i)) \
			nsenter --net=/run/netns/chain-outside flood --dev eth0 --mac "$mac" \
			--from "${sources[i]}" --to 198.51.100.1 --port $((9 + i)) --rate 2000 >"/tmp/traffic-$i" &
		ids+=($!)
	done
}

# traffic_of INDEX: what was sent and what arrived, such as 1000 0.
traffic_of() {
	jq -sr 'add | "\(.sent) \(.received)"' "/tmp/traffic-$1"
}

# under_traffic COMMAND…: none of the denied source's packets arrives, each of the other's does.
under_traffic() {
	local denied_before free_before sent received

	denied_before=$(packets_of "$denied")
	free_before=$(packets_of "$free")
	start_traffic
	eventually sees_both "$denied_before" "$free_before"
	"$@"
	kill "${ids[@]}"
	wait "${ids[@]}"
	read -r sent received <<<"$(traffic_of 0)"
	((sent >= 1000 && received == 0))
	(($(packets_of "$denied") == denied_before + sent))
	read -r sent received <<<"$(traffic_of 1)"
	((sent >= 1000 && received == sent))
	# Old and new instance run both for a moment, and each counts what both pass.
	(($(packets_of "$free") >= free_before + sent))
}

# sees_both DENIED FREE: has xdpguard judged packets of both since?
sees_both() {
	(($(packets_of "$denied") > $1 && $(packets_of "$free") > $2))
}

other_places() {
	guard "priority: 30, on: [pass]"
	hook_is "=> 10 xdpfilt_alw_all " "=> 30 xdpguard .* XDP_PASS$"
	guard "priority: 5, on: [pass]"
	hook_is "=> 5 xdpguard .* XDP_PASS$" "=> 10 xdpfilt_alw_all "
}

other_actions() {
	guard "priority: 5, on: [pass, tx]"
	hook_is "=> 5 xdpguard .* XDP_PASS,XDP_TX$" "=> 10 xdpfilt_alw_all "
}

neighbours_come_and_go() {
	load_third 1
	hook_is "=> 1 xsk_def_prog " "=> 5 xdpguard " "=> 10 xdpfilt_alw_all "
	chain xdp-filter unload eth0
	chain xdp-loader unload --id "$(program_id xsk_def_prog)" eth0
	hook_is "=> 5 xdpguard "
	load_filter native
	hook_is "=> 5 xdpguard " "=> 10 xdpfilt_alw_all "
}

# The kernel's own word that a gap would be seen: xdpguard is taken off and put back.
a_gap_is_seen() {
	local sent received

	start_traffic
	chain xdp-loader unload --id "$(program_id xdpguard)" eth0
	guard "priority: 5, on: [pass]"
	kill "${ids[@]}"
	wait "${ids[@]}"
	read -r sent received <<<"$(traffic_of 0)"
	((received > 0 && received < sent))
}

make_guarded chain
load_filter native >/dev/null
guard "priority: 10, on: [pass]" >/dev/null
check "chain.priority changes under traffic: no packet goes by unjudged" under_traffic other_places
check "chain.on changes under traffic: no packet goes by unjudged" under_traffic other_actions
check "neighbours join and leave under traffic: no packet goes by unjudged" under_traffic neighbours_come_and_go
check "a moment without xdpguard is seen by these tests" a_gap_is_seen
