# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154,SC2030,SC2031 # variables of lib.bash and of bats; a test is a subshell
#
# Every policy that was in force is kept whole, and comes back whole.
load lib

setup() {
	make_lab
}

teardown() {
	remove_lab
}

# apply_rate RATE [OPTION…]: a policy that differs by it.
apply_rate() {
	apply_text "${@:2}" >/dev/null <<-YAML
		version: 1
		rules: [{name: all, limit: {rate: $1/s}}]
	YAML
}

# history FILTER: of its entries, the newest first.
history() {
	xdpguard history --json | jq -c ".policies$1"
}

rate_in_force() {
	xdpguard rules --json | jq -r '.rules[0].words' | grep -o '[0-9]*k/s'
}

received_from() {
	number .received "$(flood_counted "$1" --count 50)"
}

@test "who applied what, when and how" {
	before=$(date -u +%FT%T)
	SUDO_USER=alice SSH_CONNECTION="192.0.2.7 50022 198.51.100.1 22" apply_rate 1000
	apply_rate 2000
	equal "$(history ' | map([.number, .name, .path, .interfaces, .by, .from, .how, .in_force])')" \
		"[[2,\"policy.yaml\",\"$policy\",\"eth0\",\"root\",null,\"apply\",true],$(:
		)[1,\"policy.yaml\",\"$policy\",\"eth0\",\"alice\",\"192.0.2.7\",\"apply\",false]]"
	equal "$(history '[0].hash')" "$(xdpguard status --json | jq -c .hash)"
	[[ ! $(history '[1].applied' | tr -d '"') < $before ]]
	equal "$(xdpguard history 1)" "$(xdpguard history 1 --json | jq -r .text)"
	[[ $(xdpguard history 1) == *"rate: 1000/s"* ]]
	# Nobody else's business.
	equal "$(stat -c %a "$XDPGUARD_STATE" "$XDPGUARD_STATE/history" | sort -u)" 700
}

@test "what changes nothing is not kept twice; other interfaces are kept" {
	apply_rate 1000
	apply_rate 1000
	equal "$(history ' | length')" 1
	lab_link server eth1 client eth1
	xdpguard apply "$policy" --dev eth0,eth1 >/dev/null
	equal "$(history ' | map(.interfaces)')" '["eth0,eth1","eth0"]'
	xdpguard rollback >/dev/null
	equal "$(xdpguard status --json | jq -c '[.interfaces[].name]')" '["eth0"]'
}

@test "rollback puts back the one before, again the one before that; or the one of a number" {
	apply_rate 1000
	apply_rate 2000
	apply_rate 3000
	xdpguard rollback
	equal "$(rate_in_force)" 2k/s
	xdpguard rollback
	equal "$(rate_in_force)" 1k/s
	equal "$(history ' | map([.how, .state])')" \
		'[["rollback to 1","in force"],["rollback to 2","rolled back"],["apply","rolled back"],["apply",null],["apply",null]]'
	fails_with 1 'no policy before this one that was not taken back, or not confirmed' xdpguard rollback
	xdpguard rollback 3
	equal "$(rate_in_force)" 3k/s
	xdpguard rollback 1
	equal "$(rate_in_force)" 1k/s
	run --separate-stderr xdpguard rollback 2 --dry-run
	[[ $output == *"would apply"*"- rule all: all: limit 1k/s"*"+ rule all: all: limit 2k/s"* ]]
	equal "$(rate_in_force)" 1k/s
	fails_with 1 'policy 17 is not in the history; see: xdpguard history' xdpguard rollback 17
	fails_with 2 '"edge.yaml": expected a number of the history, such as 3' xdpguard rollback edge.yaml
	fails_with 2 '"edge.yaml": expected a number of the history, such as 3' xdpguard history edge.yaml
	fails_with 2 "a policy's text is no table; leave out --csv" xdpguard history 1 --csv
}

@test "what was taken back is no mistake any more when it is put in force again" {
	apply_rate 1000
	apply_rate 2000
	xdpguard rollback
	apply_rate 2000
	apply_rate 3000
	xdpguard rollback
	equal "$(rate_in_force)" 2k/s
}

