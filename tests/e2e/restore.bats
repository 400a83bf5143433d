# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154,SC2030,SC2031 # variables of lib.bash and of bats; a test is a subshell
#
# Blocks outlive the guard that they were set in, as they have to when a machine reboots.
load lib

setup() {
	make_lab
	echo 'version: 1
rules:
  - {name: strict, protocol: udp, to_port: 9, limit: {rate: 1/h, burst: 5, block: {first: 10m, factor: 3, max: 1h}}}' >"$policy"
	start
	saved=$BATS_TEST_TMPDIR/saved
}

teardown() {
	remove_lab
}

start() {
	xdpguard apply "$policy" --dev eth0 >/dev/null
}

# All in the kernel is gone, as after a reboot.
start_anew() {
	xdpguard detach --all >/dev/null
	start
}

# Without the fractions of a second that a change of clocks may cost.
blocks() {
	xdpguard blocks --json |
		jq -c '.blocks[] | [.prefix, .by, .rule, .monitor, .relapses, .reason,
			(.until | if . == "forever" then . else sub("\\.[0-9]+Z"; "Z") | fromdateiso8601 / 10 | round end)]'
}

received_from() {
	number .received "$(flood_counted "$1" --count 20)"
}

@test "what was blocked is blocked again: by a rule and by hand, for what is left of the time" {
	equal "$(received_from 192.0.2.1)" 5
	xdpguard block 192.0.2.2 --reason "ticket 4711"
	xdpguard block 198.51.100.128/25 2001:db8:7::/48 --for 1h
	before=$(blocks)
	equal "$(wc -l <<<"$before")" 4
	run --separate-stderr xdpguard save
	equal "$status $output" "0 4 blocks saved in $XDPGUARD_STATE/blocks"
	equal "$(stat -c %a "$XDPGUARD_STATE/blocks")" 600

	start_anew
	equal "$(blocks)" ""
	equal "$(received_from 192.0.2.2)" 5
	start_anew
	run --separate-stderr xdpguard restore
	equal "$status $output" "0 4 blocks restored"
	equal "$(blocks)" "$before"
	equal "$(received_from 192.0.2.1)$(received_from 192.0.2.2)$(received_from 198.51.100.200)$(received_from 2001:db8:7::1)" 0000
	equal "$(received_from 203.0.113.1)" 5
}

@test "relapses are remembered: the next block is longer" {
	received_from 192.0.2.1
	xdpguard save "$saved"
	# It has ended, but a relapse would count.
	jq -c 'if .prefix then .until_ns = (now - 1) * 1e9 else . end' "$saved" >"$saved.ended"
	start_anew
	xdpguard restore "$saved.ended"
	equal "$(blocks)" ""
	equal "$(received_from 192.0.2.1)" 5
	equal "$(xdpguard blocks --json | jq -c '.blocks[0] | [.relapses, .rule]')" '[1,"strict"]'
}

@test "what has ended meanwhile and is forgotten stays out, and what is blocked now stays as it is" {
	xdpguard block 192.0.2.1 192.0.2.2 --for 1h --reason old
	xdpguard save "$saved"
	sed -i 's/"192.0.2.1","since_ns":\([0-9]*\),"until_ns":[0-9]*,"forget_ns":[0-9]*/"192.0.2.1","since_ns":\1,"until_ns":1,"forget_ns":1/' "$saved"
	start_anew
	xdpguard block 192.0.2.2 --reason new
	run --separate-stderr xdpguard restore "$saved"
	equal "${lines[*]}" "0 blocks restored 1 have ended meanwhile; of 1 there is a newer one"
	equal "$(blocks)" '["192.0.2.2","hand",null,false,0,"new","forever"]'
}

@test "a rule that is gone: its blocks hold" {
	received_from 192.0.2.1
	xdpguard save "$saved"
	sed -i 's/strict/other/' "$policy"
	start_anew
	xdpguard restore "$saved"
	equal "$(received_from 192.0.2.1)" 0
	equal "$(xdpguard blocks --json | jq -c '.blocks[0] | [.by, .rule]')" '["rule",null]'
}

