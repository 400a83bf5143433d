# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Whatever a verb is killed at, and whatever the kernel, the disk or the memory refuses it: points.bash says what
# must hold. A few points of each verb, or as many as XDPGUARD_POINTS says.
load points

setup() {
	make_points
}

teardown() {
	remove_lab
}

@test "kill -9: apply of a first policy, or with room for more sources" {
	try_points first changes 3 kill
	try_points resize changes 2 kill
	nothing_to_complain_of
}

@test "kill -9: apply of another policy" {
	try_points change changes 8 kill
	nothing_to_complain_of
}

@test "kill -9: rollback" {
	try_points rollback changes 4 kill
	nothing_to_complain_of
}

@test "kill -9: detach" {
	try_points detach changes 6 kill
	nothing_to_complain_of
}

@test "kill -9: block and unblock" {
	try_points block changes 4 kill
	try_points unblock changes 4 kill
	nothing_to_complain_of
}

passed_of_20() {
	number .received "$(flood_counted "$blocked" --count 20)"
}

# killed_behind CALL VERB BEFORE BEHIND: the verb is killed when that call has been done; so many of 20 packets pass
# before and behind it.
killed_behind() {
	# shellcheck disable=SC2034 # verb_is and with_fault set them
	local verb=$2 old new command code said

	"before_$verb"
	"verb_$verb"
	with_fault changes 0 none
	at=$(grep -n "$1" "$list" | cut -d: -f1)
	"before_$verb"
	equal "$(passed_of_20)" "$3" "passed before"
	with_fault changes "$at" kill-behind
	equal "$code" 137 "exit status"
	equal "$(state_of "$verb")" "$new" "state, as told"
	equal "$(passed_of_20)" "$4" "passed behind"
}

# A source that is in the table keeps the last answer about blocks, until it is told to look again.
@test "kill -9 right behind the change of block and unblock: what is told holds, for a source that is known, too" {
	echo 'version: 1' >"$BATS_TEST_TMPDIR/a.yaml"
	blocked=198.18.0.1
	killed_behind MAP_UPDATE_BATCH block 20 0
	killed_behind MAP_DELETE_ELEM unblock 0 20
}

@test "kill -9 in block of a list: what went in by then is blocked" {
	local verb=block old new command code said

	apply a
	python3 -c 'for i in range(10000): print(f"10.0.{i >> 8}.{i & 255}")' >"$BATS_TEST_TMPDIR/many"
	verb_is free blocked block --from "$BATS_TEST_TMPDIR/many"
	with_fault changes 0 none
	at=$(grep -n MAP_UPDATE_BATCH "$list" | sed -n '2s/:.*//p')
	xdpguard unblock --all
	with_fault changes "$at" kill
	equal "$code" 137 "exit status"
	equal "$(xdpguard blocks --json | jq '.blocks | length')" 4096
}

@test "a call that fails: apply of a first policy, or with room for more sources" {
	try_points first calls 3 "${errors[@]}"
	try_points resize calls 2 "${errors[@]}"
	nothing_to_complain_of
}

@test "a call that fails: apply of another policy, or of one that a group may read" {
	try_points change calls 6 "${errors[@]}"
	try_points group changes 3 "${errors[@]}"
	nothing_to_complain_of
}

@test "a call that fails: rollback" {
	try_points rollback calls 4 "${errors[@]}"
	nothing_to_complain_of
}

@test "a call that fails: detach" {
	try_points detach calls 6 "${errors[@]}"
	nothing_to_complain_of
}

@test "a call that fails: block and unblock" {
	try_points block calls 3 "${errors[@]}"
	try_points unblock calls 3 "${errors[@]}"
	nothing_to_complain_of
}

@test "an allocation that fails: check and sources" {
	try_points check memory 8 ENOMEM
	try_points sources memory 6 ENOMEM
	nothing_to_complain_of
}

@test "an allocation that fails: block and detach" {
	try_points block memory 4 ENOMEM
	try_points unblock memory 2 ENOMEM
	try_points detach memory 5 ENOMEM
	nothing_to_complain_of
}

@test "an allocation that fails: apply of another policy, or with room for more sources, and rollback" {
	try_points change memory 4 ENOMEM
	try_points change json 2 ENOMEM
	try_points resize memory 1 ENOMEM
	try_points rollback memory 2 ENOMEM
	nothing_to_complain_of
}

@test "an allocation that fails: apply of a first policy, and what is kept of it" {
	try_points first memory 2 ENOMEM
	try_points first json 3 ENOMEM
	nothing_to_complain_of
}

@test "a full BPF filesystem: a first apply that cannot pin one thing or another leaves nothing" {
	# shellcheck disable=SC2034 # verb_is and with_fault set them
	local verb=first old new command code said

	number_of_points first changes
	mapfile -t pins < <(grep -n OBJ_PIN "$list" | cut -d: -f1)
	((${#pins[@]} > 10))
	for at in "${pins[@]}"; do
		before_first
		verb_first
		with_fault changes "$at" ENOSPC
		equal "$code" 1 "exit status at pin $at"
		[[ $said == *"error: "*"No space left on device"* ]]
		equal "$(state_of first)" none
		is_tidy none
	done
}

# changes_seen VERB: how many calls strace sees change something, as many as the list of points is to hold.
changes_seen() {
	# shellcheck disable=SC2034 # verb_is sets them
	local old new command
	local changes='BPF_(MAP_CREATE|MAP_UPDATE|MAP_DELETE|MAP_LOOKUP_AND_DELETE|PROG_LOAD|PROG_BIND|OBJ_PIN|BTF_LOAD|MAP_FREEZE|LINK_CREATE)|RTM_SETLINK'

	before_first
	"before_$1"
	"verb_$1"
	lab_in server strace -f -qq -e signal=none -o "$list.strace" \
		-e trace=bpf,sendto,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,fsync,ftruncate,openat,/chmod,/chown \
		"$XDPGUARD" "${command[@]}" >/dev/null
	grep -cE "$changes|mkdir|rmdir|unlink|rename|fsync|ftruncate|O_CREAT|chmod|chown" "$list.strace"
}

# The list comes from a library that stands between the tool and libc: what that does not see is no point. Bytes that are
# written are on one side only, for libc writes some of them itself.
@test "the list of points holds every call that strace sees change something" {
	for verb in first change group resize rollback detach block unblock; do
		before_first
		number_of_points "$verb" changes
		equal "$(grep -cv '^write' "$list")" "$(changes_seen "$verb")" "calls of $verb"
	done
}