@test "rollback never chooses a policy that nobody confirmed" {
	apply_rate 1000
	apply_rate 2000 --confirm 1h
	xdpguard rollback
	equal "$(rate_in_force)" 1k/s
	equal "$(history ' | map(.state)')" '["in force","not confirmed",null]'
	fails_with 1 'no policy before this one' xdpguard rollback
	apply_rate 3000 --confirm 1h
	apply_rate 4000 --confirm 1h
	xdpguard confirm
	equal "$(history ' | map(.state)')" '["in force","not confirmed",null,"not confirmed",null]'
	xdpguard rollback
	equal "$(rate_in_force)" 1k/s
}

@test "a policy comes back with its list as it was, whatever became of the files" {
	mkdir "$BATS_TEST_TMPDIR/lists"
	list=$BATS_TEST_TMPDIR/lists/abuse.txt
	echo 192.0.2.1 >"$list"
	with_list() {
		apply_text <<-'YAML'
			version: 1
			sets: {abuse: {file: lists/abuse.txt}}
			rules:
			  - {name: abuse, from: abuse, action: drop}
			  - {name: rest, limit: {rate: 1M/s}}
		YAML
	}
	with_list
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "0 50"
	echo 192.0.2.2 >"$list"
	with_list
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "50 0"
	rm -r "$BATS_TEST_TMPDIR/lists" "$policy"
	xdpguard rollback
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "0 50"
	equal "$(xdpguard status --json | jq -r .path)" "$policy"
}

@test "diff and apply tell which sets change, beside rules that do" {
	with_sets() {
		printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/office.txt"
		cat >"$policy" <<-YAML
			version: 1
			sets: {office: {file: office.txt}, home: [203.0.113.0/24$2], unused: [192.0.2.9]}
			rules:
			  - {name: known, from: [office, home], action: pass}
			  - {name: all, limit: {rate: $3/s}}
		YAML
	}
	with_sets "$(printf '192.0.2.%d\n' {1..9})" "" 1000
	run --separate-stderr xdpguard apply "$policy" --dev eth0
	[[ $output == *$'\n+ set home: 203.0.113.0/24\n+ set office: 9 prefixes '*$'\n+ rule known'* && $output != *unused* ]]
	# As many members, others.
	with_sets "$(printf '192.0.2.%d\n' {2..10})" "" 2000
	run --separate-stderr xdpguard diff "$policy" --json
	equal "$(jq -c '.changes | map([.change, .what])' <<<"$output")" '[["modified","set office"],["modified","rule all"]]'
	equal "$(jq -c '.changes[0] | [.before, .after] | map(.[:10])' <<<"$output")" '["9 prefixes","9 prefixes"]'
	xdpguard apply "$policy" --dev eth0
	with_sets "$(printf '192.0.2.%d\n' {2..10})" ", 2001:db8::/32" 2000
	run --separate-stderr xdpguard apply "$policy" --dev eth0
	[[ $output == *"- set home: 203.0.113.0/24"*"+ set home: 203.0.113.0/24,2001:db8::/32"* && $output != *office* ]]
	echo '{version: 1, rules: [{name: all, limit: {rate: 2000/s}}]}' >"$policy"
	run --separate-stderr xdpguard diff "$policy"
	[[ $output == *"- set home: 203"*"- set office: 9 prefixes"*"- rule known"* ]]
}

@test "a policy and a list from standard input come back, too" {
	xdpguard apply - --dev eth0 <<<'{version: 1, rules: [{name: a, from: 192.0.2.1, action: drop}]}'
	echo '{version: 1, sets: {s: {file: "-"}}, rules: [{name: a, from: s, action: drop}]}' >"$policy"
	xdpguard apply "$policy" --dev eth0 <<<192.0.2.2
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "50 0"
	xdpguard rollback </dev/null
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "0 50"
	xdpguard rollback 2 </dev/null
	equal "$(received_from 192.0.2.1) $(received_from 192.0.2.2)" "50 0"
	equal "$(history ' | map(.name)')" '["policy.yaml","stdin","policy.yaml","stdin"]'
}

@test "after a reboot, which nothing in the kernel survives, rollback finds the one before" {
	apply_rate 1000
	apply_rate 2000
	xdpguard detach --all
	fails_with 1 'no guard' xdpguard rollback
	# What was last comes again, and is no news.
	apply_rate 2000
	equal "$(history ' | map([.number, .in_force])')" '[[2,true],[1,false]]'
	xdpguard rollback
	equal "$(rate_in_force)" 1k/s
}

@test "nothing before the first one" {
	apply_rate 1000
	fails_with 1 '; to take the guard off: xdpguard detach --all' xdpguard rollback
}