@test "through a pipe" {
	xdpguard block 192.0.2.1
	result=$(xdpguard save - | grep -c .)
	equal "$result" 2
	xdpguard save - >"$saved"
	start_anew
	xdpguard restore - <"$saved"
	equal "$(blocks)" '["192.0.2.1","hand",null,false,0,null,"forever"]'
}

@test "from a pipe that nothing comes through: nobody else has to wait" {
	mkfifo "$BATS_TEST_TMPDIR/empty"
	exec 7<>"$BATS_TEST_TMPDIR/empty"
	# Not by lab_start, whose programs read nothing.
	nsenter --net="/run/netns/$lab-server" "$XDPGUARD" restore - <&7 >/dev/null &
	stalled=$!
	on_exit lab_stop "$stalled"
	eventually is_in_call "$stalled" "0 0x"
	eventually lock_is_free
	is_in_call "$stalled" "0 0x"
}

@test "what covers the session that it is typed in is left out" {
	xdpguard block 192.0.2.1 192.0.2.2
	xdpguard save
	start_anew
	export SSH_CONNECTION="192.0.2.2 50022 198.51.100.1 22"
	run --separate-stderr xdpguard restore
	[[ $stderr == *"1 blocks cover the address of your SSH session, and were left out"* ]]
	equal "$(blocks)" '["192.0.2.1","hand",null,false,0,null,"forever"]'
}

@test "nothing was saved: fine without a name, an error with one" {
	xdpguard restore
	fails_with 1 'nowhere: no such file' xdpguard restore "$BATS_TEST_TMPDIR/nowhere"
}

@test "a file that save did not write changes nothing, and is told by line" {
	xdpguard block 192.0.2.1
	xdpguard save "$saved"
	xdpguard unblock 192.0.2.1
	echo '192.0.2.3' >>"$saved"
	fails_with 2 "saved:3: not a block that xdpguard save wrote" xdpguard restore "$saved"
	for bad in '{"prefix":7}' '{"prefix":"192.0.2.1","until_ns":"soon"}' '[1]' 'null' '{"prefix":"192.0.2.1"' \
		"{\"prefix\":\"192.0.2.1\",\"reason\":\"$(printf 'x%.0s' {1..100})\"}"; do
		{ head -1 "$saved" && echo "$bad"; } >"$saved.bad"
		fails_with 2 "saved.bad:2: not a block" xdpguard restore "$saved.bad"
	done
	fails_with 2 "policy.yaml:1: not written by xdpguard save" xdpguard restore "$policy"
	equal "$(blocks)" ""
}

@test "a full disk keeps the old file, and a device is not replaced" {
	[[ -c /dev/full ]] || skip "no /dev/full"
	xdpguard block 192.0.2.1
	fails_with 1 'No space left on device' xdpguard save /dev/full
	[[ -c /dev/full && ! -e /dev/full.new ]]
	echo old >"$saved"
	mkdir "$saved.new"
	fails_with 1 'Is a directory' xdpguard save "$saved"
	equal "$(<"$saved")" old
}

@test "who saves at the same time waits: the file is whole" {
	python3 -c 'for i in range(20000): print(f"10.0.{i >> 8}.{i & 255}")' | xdpguard block --from -
	for _ in {1..6}; do
		xdpguard save "$saved" >/dev/null &
		ids+=($!)
	done
	for id in "${ids[@]}"; do
		wait "$id"
	done
	equal "$(wc -l <"$saved")" 20001
	equal "$(jq -rs '[.[1:][].prefix] | unique | length' "$saved")" 20000
	[[ ! -e $saved.new ]]
}

@test "100,000 blocks go and come back" {
	python3 -c 'for i in range(100000): print(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}")' | xdpguard block --from -
	xdpguard save "$saved"
	start_anew
	run --separate-stderr xdpguard restore "$saved"
	equal "$output" "100000 blocks restored"
	equal "$(received_from 10.1.0.5)" 0
}
