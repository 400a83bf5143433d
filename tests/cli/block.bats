# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup() {
	start_guard
}

# dropped FROM: packets of it that were
dropped() {
	json ".sources[] | select(.address == \"$1\") | .dropped" xdpguard sources
}

@test "a blocked address is dropped until it is unblocked" {
	run --separate-stderr xdpguard block 192.0.2.77
	equal "$output" "blocked 192.0.2.77 until unblocked"
	send 192.0.2.77 10
	equal "$(dropped 192.0.2.77)" 10
	run --separate-stderr xdpguard unblock 192.0.2.77
	equal "$output" "unblocked 192.0.2.77"
	send 192.0.2.77 10
	equal "$(dropped 192.0.2.77)" 10
}

@test "a blocked prefix drops what is in it, IPv4 and IPv6" {
	xdpguard block 198.51.100.0/24 2001:db8:0:5::/64
	send 198.51.100.200 7
	send 2001:db8:0:5::1 3
	send 2001:db8:0:6::1 3
	equal "$(dropped 198.51.100.200)" 7
	equal "$(dropped 2001:db8:0:5::/64)" 3
	equal "$(dropped 2001:db8:0:6::/64)" 0
}

@test "a rule with action: pass goes before blocks" {
	xdpguard block 192.0.2.1
	send 192.0.2.1 5
	equal "$(dropped 192.0.2.1)" 0
}

@test "--for ends by itself" {
	xdpguard block 192.0.2.77 --for 5s # of which a busy machine takes some before the first packet
	send 192.0.2.77 5
	equal "$(dropped 192.0.2.77)" 5
	sleep 5
	equal "$(json '.blocks' xdpguard blocks)" '[]'
	send 192.0.2.77 5
	equal "$(dropped 192.0.2.77)" 5
}

@test "blocks shows what is blocked, by hand and by rules" {
	xdpguard block 192.0.2.77 --for 10m --reason "ticket 4711"
	xdpguard block 198.51.100.0/25
	send 203.0.112.9 50 53
	equal "$(json '[.blocks[] | keys_unsorted] | unique' xdpguard blocks)" \
		'[["prefix","until","since","by","rule","monitor","relapses","reason"]]'
	equal "$(json '[.blocks[] | del(.since, .until)]' xdpguard blocks)" \
		'[{"prefix":"192.0.2.77","by":"hand","rule":null,"monitor":false,"relapses":0,"reason":"ticket 4711"},{"prefix":"198.51.100.0/25","by":"hand","rule":null,"monitor":false,"relapses":0,"reason":null},{"prefix":"203.0.112.9","by":"rule","rule":"dns","monitor":false,"relapses":0,"reason":null}]'
	equal "$(json '.blocks[1].until' xdpguard blocks)" '"forever"'
	equal "$(json '.blocks[0] | (.until > .since) and (.until | test("Z$"))' xdpguard blocks)" true
	run --separate-stderr xdpguard blocks
	[[ ${lines[0]} =~ ^PREFIX\ +ENDS\ +SINCE\ +BY\ +RELAPSES\ +REASON$ ]]
	[[ ${lines[1]} =~ ^192.0.2.77\ +in\ .*\ hand\ +0\ +ticket\ 4711$ ]]
	[[ ${lines[3]} =~ ^203.0.112.9\ .*\ rule\ dns\  ]]
}

@test "blocks --match shows what is in a prefix, and what covers it" {
	xdpguard block 192.0.2.77 192.0.2.0/24 198.51.100.1
	equal "$(json '[.blocks[].prefix]' xdpguard blocks --match 192.0.2.77)" '["192.0.2.0/24","192.0.2.77"]'
	equal "$(json '[.blocks[].prefix]' xdpguard blocks --match 192.0.0.0/16)" '["192.0.2.0/24","192.0.2.77"]'
	run --separate-stderr xdpguard blocks --match 203.0.113.1
	equal "$output" "nothing is blocked"
}

@test "sources say until when they are blocked" {
	send 192.0.2.77 1
	xdpguard block 192.0.2.64/26
	equal "$(json '.sources[0].blocked_until' xdpguard sources)" '"forever"'
	run --separate-stderr xdpguard sources
	[[ $output == *forever* ]]
}

@test "an older block of the same prefix is replaced" {
	xdpguard block 192.0.2.77 --reason old
	xdpguard block 192.0.2.77 --for 1h --reason new
	equal "$(json '[.blocks[] | [.reason, .until != "forever"]]' xdpguard blocks)" '[["new",true]]'
}