@test "twenty are kept, the oldest go" {
	for n in {1..23}; do
		apply_rate $((1000 + n))
	done
	equal "$(history ' | [length, .[0].number, .[-1].number]')" '[20,23,4]'
	equal "$(find "$XDPGUARD_STATE/history" -mindepth 1 -maxdepth 1 | wc -l)" 20
	xdpguard rollback 4
	[[ $(xdpguard rules --json | jq -r '.rules[0].words') == *"limit 1004/s"* ]]
}

@test "killed behind the commit: the entry is kept; killed before it: it never was" {
	apply_rate 1000
	apply_rate 2000
	mv "$XDPGUARD_STATE/history/2" "$XDPGUARD_STATE/history/next"
	apply_rate 3000
	equal "$(history ' | map(.number)')" '[3,2,1]'
	cp -r "$XDPGUARD_STATE/history/2" "$XDPGUARD_STATE/history/next"
	sed -i 's/"number": *2/"number": 4/' "$XDPGUARD_STATE/history/next/entry.json"
	apply_rate 4000
	equal "$(history ' | map(.number)')" '[4,3,2,1]'
	equal "$(xdpguard history 4)" "$(cat "$policy")"
}

@test "no history can be kept: apply warns and goes on, a probation is refused" {
	apply_rate 1000
	touch "$BATS_TEST_TMPDIR/file"
	export XDPGUARD_STATE=$BATS_TEST_TMPDIR/file/state
	run --separate-stderr apply_rate 2000
	equal "$status" 0
	[[ $stderr == *"the history does not take this policy"*"Not a directory"* ]]
	equal "$(rate_in_force)" 2k/s
	fails_with 1 'Not a directory' apply_rate 3000 --confirm 1h
	equal "$(rate_in_force)" 2k/s
	run --separate-stderr xdpguard apply "$policy" --dev eth0
	equal "$status" 0
}

@test "a history that is damaged hides nothing but the entry that is" {
	apply_rate 1000
	apply_rate 2000
	apply_rate 3000
	echo '{"number": 2, "name": 7}' >"$XDPGUARD_STATE/history/2/entry.json"
	mkdir "$XDPGUARD_STATE/history/9"
	run --separate-stderr xdpguard history --json
	equal "$(jq -c '.policies | map(.number)' <<<"$output")" '[3,1]'
	[[ $stderr == *"2 entries in $XDPGUARD_STATE/history cannot be read, and are left out"* ]]
	xdpguard rollback
	equal "$(rate_in_force)" 1k/s
}

@test "an entry that cannot be read keeps its number" {
	apply_rate 1000
	apply_rate 2000
	echo damaged >"$XDPGUARD_STATE/history/2/entry.json"
	run --separate-stderr apply_rate 3000
	equal "$status $stderr" "0 "
	equal "$(xdpguard history --json 2>/dev/null | jq -c '.policies | map([.number, .in_force])')" '[[3,true],[1,false]]'
}

@test "an empty XDPGUARD_STATE is as none" {
	apply_rate 1000
	on_exit rm -rf "/var/lib/xdpguard/guards/$lab"
	XDPGUARD_STATE='' run --separate-stderr xdpguard save
	equal "$status $output" "0 0 blocks saved in /var/lib/xdpguard/guards/$lab/blocks"
}

@test "diff exits as diff does: 0 same, 1 different, 2 trouble" {
	apply_rate 1000
	xdpguard diff "$policy"
	echo '{version: 1, rules: [{name: all, limit: {rate: 2000/s}}, {name: new, action: drop}]}' >"$BATS_TEST_TMPDIR/other.yaml"
	run --separate-stderr xdpguard diff "$BATS_TEST_TMPDIR/other.yaml"
	equal "$status" 1
	[[ $output == *"- rule all: all: limit 1k/s"*"+ rule all: all: limit 2k/s"*"+ rule new: all: drop"* ]]
	run --separate-stderr xdpguard diff "$BATS_TEST_TMPDIR/other.yaml" --json
	equal "$status $(jq -c '[.same, (.changes | map(.what))]' <<<"$output")" '1 [false,["rule all","rule new"]]'
	fails_with 2 'no such file' xdpguard diff "$BATS_TEST_TMPDIR/nowhere.yaml"
	xdpguard detach --all
	run --separate-stderr xdpguard diff "$policy"
	equal "$status ${lines[0]}" "1 no policy is in force"
}
