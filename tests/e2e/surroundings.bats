# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154,SC2030,SC2031 # variables of lib.bash and of bats; a test is a subshell
#
# What goes wrong around the tool: another one at the same time, an interface that goes, pins that are not its own,
# a disk that is full, clocks that jump.
load lib

setup() {
	: "${FAULT:?}"
	make_lab
	for name in a b c; do
		cat >"$BATS_TEST_TMPDIR/$name.yaml" <<-YAML
			version: 1
			sources: {capacity: 2000}
			rules: [{name: $name, limit: {rate: 1M/s}}]
		YAML
	done
	list=$BATS_TEST_TMPDIR/points
	stopped=()
}

teardown() {
	((${#stopped[@]} == 0)) || kill -KILL "${stopped[@]}" 2>/dev/null || true
	umount "$XDPGUARD_STATE" 2>/dev/null || true
	remove_lab
}

apply() {
	xdpguard apply "$BATS_TEST_TMPDIR/$1.yaml" --dev "${2:-eth0}" >/dev/null
}

in_force() {
	xdpguard status --json | jq -r .policy
}

# position_of CALL NTH COMMAND…: the number of the point at which the verb makes that call. It runs to its end.
position_of() {
	rm -f "$list"
	lab_in server env LD_PRELOAD="$FAULT" FAULT_POINTS=changes FAULT_LIST="$list" "$XDPGUARD" "${@:3}" >/dev/null
	grep -nE "^$1" "$list" | sed -n "$2{s/:.*//p;q}"
}

is_stopped() {
	grep -q '^State:.*stopped' "/proc/$1/status"
}

# start_stopped POSITION COMMAND…: it stands still before that point; $! goes to $id.
start_stopped() {
	nsenter --net="/run/netns/$lab-server" env LD_PRELOAD="$FAULT" FAULT_POINTS=changes FAULT_AT="$1" FAULT=stop \
		"$XDPGUARD" "${@:2}" >"$BATS_TEST_TMPDIR/stopped" 2>&1 3>&- &
	id=$!
	stopped+=("$id")
	eventually is_stopped "$id"
}

# finish PID: lets it go on; its exit status goes to $code.
finish() {
	code=0
	kill -CONT "$1"
	wait "$1" || code=$?
}

# start_second NAME: an apply that waits for the one that is stopped.
start_second() {
	nsenter --net="/run/netns/$lab-server" "$XDPGUARD" apply "$BATS_TEST_TMPDIR/$1.yaml" --dev eth0 \
		>/dev/null 2>"$BATS_TEST_TMPDIR/second" 3>&- &
	second=$!
	stopped+=("$second")
	eventually grep -q "another xdpguard is at work; waiting for it" "$BATS_TEST_TMPDIR/second"
}

@test "two applies at once: the second waits and says so, who only reads does not, and both are done in turn" {
	apply a
	at=$(position_of 'bpf OBJ_PIN' 1 apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0)
	apply a
	start_stopped "$at" apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0
	start_second c
	equal "$(in_force)" a.yaml
	finish "$id"
	equal "$code" 0
	wait "$second"
	equal "$(in_force)" c.yaml
	equal "$(xdpguard history --json | jq -c '[.policies[].name] | sort')" '["a.yaml","a.yaml","b.yaml","b.yaml","c.yaml"]'
}

@test "two applies at once, the first killed: the second does not wait for ever" {
	apply a
	at=$(position_of 'bpf OBJ_PIN' 1 apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0)
	apply a
	start_stopped "$at" apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0
	start_second c
	kill -KILL "$id"
	wait "$second"
	equal "$(in_force)" c.yaml
}

is_off() {
	equal "$(ip -n "$lab-server" -j link show "$1" | jq -c '.[0].xdp')" null
}

@test "an interface that goes while a first apply attaches to it: an error, and nothing is left on the other" {
	lab_link server eth1 client eth1
	at=$(position_of send 2 apply "$BATS_TEST_TMPDIR/a.yaml" --dev eth0,eth1)
	xdpguard detach --all
	rm -rf "$XDPGUARD_STATE"
	start_stopped "$at" apply "$BATS_TEST_TMPDIR/a.yaml" --dev eth0,eth1
	ip -n "$lab-server" link delete eth1
	finish "$id"
	equal "$code" 1
	grep -q 'xdpguard: error: .*eth1' "$BATS_TEST_TMPDIR/stopped"
	is_off eth0
	[[ ! -e $XDPGUARD_DIR ]]
	apply a
}

@test "an interface that goes while another policy comes to it: an error, and the old policy stays" {
	lab_link server eth1 client eth1
	apply a
	at=$(position_of send 1 apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0,eth1)
	apply a
	is_off eth1
	start_stopped "$at" apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0,eth1
	ip -n "$lab-server" link delete eth1
	finish "$id"
	equal "$code" 1
	grep -q 'xdpguard: error: .*eth1' "$BATS_TEST_TMPDIR/stopped"
	equal "$(in_force)" a.yaml
	equal "$(xdpguard status --json | jq -c '[.interfaces[] | [.name, .state]]')" '[["eth0","attached"]]'
	apply b
}

@test "an interface that goes while the guard is taken off it: taken off the others, and nothing is left" {
	lab_link server eth1 client eth1
	apply a eth0,eth1
	at=$(position_of send 2 detach --all)
	apply a eth0,eth1
	start_stopped "$at" detach --all
	ip -n "$lab-server" link delete eth1
	finish "$id"
	equal "$code" 0
	is_off eth0
	[[ ! -e $XDPGUARD_DIR ]]
}

# read_only COMMAND…: with the BPF filesystem so, for this command alone.
read_only() {
	# shellcheck disable=SC2016 # another shell's
	lab_in server unshare --mount --propagation private \
		bash -c 'mount -o remount,bind,ro /sys/fs/bpf && exec "$@"' _ "$XDPGUARD" "$@"
}

@test "a BPF filesystem that is mounted read-only: apply says so and changes nothing, blocks work" {
	fails_with 1 'mounted read-only; mount -o remount,rw /sys/fs/bpf' read_only apply "$BATS_TEST_TMPDIR/a.yaml" --dev eth0
	is_off eth0
	apply a
	fails_with 1 'mounted read-only; mount -o remount,rw /sys/fs/bpf' read_only apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0
	equal "$(in_force)" a.yaml
	read_only block 198.18.0.1
	equal "$(number .received "$(flood_counted 198.18.0.1 --count 20)")" 0
	fails_with 1 'mounted read-only; mount -o remount,rw /sys/fs/bpf' read_only detach --all
	xdpguard detach --all
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "a limit of locked memory does not count for tables" {
	lab_in server prlimit --memlock=0 "$XDPGUARD" apply "$BATS_TEST_TMPDIR/a.yaml" --dev eth0
	equal "$(in_force)" a.yaml
}

# swap_in NAME ARGUMENT…: another table under the name of the guard's.
swap_in() {
	mv "$XDPGUARD_DIR/$1" "$XDPGUARD_DIR/away"
	bpftool map create "$XDPGUARD_DIR/$1" "${@:2}" name other
}

swap_out() {
	rm "$XDPGUARD_DIR/$1"
	mv "$XDPGUARD_DIR/away" "$XDPGUARD_DIR/$1"
}

@test "a table that is full of blocks: how many are blocked, and what can be done" {
	apply a
	value=$(bpftool -j map show pinned "$XDPGUARD_DIR/blocks" | jq .bytes_value)
	swap_in blocks type hash key 24 value "$value" entries 16
	fails_with 1 'the table of blocks is full; lift some (xdpguard unblock), or block prefixes' \
		xdpguard block 192.0.2.{1..20}
	[[ $stderr == *"16 of 20 are blocked"* ]]
	xdpguard unblock 192.0.2.1
	xdpguard block 192.0.2.20
}

@test "any pin that is a table of another type or size is refused, with the way out, and read by nobody" {
	apply a
	for pin in control interfaces policies ranges tags sources buckets shared blocks outcomes rule_counts admission sketch \
		events event_counts; do
		for table in "lru_hash key 8 value 40" "array key 4 value 24"; do
			# shellcheck disable=SC2086 # words
			swap_in "$pin" type $table entries 2
			for verb in status "block 192.0.2.1" "apply $BATS_TEST_TMPDIR/b.yaml --dev eth0"; do
				# shellcheck disable=SC2086 # words
				fails_with 1 "xdpguard detach --all" xdpguard $verb
				[[ $stderr == *"\"$pin\""* ]]
			done
			swap_out "$pin"
		done
	done
	equal "$(in_force)" a.yaml
	swap_in sources type hash key 4 value 8 entries 2
	xdpguard detach --all
	is_off eth0
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "a record that is cut short is refused, with the way out" {
	apply a
	record=$(basename "$(echo "$XDPGUARD_DIR"/record_*)")
	size=$(bpftool -j map show pinned "$XDPGUARD_DIR/$record" | jq .bytes_value)
	mapfile -t bytes < <(bpftool -j map dump pinned "$XDPGUARD_DIR/$record" | jq -r '.[0].value[]' | head -64)
	((size > 64))
	swap_in "$record" type array key 4 value 64 entries 1
	bpftool map update pinned "$XDPGUARD_DIR/$record" key 0 0 0 0 value hex "${bytes[@]#0x}"
	for verb in status rules "apply $BATS_TEST_TMPDIR/b.yaml --dev eth0"; do
		# shellcheck disable=SC2086 # words
		fails_with 1 "$record: not a record that this version of xdpguard wrote; take the guard off: xdpguard detach --all" \
			xdpguard $verb
	done
	swap_out "$record"
	equal "$(in_force)" a.yaml
}

# change_record FROM TO [sum]: in the text of the record, whose length stays; with its sum, which FNV-1a of 64 bits makes.
change_record() {
	local bytes

	[[ ${#1} == "${#2}" ]]
	mapfile -t bytes < <(bpftool -j map dump pinned "$XDPGUARD_DIR/$record" | jq -r '.[0].value[]' |
		python3 -c 'import sys
text = bytes(int(byte, 16) for byte in sys.stdin.read().split())
before, after = (word.encode() for word in sys.argv[1:3])
assert before in text, text
text = text.replace(before, after, 1)
if sys.argv[3:]:
    json, sum = text[17:].rstrip(b"\0") + b"\0", 0xcbf29ce484222325
    for byte in json:
        sum = (sum ^ byte) * 0x100000001b3 % 2**64
    text = b"%016x " % sum + text[17:]
print(*("%02x" % byte for byte in text), sep="\n")' "$@")
	bpftool map update pinned "$XDPGUARD_DIR/$record" key 0 0 0 0 value hex "${bytes[@]}"
}

@test "a record that says what no record says is refused, and crashes nothing" {
	sed -i 's/^rules: \[{/sets: {everywhere: [0.0.0.0\/0]}\n&from: everywhere, /' "$BATS_TEST_TMPDIR/a.yaml"
	apply a
	record=$(basename "$(echo "$XDPGUARD_DIR"/record_*)")
	changes=('"rules":[' '"wules":[' '"limits":[' '"wimits":[' '"name":"a",' '"name":123,' '"slot":0,' '"slat":0,' '"per":0,' '"per":9,'
		'"bits_ipv4":0' '"bats_ipv4":0' '"id":1,' '"id":9,' '"aggregate_ipv4":32' '"aggregate_ipv4":99' '"words":' '"sword":'
		'"sets":[' '"sits":[' '"name":"everywhere"' '"nome":"everywhere"')
	for ((at = 0; at < ${#changes[@]}; at += 2)); do
		change_record "${changes[at]}" "${changes[at + 1]}" sum
		for verb in status rules sources drops blocks "diff $BATS_TEST_TMPDIR/b.yaml" "explain --in eth0 udp_192.0.2.1:1_>_198.51.100.1:53"; do
			# shellcheck disable=SC2086 # words
			mapfile -t words < <(printf '%s\n' $verb | tr _ ' ')
			run --separate-stderr xdpguard "${words[@]}"
			((status == 1 || status == 2))
			[[ $stderr == *"$record: not a record that this version of xdpguard wrote; take the guard off: xdpguard detach --all"* ]]
		done
		change_record "${changes[at + 1]}" "${changes[at]}" sum
	done
	equal "$(in_force)" a.yaml
}

@test "a record that says another sound thing than the one that was written is refused" {
	apply a
	record=$(basename "$(echo "$XDPGUARD_DIR"/record_*)")
	change_record '"name":"a",' '"name":"b",'
	fails_with 1 "$record: not a record that this version of xdpguard wrote" xdpguard rules
	change_record '"name":"b",' '"name":"a",'
	equal "$(in_force)" a.yaml
}

@test "a table that has lost its name: nothing goes while the program judges packets, and the way out works" {
	apply a
	rm "$XDPGUARD_DIR/blocks"
	fails_with 1 'has lost its table "blocks"; take it off and apply again: xdpguard detach --all' xdpguard status
	fails_with 1 'has lost tables, and judges packets; take it off first: xdpguard detach --all' apply b
	[[ -e $XDPGUARD_DIR/control && -e $XDPGUARD_DIR/sources ]]
	xdpguard detach --all
	is_off eth0
	apply b
	equal "$(in_force)" b.yaml

	rm "$XDPGUARD_DIR/control"
	fails_with 1 "still judges packets by the tables in $XDPGUARD_DIR" xdpguard detach --all
	[[ -e $XDPGUARD_DIR/sources ]]
	ip -n "$lab-server" link set eth0 xdp off
	xdpguard detach --all
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "a guard of another network namespace is not taken off from here, and does not lose its tables" {
	apply a
	fails_with 1 "still judges packets by the tables in $XDPGUARD_DIR" lab_in client "$XDPGUARD" detach --all
	equal "$(in_force)" a.yaml
	xdpguard detach --all
	is_off eth0
}

@test "a full disk for what is kept: apply warns and goes on, and there is no probation" {
	apply a
	mount -t tmpfs -o size=16k none "$XDPGUARD_STATE"
	xdpguard block 192.0.2.1
	xdpguard save
	cp "$XDPGUARD_STATE/blocks" "$BATS_TEST_TMPDIR/saved"
	dd if=/dev/zero of="$XDPGUARD_STATE/full" bs=4k 2>/dev/null || true
	run --separate-stderr apply b
	equal "$status" 0
	[[ $stderr == *"the history does not take this policy"*"No space left on device"* ]]
	equal "$(in_force)" b.yaml
	fails_with 1 'the policy in force is not in the history' \
		xdpguard apply "$BATS_TEST_TMPDIR/c.yaml" --dev eth0 --confirm 1h
	equal "$(in_force)" b.yaml
	xdpguard block 192.0.2.2
	fails_with 1 'No space left on device' xdpguard save
	cmp "$XDPGUARD_STATE/blocks" "$BATS_TEST_TMPDIR/saved"
	equal "$(find "$XDPGUARD_STATE" -name '*.new')" ""
}

# with_clock SECONDS COMMAND…: the wall clock is so far ahead for it, and for what it starts.
with_clock() {
	lab_in server env LD_PRELOAD="$FAULT" FAULT_WALL_CLOCK="$1" "$XDPGUARD" "${@:2}"
}

# Seconds until the only block ends, by a clock that is right.
remaining() {
	xdpguard blocks --json | jq '.blocks[0].until | sub("\\.[0-9]+Z"; "Z") | fromdateiso8601 - now | round'
}

day=86400

@test "the wall clock jumps by a day: blocks last as long as they were meant to, by hand and restored" {
	apply a
	for jump in $day -$day; do
		with_clock "$jump" block 192.0.2.1 --for 10m
		within "$(remaining)" 600 10
		xdpguard save
		xdpguard unblock 192.0.2.1
	done
	# Set back after it was saved, or not yet set after a boot.
	with_clock -$day restore
	within "$(remaining)" 600 10
	xdpguard unblock 192.0.2.1
	run --separate-stderr with_clock $day restore
	[[ $output == *"1 have ended meanwhile"* ]]
	xdpguard restore
	within "$(remaining)" 600 10
}

@test "the wall clock jumps back a day: the history keeps its order, and a probation ends in its time" {
	apply a
	with_clock -$day apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0
	xdpguard rollback
	equal "$(in_force)" a.yaml
	with_clock $day apply "$BATS_TEST_TMPDIR/c.yaml" --dev eth0 --confirm 2s
	equal "$(in_force)" c.yaml
	eventually is_in_force a.yaml
}

is_in_force() {
	[[ $(in_force) == "$1" ]]
}

# in_time_namespace SECONDS COMMAND…: as in a container whose clocks are so far ahead.
in_time_namespace() {
	lab_in server unshare --time --monotonic "$1" --boottime "$1" "$XDPGUARD" "${@:2}"
}

@test "clocks of a time namespace, ahead or behind: a block lasts as long as it was meant to" {
	unshare --time --monotonic 1 true || skip "the kernel has no time namespaces"
	apply a
	for offset in $day -$(($(cut -d. -f1 /proc/uptime) / 2)); do
		in_time_namespace "$offset" block 198.18.0.1 --for 10m
		within "$(remaining)" 600 10
		equal "$(number .received "$(flood_counted 198.18.0.1 --count 20)")" 0
		equal "$(in_time_namespace "$offset" sources --json | jq -c '[.sources[].last_seen | sub("\\.[0-9]+Z"; "Z") | fromdateiso8601 - now | . > -60 and . < 60]')" '[true]'
	done
}
