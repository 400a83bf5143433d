# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/chain.bash
#
# xdpguard and other XDP programs on one interface, whoever came first and whoever leaves first. A check
# goes on where the one before it stopped.
. /source/tests/vm/guest/chain.bash
needs_kernel 5.15

joins_between() {
	load_filter native
	load_third 30
	guard "priority: 20, on: [pass]"
	hook_is "=> 10 xdpfilt_alw_all .* XDP_PASS$" "=> 20 xdpguard .* XDP_PASS$" "=> 30 xsk_def_prog "
	status_is attached "2 of 3, priority 20, on pass" "xdpfilt_alw_all, xsk_def_prog"
}

both_work() {
	xdpguard_works
	filter_works
}

# Both are to drop it, so the first one alone can.
filter_is_first() {
	local hits packets

	hits=$(filter_hits "$both")
	packets=$(packets_of "$both")
	is_lost "$both"
	(($(filter_hits "$both") == hits + 1))
	(($(packets_of "$both") == packets))
}

xdpguard_is_first() {
	local hits packets

	hits=$(filter_hits "$both")
	packets=$(packets_of "$both")
	is_lost "$both"
	(($(filter_hits "$both") == hits))
	(($(packets_of "$both") == packets + 1))
}

xdpdump_captures() {
	local capture=/tmp/capture

	start_xdpdump chain "$capture"
	is_lost "$denied"
	arrives "$free"
	stop_xdpdump
	tcpdump --relinquish-privileges=root -nr "$capture" >/tmp/captured
	grep "$denied > 198.51.100.1: ICMP echo request" /tmp/captured
	grep "$free > 198.51.100.1: ICMP echo request" /tmp/captured
}

# The filter keeps its program; a new instance of ours has the new place.
changes_place() {
	local filter ours

	filter=$(program_id xdpfilt_alw_all)
	ours=$(program_id xdpguard)
	guard "priority: 5, on: [pass, drop]"
	hook_is "=> 5 xdpguard .* XDP_DROP,XDP_PASS$" "=> 10 xdpfilt_alw_all " "=> 30 xsk_def_prog "
	status_is attached "1 of 3, priority 5, on drop,pass" "xdpfilt_alw_all, xsk_def_prog"
	[[ $(program_id xdpfilt_alw_all) == "$filter" && $(program_id xdpguard) != "$ours" ]]
}

# A drop that is handed on is the next program's to decide.
hands_drops_on() {
	arrives "$denied"
	is_lost "$filtered"
}

keeps_drops() {
	guard "priority: 5, on: [pass]"
	hook_is "=> 5 xdpguard .* XDP_PASS$" "=> 10 xdpfilt_alw_all " "=> 30 xsk_def_prog "
	both_work
}

is_as_asked() {
	local ours

	ours=$(program_id xdpguard)
	guard "priority: 5, on: [pass]" | grep "unchanged"
	[[ $(program_id xdpguard) == "$ours" ]]
}

others_unload_ours() {
	chain xdp-loader unload --id "$(program_id xdpguard)" eth0
	hook_is "=> 10 xdpfilt_alw_all " "=> 30 xsk_def_prog "
	status_is "NOT ATTACHED" null null
	filter_works
	arrives "$denied"
}

apply_mends() {
	guard "priority: 20, on: [pass]"
	status_is attached "2 of 3, priority 20, on pass" "xdpfilt_alw_all, xsk_def_prog"
	both_work
}

others_unload_the_neighbours() {
	chain xdp-loader unload --id "$(program_id xsk_def_prog)" eth0
	status_is attached "2 of 2, priority 20, on pass" xdpfilt_alw_all
	chain xdp-loader unload --id "$(program_id xdpfilt_alw_all)" eth0
	hook_is "=> 20 xdpguard "
	status_is attached "1 of 1, priority 20, on pass" null
	xdpguard_works
}

# xdp-filter comes second and runs first; the third comes and runs last.
others_join() {
	load_filter native
	load_third 30
	hook_is "=> 10 xdpfilt_alw_all " "=> 20 xdpguard " "=> 30 xsk_def_prog "
	status_is attached "2 of 3, priority 20, on pass" "xdpfilt_alw_all, xsk_def_prog"
	both_work
}

detach_takes_ours() {
	chain xdpguard detach --all
	hook_is "=> 10 xdpfilt_alw_all " "=> 30 xsk_def_prog "
	filter_works
	arrives "$denied"
	[[ ! -e /sys/fs/bpf/xdpguard ]]
}

doctor_names_the_neighbours() {
	ask_doctor
	[[ $(doctor_says guard) == "good: $1" ]]
	[[ $(doctor_says neighbour) == "good: xdpfilt_alw_all (id $(program_id xdpfilt_alw_all)), priority 10, on pass
good: xsk_def_prog (id $(program_id xsk_def_prog)), priority 30, on pass" ]]
}

the_last_leaves_nothing() {
	chain xdp-loader unload --all eth0
	hook | grep "^eth0 <No XDP program loaded!>"
	[[ -z $(ls /sys/fs/bpf/xdp) ]]
}

make_guarded chain
check "two neighbours first, then xdpguard: it runs between, and xdp-loader and status say so" joins_between
check "two neighbours first, then xdpguard: each drops what it is to, and passes the rest" both_work
check "the earlier xdp-filter drops, and xdpguard's counter stands still" filter_is_first
check "xdpdump captures what xdpguard drops and what it passes" xdpdump_captures
check "another priority, other chain actions: xdpguard is first, the neighbours stay" changes_place
check "a drop is handed on to the next program where chain.on says so" hands_drops_on
check "a drop is final where chain.on does not name it" keeps_drops
check "the earlier xdpguard drops, and xdp-filter's counter stands still" xdpguard_is_first
check "an apply that asks for the same place leaves the program where it is" is_as_asked
check "xdp-loader unload of xdpguard: the neighbour works, status tells the truth" others_unload_ours
check "the next apply puts xdpguard back between its neighbours" apply_mends
check "xdp-loader unload of the neighbours: xdpguard works, status tells the truth" others_unload_the_neighbours
check "xdpguard first, then two neighbours: each has its place and works" others_join
check "xdpguard first, then xdp-filter before it, whose drops xdpguard does not count" filter_is_first
check "doctor says where xdpguard is in the chain, and names its neighbours" \
	doctor_names_the_neighbours "attached in native mode, 2 of 3, priority 20, on pass"
check "detach takes xdpguard's program alone" detach_takes_ours
check "doctor says that xdpguard can join the neighbours, and names them" \
	doctor_names_the_neighbours "not attached; it can join the others"
check "the last unload leaves nothing" the_last_leaves_nothing
