# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# What changed between two snapshots is what was sent between them.
load lib

setup_file() {
	make_namespaces
	export old=$BATS_FILE_TMPDIR/old.json new=$BATS_FILE_TMPDIR/new.json
}

# compare FILE…: they differ.
compare() {
	run --separate-stderr xdpguard diff "$@" --json
	[[ $status == 1 ]] || { echo "exit $status: $stderr"; return 1; }
}

# differs FILTER EXPECTED: in what was compared last.
differs() {
	equal "$(jq -c "$1" <<<"$output")" "$2"
}

# with_snapshots: 155 packets, a snapshot, 87 packets more, another.
with_snapshots() {
	start_guard
	send_traffic
	xdpguard block 192.0.2.77
	xdpguard snapshot "$old"
	send 192.0.2.1 7
	send 203.0.113.7 40
	send 203.0.113.8 30
	send 198.51.100.9 10 53
	xdpguard unblock 192.0.2.77
	xdpguard block 192.0.2.88 --reason "ticket 4711" >/dev/null
	xdpguard snapshot "$new"
}

@test "a snapshot is what the verbs print, in one file for root alone" {
	with_snapshots
	run --separate-stderr xdpguard snapshot "$new"
	equal "$output" "6 sources, and all that was counted, in $new"
	equal "$(stat -c %a "$new")" 600
	equal "$(jq -c '[.xdpguard, .version]' "$new")" '["snapshot",1]'
	equal "$(jq -c .rules "$new")" "$(json .rules xdpguard rules)"
	equal "$(jq -c '.blocks | map(del(.since, .until))' "$new")" "$(json '.blocks | map(del(.since, .until))' xdpguard blocks)"
	equal "$(jq -c '[.status.verdicts, .status.reasons, .status.traffic]' "$new")" "$(json '[.verdicts, .reasons, .traffic]' xdpguard status)"
	without_times='.sources | map(del(.first_seen, .last_seen, .blocked_until, .entered))'
	equal "$(jq -c "$without_times" "$new")" "$(json "$without_times" xdpguard sources)"
	equal "$(xdpguard snapshot - | jq -c .rules)" "$(jq -c .rules "$new")"
	find "$BATS_FILE_TMPDIR" -name '*.json.new' | (! grep .)
}

@test "what was sent in between is what differs" {
	compare "$old" "$new"
	differs '[.verdicts[] | [.verdict, .packets, .bytes]]' \
		'[["passed",7,420],["dropped",80,4800]]'
	differs '[.reasons[] | [.reason, .packets]]' '[["rule-pass",7],["blocked",10],["rule-drop",70]]'
	differs '[.interfaces[] | [.interface, .passed, .dropped, .dropped_bytes]]' '[["veth0",7,80,4800]]'
	differs '[.rules[] | [.name, .change, .hits, .passed, .dropped]]' \
		'[["office","counted",7,7,0],["abuse","counted",70,0,70]]'
	differs '[.sources[] | [.address, .change, .packets, .dropped, .rule]]' \
		'[["203.0.113.7","counted",40,40,"abuse"],["203.0.113.8","came",30,30,"abuse"],["198.51.100.9","counted",10,10,"dns"],["192.0.2.1","counted",7,0,null]]'
	differs '.sources_count' '{"counted":3,"came":1,"went":0,"anew":0}'
	differs '[.blocks[] | [.prefix, .change, .by, .reason]]' \
		'[["192.0.2.88","came","hand","ticket 4711"],["192.0.2.77","went","hand",null]]'
	differs '[.guard_replaced, .policy_replaced, .reset[]]' '[false,false,false,false,false]'
	# Rates are rounded, and the time is that of the guard's clock.
	differs '.verdicts[1].pps - 80 / .seconds | fabs <= 0.5' true
	differs '.verdicts[1].bps - 8 * 4800 / .seconds | fabs <= 0.5' true
}

@test "diff exits as diff does, and takes now for the newer one" {
	equal "$(json '[.same, .sources, .blocks]' xdpguard diff "$new" "$new")" '[true,[],[]]'
	send 203.0.113.8 5
	compare "$new"
	differs '[.sources[] | [.address, .packets]]' '[["203.0.113.8",5]]'
	fails_with 2 "$new was taken after $old: the older one comes first" xdpguard diff "$new" "$old"
	fails_with 2 "$policy:1: not written by xdpguard snapshot" xdpguard diff "$old" "$policy"
	fails_with 2 "nowhere.json: no such file" xdpguard diff "$old" nowhere.json
	fails_with 2 "--top is for snapshots" xdpguard diff "$policy" --top 3
	# Snapshots are read anywhere.
	[[ $(setpriv --bounding-set -all --inh-caps -all --no-new-privs "$XDPGUARD" diff "$new" "$new" --json | jq .same) == true ]]
}

