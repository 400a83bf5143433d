# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# What the tests of xdpguard among other XDP programs share: namespace "chain", whose eth0 the programs
# run on, the tools as they are typed there, and what they say.
. /source/tests/vm/guest/lib.sh

denied=198.51.100.3   # dropped by xdpguard
filtered=198.51.100.4 # dropped by xdp-filter
both=198.51.100.5     # dropped by whoever sees it first
free=198.51.100.6     # passed by both

# Passes everything, having no socket to redirect to.
third=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog.o)

chain() {
	in_namespace chain "$@"
}

# guard CHAIN [INTERFACES]: applies a policy with the drops above and this `chain:`.
guard() {
	cat >/tmp/policy.yaml <<-YAML
		version: 1
		interfaces: [${2:-eth0}]
		chain: {$1}
		rules:
		  - {name: denied, from: [$denied, $both], action: drop}
	YAML
	chain xdpguard apply /tmp/policy.yaml
}

# load_filter native|skb: xdp-filter, which runs at priority 10 and hands on what it passes.
load_filter() {
	chain xdp-filter load --mode "$1" eth0
	chain xdp-filter ip --mode src "$filtered"
	chain xdp-filter ip --mode src "$both"
}

# load_third PRIORITY
load_third() {
	chain xdp-loader load --prio "$1" --actions XDP_PASS --section xdp eth0 "$third"
}

# hook: what `xdp-loader status` says of eth0, a line a program, without its blanks.
hook() {
	chain xdp-loader status eth0 | tr -s ' ' | grep -E '^(eth0| =>)'
}

# hook_is PATTERN…: the programs under the dispatcher are these, in this order.
hook_is() {
	local lines pattern

	mapfile -t lines < <(hook | grep '=>')
	((${#lines[@]} == $#))
	for pattern; do
		[[ ${lines[0]} =~ $pattern ]]
		lines=("${lines[@]:1}")
	done
}

# program_id NAME: of the program on eth0.
program_id() {
	hook | awk -v name="$1" '$3 == name { print $4 }'
}

# status_is STATE CHAIN BESIDE: of eth0, as `xdpguard status` tells, "null" for nothing.
status_is() {
	local is

	is=$(chain xdpguard status --json |
		jq -r '.interfaces[] | select(.name == "eth0") | "\(.state)|\(.chain)|\(.others)"')
	[[ $is == "$1|$2|$3" ]]
}

# ask_doctor: for doctor_says. Its exit status is of all that it finds.
ask_doctor() {
	chain xdpguard doctor --dev eth0 --json >/tmp/doctor || true
}

# doctor_says WHAT: the states and findings of that kind for eth0, a line each.
doctor_says() {
	jq -r --arg what "$1" '.findings[] | select(.interface == "eth0" and .what == $what) | "\(.state): \(.found)"' \
		/tmp/doctor
}

# packets_of ADDRESS: that xdpguard has judged.
packets_of() {
	chain xdpguard sources --json | jq "[.sources[] | select(.address == \"$1\").packets] | add // 0"
}

# filter_hits ADDRESS: that xdp-filter has dropped.
filter_hits() {
	chain xdp-filter status | awk -v address="$1" '$1 == address { print $3 }'
}

arrives() {
	ping_guarded chain 1 "$1"
}

is_lost() {
	ping_is_lost chain "$1"
}

xdpguard_works() {
	is_lost "$denied"
	arrives "$free"
}

filter_works() {
	is_lost "$filtered"
	arrives "$free"
}