@test "a list is blocked and unblocked in bulk, 100,000 in a second" {
	seq 0 99999 | awk '{ printf "10.%d.%d.%d\n", $1 / 65536, $1 / 256 % 256, $1 % 256 }' >"$BATS_TEST_TMPDIR/list"
	SECONDS=0
	run --separate-stderr xdpguard block --from "$BATS_TEST_TMPDIR/list" --for 1h
	((SECONDS <= 5)) # a busy machine's second
	equal "$output" "blocked 100000 prefixes for 1h"
	equal "$(json '.table.blocks' xdpguard status)" 100000
	run --separate-stderr xdpguard unblock --from - <"$BATS_TEST_TMPDIR/list"
	equal "$output" "unblocked 100000 prefixes"
	equal "$(json '.table.blocks' xdpguard status)" 0
}

@test "a list has comments and blank lines; all that is wrong in it is told, and nothing is blocked" {
	printf '# abuse\n\n192.0.2.77 # known\r\n  2001:db8::/32\n192.0.2.77\n' >"$BATS_TEST_TMPDIR/good"
	run --separate-stderr xdpguard block --from "$BATS_TEST_TMPDIR/good"
	equal "$output" "blocked 2 prefixes until unblocked"
	xdpguard unblock --all

	printf '192.0.2.77\nnowhere\n198.51.100.0/24 x\n' >"$BATS_TEST_TMPDIR/bad"
	fails_with 2 "$BATS_TEST_TMPDIR/bad:2:1: error: \"nowhere\": expected a prefix" \
		xdpguard block 192.0.2.0/33 --from "$BATS_TEST_TMPDIR/bad"
	[[ $stderr == *"/bad:3:17: error: \"x\": expected a comment or the end of the line"* ]]
	[[ $stderr == *'"192.0.2.0/33": expected an address or a prefix'* ]]
	equal "$(json '.blocks' xdpguard blocks)" '[]'
	fails_with 2 'no such file' xdpguard block --from "$BATS_TEST_TMPDIR/none"
}

@test "host bits behind a prefix are cleared, with a warning" {
	run --separate-stderr xdpguard block 192.0.2.77/24
	equal "$status" 0
	[[ $stderr == 'xdpguard: warning: "192.0.2.77/24" has host bits set: taken as 192.0.2.0/24'* ]]
	equal "$(json '[.blocks[].prefix]' xdpguard blocks)" '["192.0.2.0/24"]'
}

@test "unblock lifts a rule's block, says what was not blocked, and what still is" {
	send 198.51.100.9 50 53
	xdpguard unblock 198.51.100.9
	equal "$(json '.blocks' xdpguard blocks)" '[]'
	run --separate-stderr xdpguard unblock 198.51.100.9
	equal "$status,$output" "0,198.51.100.9 was not blocked"
	xdpguard block 192.0.2.77
	run --separate-stderr xdpguard unblock 192.0.2.77 192.0.2.78
	equal "$output" "unblocked 1 of 2 prefixes; the others were not blocked"
	xdpguard block 192.0.2.0/24
	run --separate-stderr xdpguard unblock 192.0.2.77
	equal "$status" 1
	[[ $stderr == *"192.0.2.77 is still blocked, as part of a prefix; see: xdpguard blocks --match 192.0.2.77"* ]]
}

@test "what covers the SSH session that it is typed in is refused without --force" {
	export SSH_CONNECTION="192.0.2.77 50022 192.0.2.1 22"
	fails_with 2 '192.0.2.0/24 covers 192.0.2.77, where your SSH session comes from' xdpguard block 192.0.2.0/24
	# sudo hides the variable, but its parent has it.
	fails_with 2 'covers 192.0.2.77' bash -c "env -u SSH_CONNECTION nsenter --net=/run/netns/$guarded '$XDPGUARD' block 192.0.2.77; exit"
	equal "$(json '.blocks' xdpguard blocks)" '[]'
	xdpguard block 192.0.2.78
	xdpguard block 192.0.2.0/24 --force
	equal "$(json '[.blocks[].prefix]' xdpguard blocks)" '["192.0.2.0/24","192.0.2.78"]'
}

@test "what is typed wrong is told with the way out" {
	fails_with 2 'name an address or a prefix, or a list with --from FILE' xdpguard block
	fails_with 2 'or say --all' xdpguard unblock
	fails_with 2 'or say --all' xdpguard unblock --all 192.0.2.1
	fails_with 2 'expected a duration up to 365d' xdpguard block 192.0.2.77 --for 10x
	fails_with 2 'at most 39 bytes' xdpguard block 192.0.2.77 --reason "a reason that goes on for more than forty bytes"
	fails_with 2 '--for needs an argument' xdpguard block 192.0.2.77 --for
}

@test "control characters in a reason do not reach the terminal" {
	xdpguard block 192.0.2.77 --reason $'a\033[31mb'
	run --separate-stderr xdpguard blocks
	[[ $output == *'a\x1b[31mb'* && $output != *$'\033'* ]]
	equal "$(json '.blocks[0].reason' xdpguard blocks)" '"a\u001b[31mb"'
}
