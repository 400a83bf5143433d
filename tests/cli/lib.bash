# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A guard of its own between two namespaces of its own: "sender" floods, "guarded" runs the tool. Every
# file of tests makes them once, and may run beside others, and beside a guard of the machine itself.
#
# Tools that change a guard wait for each other, and say so on standard error: compare standard output alone.
#
# XDPGUARD and FLOOD name the programs under test; meson sets them.
#
# shellcheck disable=SC2154 # bats sets status, output, stderr and lines

bats_require_minimum_version 1.5.0

policy_text='version: 1
interfaces: [veth0]
rules:
  - {name: office, from: 192.0.2.0/28, action: pass}
  - {name: dns, protocol: udp, to_port: 53, limit: {rate: 1/h, burst: 10, block: 10m}}
  - {name: trial, mode: monitor, protocol: udp, to_port: 99, limit: {rate: 1/h, burst: 10}}
  - {name: abuse, from: 203.0.113.0/24, action: drop}
'

# Once a file, in setup_file.
make_namespaces() {
	: "${XDPGUARD:?}" "${FLOOD:?}"
	[[ $EUID == 0 ]] || skip "needs root"
	export XDPGUARD_DIR=/sys/fs/bpf/xdpguard-test-$$
	export XDPGUARD_STATE=$BATS_FILE_TMPDIR/state
	export sender=xg-cli-s$$ guarded=xg-cli-g$$
	export policy=$BATS_FILE_TMPDIR/edge.yaml sent_file=$BATS_FILE_TMPDIR/sent
	unset SSH_CONNECTION NO_COLOR

	ip netns add "$sender"
	ip netns add "$guarded"
	ip -n "$sender" link add veth0 type veth peer name veth0 netns "$guarded"
	# Nothing but what the tests send may arrive.
	in_namespace "$sender" sysctl -qw net.ipv6.conf.veth0.disable_ipv6=1
	in_namespace "$guarded" sysctl -qw net.ipv6.conf.veth0.disable_ipv6=1
	ip -n "$sender" link set veth0 up
	ip -n "$guarded" link set veth0 up
	receiver=$(ip -n "$guarded" -j link show veth0 | jq -r '.[0].address')
	export receiver
	echo "$policy_text" >"$policy"
}

# Once a file, in teardown_file.
remove_namespaces() {
	[[ -n ${guarded:-} ]] || return 0
	xdpguard detach --all || true
	rm -rf "$XDPGUARD_DIR"
	ip netns del "$sender" || true
	ip netns del "$guarded" || true
}

# What a file needs that says nothing else.
setup_file() {
	make_namespaces
}

teardown_file() {
	remove_namespaces
}

# in_namespace NAME COMMAND…: unlike `ip netns exec`, with the BPF filesystem where it was.
in_namespace() {
	nsenter --net="/run/netns/$1" "${@:2}"
}

# As typed on the guarded host.
xdpguard() {
	in_namespace "$guarded" "$XDPGUARD" "$@"
}

# A guard with the policy in force and nothing counted.
start_guard() {
	xdpguard detach --all >/dev/null 2>&1 || true
	rm -rf "$XDPGUARD_DIR"
	xdpguard apply "$policy" >/dev/null
	echo 0 >"$sent_file"
}

packets_counted() {
	xdpguard status --json |
		jq '[.verdicts[] | select(.verdict != "would_drop") | .packets] | add'
}

# send FROM COUNT [PORT]: frames of 60 bytes, IPv6 of 80; returns when the guard has counted them.
send() {
	local to=198.51.100.1 size=60 sent

	if [[ $1 == *:* ]]; then
		to=2001:db8:ffff::1 size=80
	fi
	sent=$(in_namespace "$sender" "$FLOOD" --dev veth0 --mac "$receiver" --from "$1" --to "$to" \
		--port "${3:-9}" --size "$size" --count "$2" | jq .sent)
	[[ $sent == "$2" ]]
	sent=$(($(<"$sent_file") + sent))
	echo "$sent" >"$sent_file"
	for _ in {1..50}; do
		[[ $(packets_counted) != "$sent" ]] || return 0
		sleep 0.1
	done
	echo "sent $sent, counted $(packets_counted)"
	return 1
}

# Something of everything: 155 packets of 5 sources.
send_traffic() {
	send 192.0.2.1 20
	send 198.51.100.9 50 53  # 10 pass, then the source is blocked
	send 198.51.100.30 50 99 # all pass, 40 would be dropped
	send 203.0.113.7 30
	send 2001:db8:0:1::5 5
}

# fails_with CODE TEXT COMMAND…: exits so, saying so on standard error, and nothing on standard output.
fails_with() {
	local code=$1 text=$2

	run --separate-stderr "${@:3}"
	[[ $status == "$code" ]] || { echo "exit $status: $stderr"; return 1; }
	[[ $stderr == *"$text"* ]] || { echo "said: $stderr"; return 1; }
	[[ -z $output ]] || { echo "printed: $output"; return 1; }
}

# json FILTER COMMAND…: what jq makes of the command's JSON, on one line.
json() {
	"${@:2}" --json | jq -ce "$1"
}

# equal ACTUAL EXPECTED
equal() {
	[[ $1 == "$2" ]] || { printf 'got      %s\nexpected %s\n' "$1" "$2"; return 1; }
}
