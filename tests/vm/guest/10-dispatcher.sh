# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# What the tests of chaining stand on: that this kernel and libxdp's dispatcher run several programs
# on one interface. A failure here is none of xdpguard's.
. /source/tests/vm/guest/lib.sh

# Passes everything, having no socket to redirect to.
second=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog.o)
denied=198.51.100.3

guarded() {
	in_namespace dispatcher "$@"
}

# chain_of: what `xdp-loader status` says, without its blanks.
chain_of() {
	guarded xdp-loader status | tr -s ' '
}

chain_has() {
	grep -qE -- "$1" <<<"$(chain_of)"
}

first_program_is_dispatched() {
	guarded xdp-filter load eth0
	chain_has "^eth0 xdp_dispatcher native "
	chain_has "=> 10 xdpfilt_alw_all .* XDP_PASS"
}

second_program_joins() {
	guarded xdp-loader load --prio 20 --actions XDP_PASS,XDP_DROP --section xdp eth0 "$second"
	chain_has "=> 10 xdpfilt_alw_all .* XDP_PASS"
	chain_has "=> 20 xsk_def_prog .* XDP_DROP,XDP_PASS"
	[[ $(chain_of | grep -c xdp_dispatcher) == 1 ]]
}

filter_drops_the_denied_alone() {
	guarded xdp-filter ip --mode src "$denied"
	ping_guarded dispatcher 3
	ping_is_lost dispatcher "$denied"
}

xdpdump_sees_the_drop() {
	local capture=/tmp/capture

	start_xdpdump dispatcher "$capture"
	ping_is_lost dispatcher "$denied"
	stop_xdpdump
	tcpdump --relinquish-privileges=root -nr "$capture" | grep "$denied > 198.51.100.1: ICMP echo request"
}

unload_leaves_the_other() {
	guarded xdp-filter unload eth0
	chain_has "=> 20 xsk_def_prog "
	fails chain_has xdpfilt_alw_all
	ping_guarded dispatcher 3 "$denied"
}

last_unload_empties_the_hook() {
	local id

	id=$(chain_of | awk '$3 == "xsk_def_prog" { print $4 }')
	guarded xdp-loader unload --id "$id" eth0
	chain_has "^eth0 <No XDP program loaded!>"
	[[ -z $(ls /sys/fs/bpf/xdp) ]]
}

make_guarded dispatcher
check "xdp-filter is loaded under a dispatcher" first_program_is_dispatched
check "a second program joins the chain with its own priority and actions" second_program_joins
check "xdp-filter in the chain drops the denied source alone" filter_drops_the_denied_alone
check "xdpdump captures what xdp-filter drops" xdpdump_sees_the_drop
check "unloading one program leaves the other" unload_leaves_the_other
check "unloading the last one empties the hook" last_unload_empties_the_hook
