# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# Programs take new places under traffic, and policies each other's, and no packet goes by unjudged: one that is to be
# dropped and arrives met a moment without xdpguard.
. /source/tests/vm/guest/chain.bash
# shellcheck source=tests/e2e/twins.bash
. /source/tests/e2e/twins.bash
needs_kernel 5.15

sources=("$denied" "$free")

# counted_flood SOURCE PORT OPTION…: prints what was sent, and what of it got past XDP.
counted_flood() {
	local to=198.51.100.1

	[[ $1 != *:* ]] || to=2001:db8::1
	# In the place of the shell, so that a signal for it is count's.
	exec nsenter --net=/run/netns/chain count --dev eth0 --port "$2" \
		nsenter --net=/run/netns/chain-outside flood --dev eth0 --mac "$mac" --from "$1" --to "$to" --port "$2" "${@:3}"
}

# start_traffic [RATE]: so many packets a second from each source, each to a port of its own.
start_traffic() {
	local i

	ids=()
	for i in "${!sources[@]}"; do
		counted_flood "${sources[i]}" $((9 + i)) --rate "${1:-2000}" >"/tmp/traffic-$i" &
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

# apply_beside NAME: the policy of that name, where xdpguard is already, so that its program stays.
apply_beside() {
	local ours

	ours=$(program_id xdpguard)
	sed -i 's/^version: 1$/&\nchain: {priority: 5, on: [pass, tx]}/' "/tmp/$1.yaml"
	chain xdpguard apply "/tmp/$1.yaml" --dev eth0
	hook_is "=> 5 xdpguard " "=> 10 xdpfilt_alw_all "
	[[ $(program_id xdpguard) == "$ours" ]]
}

# reason REASON: packets of which that became.
reason() {
	chain xdpguard status --json | jq "[.reasons[] | select(.reason == \"$1\").packets] | add // 0"
}

# Those of the clients by source, and those that admission holds outside the table.
packets_of_clients() {
	local held

	held=$(chain xdpguard status --json | jq .admission.held)
	chain xdpguard sources --json | jq --argjson held "$held" \
		'[.sources[] | select(.address | test("^(198\\.18\\.|2001:db8:8000:)")).packets] | add // 0 | . + $held'
}

# A packet that half a policy judges is dropped (tests/e2e/twins.bash), so it does not arrive, and one that none judges is
# not counted.
policies_in_turn() {
	# Of both prefixes of twin_sources the first few, which are sooner printed.
	local sources=(198.18.0.0/24 2001:db8:8000::/120) passed counted sent

	make_twins /tmp 1 8
	apply_beside a
	apply_beside b
	passed=$(reason rule-pass)
	counted=$(packets_of_clients)
	start_traffic 500
	for _ in {1..5}; do
		chain xdpguard apply /tmp/a.yaml --dev eth0
		chain xdpguard apply /tmp/b.yaml --dev eth0
	done
	kill "${ids[@]}"
	wait "${ids[@]}"
	sent=$(jq -s 'map(.sent) | add' /tmp/traffic-?)
	((sent > 100))
	[[ $(jq -s 'map(.received // 0) | add' /tmp/traffic-?) == "$sent" ]]
	[[ $(reason rule-pass) == $((passed + sent)) ]]
	[[ $(packets_of_clients) == $((counted + sent)) ]]
}

# A rate that every machine exceeds.
a_flood_is_accounted_for() {
	local from=198.51.100.66 passed

	cat >/tmp/flood.yaml <<-YAML
		version: 1
		rules: [{name: flood, protocol: udp, limit: {rate: 100/s, burst: 100}}]
	YAML
	apply_beside flood
	(counted_flood "$from" 9 --count 5000) >/tmp/flood
	passed=$(jq -s 'map(.received) | add' /tmp/flood)
	((passed >= 100 && passed < 5000))
	chain xdpguard sources --json >/tmp/sources
	jq -ec --argjson passed "$passed" '.sources[] | select(.address == "198.51.100.66") |
		[.packets, .passed, .dropped] == [5000, $passed, 5000 - $passed]' /tmp/sources
}

make_guarded chain
mac=$(ip -n chain -j link show eth0 | jq -r '.[0].address')
load_filter native >/dev/null
guard "priority: 10, on: [pass]" >/dev/null
check "chain.priority changes under traffic: no packet goes by unjudged" under_traffic other_places
check "chain.on changes under traffic: no packet goes by unjudged" under_traffic other_actions
check "neighbours join and leave under traffic: no packet goes by unjudged" under_traffic neighbours_come_and_go
check "10 policies in turn under traffic, under a dispatcher: each packet is judged by a whole one, and none is lost" \
	policies_in_turn
check "a flood above its limit, under a dispatcher: each packet passed and arrived, or was dropped" a_flood_is_accounted_for
check "a moment without xdpguard is seen by these tests" a_gap_is_seen