@test "as text and CSV" {
	run --separate-stderr xdpguard diff "$old" "$new" --top 2
	[[ $output == *"sources: 1 came, 0 went, 3 that were there sent more"* ]]
	[[ $output == *"and 2 more; --top shows more"* ]]
	[[ $output =~ 203.0.113.8\ +came\ +30 ]]
	run --separate-stderr xdpguard diff "$old" "$new" --csv
	[[ $output == *$'\n203.0.113.8,came,30,'*,1800,0,30,*,0,abuse$'\n'* ]]
	[[ $output == *$'\nprefix,change,until,since,by,rule,reason\n'* ]]
}

@test "a reset in between is said, and has no rates, although counters have grown past it" {
	xdpguard snapshot "$old"
	xdpguard reset
	echo 0 >"$sent_file"
	send 203.0.113.7 200
	xdpguard snapshot "$new"
	compare "$old" "$new"
	differs '.reset' '{"sources":true,"rules":true,"reasons":true}'
	differs '[.verdicts[] | select(.verdict == "dropped") | .packets, .pps]' '[200,null]'
	differs '[.rules[] | select(.name == "abuse") | .change, .dropped, .dropped_pps]' '["anew",200,null]'
	differs '[.sources[] | select(.address == "203.0.113.7") | .change, .dropped, .pps]' '["anew",200,null]'
	differs '.sources_count.went' 5
	run --separate-stderr xdpguard diff "$old" "$new"
	[[ $output == *"reset in between: sources rules reasons; shown is what was counted since"* ]]
}

@test "one kind reset leaves the others their rates" {
	xdpguard snapshot "$old"
	xdpguard reset --rules
	send 203.0.113.7 10
	xdpguard snapshot "$new"
	compare "$old" "$new"
	differs '.reset' '{"sources":false,"rules":true,"reasons":false}'
	differs '[.sources[0] | .change, .dropped]' '["counted",10]'
	differs '[.rules[] | select(.name == "abuse") | .dropped, .pps]' '[10,null]'
}

@test "another policy in between is said; rules that keep their name go on counting" {
	xdpguard snapshot "$old"
	sed '/name: trial/d; s/name: dns/name: resolver/' "$policy" >"$BATS_TEST_TMPDIR/other.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/other.yaml"
	send 203.0.113.7 10
	compare "$old"
	differs '[.policy_replaced, .old.policy, .new.policy, .guard_replaced]' '[true,"edge.yaml","other.yaml",false]'
	differs '[.rules[] | [.name, .change, .dropped]]' \
		'[["resolver","came",0],["abuse","counted",10],["dns","went",null],["trial","went",null]]'
	run --separate-stderr xdpguard diff "$old"
	[[ $output =~ "policy edge.yaml ("[0-9a-f]{16}") was replaced in between, now other.yaml (" ]]
}

@test "another guard in between is said" {
	start_guard
	send 203.0.113.7 300
	compare "$old"
	differs '[.guard_replaced, (.verdicts[] | select(.verdict == "dropped") | .packets, .pps)]' '[true,300,null]'
	run --separate-stderr xdpguard diff "$old"
	[[ $output == *"another guard is in its place since"* ]]
}

@test "a snapshot is written whole or not at all" {
	cp "$new" "$BATS_TEST_TMPDIR/kept.json"
	XDPGUARD_DIR=/sys/fs/bpf/xdpguard-none fails_with 1 "no guard in" xdpguard snapshot "$new"
	cmp "$new" "$BATS_TEST_TMPDIR/kept.json"
	fails_with 1 "nowhere/file: No such file or directory" xdpguard snapshot nowhere/file
}

# refused TEXT FILTER: what jq makes of a snapshot is no snapshot any more.
refused() {
	jq "$2" "$new" >"$BATS_TEST_TMPDIR/bad.json"
	fails_with 2 "$1" xdpguard diff "$BATS_TEST_TMPDIR/bad.json" "$new"
}

@test "what is no snapshot is refused by file, line and what is wrong" {
	refused 'bad.json:3: a snapshot of version 2: this xdpguard reads version 1' '.version = 2'
	refused '"rules" is missing' 'del(.rules)'
	refused '"hits": expected a number from 0' '.rules[1].hits = -1'
	refused '"dropped": expected a number from 0' '.sources[0].dropped = "7"'
	refused '"address": expected a shorter string' '.sources[0].address = "1" * 64'
	refused '"taken": expected a time' '.taken = "yesterday"'
	refused 'not written by xdpguard snapshot' '.xdpguard = "blocks"'
	head -c 2000 "$new" >"$BATS_TEST_TMPDIR/bad.json"
	fails_with 2 'not JSON, or cut off' xdpguard diff "$BATS_TEST_TMPDIR/bad.json" "$new"
	# jq's own line breaks change nothing.
	jq . "$new" >"$BATS_TEST_TMPDIR/good.json"
	equal "$(json .same xdpguard diff "$BATS_TEST_TMPDIR/good.json" "$new")" true
}
