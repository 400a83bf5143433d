# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source=tests/vm/guest/lib.sh
#
# That this kernel runs the packet program over tables of the tool's own: explain, replay and suggest.
. /source/tests/vm/guest/lib.sh
needs_kernel 5.15

cat >/tmp/trial.yaml <<'YAML'
version: 1
rules:
  - {name: game, protocol: udp, to_port: 27015, limit: {rate: 500/s, burst: 100}}
YAML

flood() {
	mkcapture /tmp/trial.pcap <<<"0 1500 0.0001 udp 198.51.100.66:1 > 198.51.100.1:27015 size $1"
}

explain_names_the_rule() {
	xdpguard explain --policy /tmp/trial.yaml 'udp 192.0.2.1:1 > 198.51.100.1:27015' >/tmp/explained
	grep '^rule: *game (1 of 1)' /tmp/explained
}

# replayed POLICY EXPRESSION: what jq makes of what replay says of the capture is true.
replayed() {
	xdpguard replay /tmp/trial.pcap --policy "$1" --json >/tmp/replayed
	jq -e "$2" /tmp/replayed
}

packets='(.verdicts | map({(.verdict): .packets}) | add)'

# A burst of 100, and for 149.9 ms one every 2 ms.
replay_counts_to_the_packet() {
	flood 60
	replayed /tmp/trial.yaml "$packets == {passed: 174, dropped: 1326, would_drop: 0}"
}

replay_takes_frames_of_several_buffers() {
	flood 9000
	replayed /tmp/trial.yaml ".frames.judged == 1500"
}

a_suggested_policy_drops_nothing() {
	flood 60
	xdpguard suggest --pcap /tmp/trial.pcap >/tmp/suggested.yaml
	replayed /tmp/suggested.yaml "$packets == {passed: 1500, dropped: 0, would_drop: 0}"
}

check "explain names the rule that decides" explain_names_the_rule
check "replay counts to the packet" replay_counts_to_the_packet
check "replay takes frames of several buffers" replay_takes_frames_of_several_buffers
check "a suggested policy drops nothing of what it comes from" a_suggested_policy_drops_nothing
