# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154,SC2030,SC2031,SC2034 # variables of points.bash and of bats; a test is a subshell
#
# Nobody locks himself out: a policy on probation goes when nobody confirms it, whatever became of the session.
load points

setup() {
	make_lab
	open=$BATS_TEST_TMPDIR/open.yaml
	shut=$BATS_TEST_TMPDIR/shut.yaml
	echo 'version: 1
rules: [{name: flood, limit: {rate: 1M/s}}]' >"$open"
	echo 'version: 1
rules: [{name: client, from: 198.51.100.2, action: drop}, {name: flood, limit: {rate: 1M/s}}]' >"$shut"
	lab_start server "$ANSWER" 7
}

teardown() {
	end_watchers
	remove_lab
}

# The processes that watch over this test's guard: nobody else has its state in his environment.
watchers() {
	local process

	for process in /proc/[0-9]*; do
		if [[ $(<"$process/comm") == xdpguard ]] && grep -qzFx "XDPGUARD_STATE=$XDPGUARD_STATE" "$process/environ"; then
			echo "${process#/proc/}"
		fi
	done 2>/dev/null
}

end_watchers() {
	local id

	for id in $(watchers); do
		kill -KILL "$id" || true
	done
}

has_watchers() {
	[[ $(watchers | wc -l) == "$1" ]]
}

no_watcher() {
	[[ -z $(watchers) ]]
}

apply() {
	xdpguard apply "$1" --dev eth0 "${@:2}"
}

is_answered() {
	[[ $(lab_in client "$ASK" 198.51.100.1 7 1 100 | jq .answered) == 1 ]]
}

is_silent() {
	! is_answered
}

# probation FILTER: of what status says of it.
probation() {
	xdpguard status --json | jq -c ".probation | $1"
}

has_in_force() {
	[[ $(xdpguard status --json | jq -r .policy) == "$1" ]]
}

@test "what is not confirmed goes: the client is answered again" {
	apply "$open"
	is_answered
	result=$(apply "$shut" --confirm 5s --json)
	equal "$(jq -c '.probation | [.state, .number, .back_to, .remaining > 1, .remaining <= 5]' <<<"$result")" '["waiting",2,1,true,true]'
	is_silent
	eventually is_answered
	eventually no_watcher
	has_in_force open.yaml
	equal "$(probation .)" null
	equal "$(xdpguard history --json | jq -c '.policies[] | [.number, .name, .how, .in_force]')" \
		'[3,"open.yaml","back to 1, 2 was not confirmed",true]
[2,"shut.yaml","apply",false]
[1,"open.yaml","apply",false]'
	fails_with 1 'nothing is to be confirmed; in force is policy 3, open.yaml (back to 1, 2 was not confirmed)' \
		xdpguard confirm
}

@test "status says until when, in words" {
	apply "$open"
	run --separate-stderr apply "$shut" --confirm 60s
	[[ $output == *"to be confirmed within "*", with xdpguard confirm, or policy 1 (open.yaml) comes back"* ]]
	run --separate-stderr xdpguard status
	[[ $output == *"to be confirmed within "*", with xdpguard confirm, or policy 1 (open.yaml) comes back"* ]]
	run --separate-stderr xdpguard history
	[[ $output == *"on probation"* ]]
}

@test "what is confirmed stays, and nobody watches any more" {
	apply "$open"
	apply "$shut" --confirm 1h
	run --separate-stderr xdpguard confirm
	equal "$status $output" "0 shut.yaml stays in force"
	eventually no_watcher
	equal "$(probation .)" null
	has_in_force shut.yaml
	is_silent
}

@test "it goes although the terminal is gone that it was typed in" {
	apply "$open"
	# The terminal hangs up when the command in it has ended.
	lab_in server script -qec "$XDPGUARD apply $shut --dev eth0 --confirm 5s" /dev/null
	is_silent
	eventually is_answered
	has_in_force open.yaml
}

# As a hung session, or a pipe into a pager: nobody reads, and what it prints is more than a pipe holds.
@test "it goes although nobody reads what apply prints, and nobody else has to wait" {
	apply "$open"
	mkfifo "$BATS_TEST_TMPDIR/unread"
	exec 7<>"$BATS_TEST_TMPDIR/unread"
	{
		printf 'version: 1\nrules:\n'
		for i in {1..700}; do
			echo "  - {name: rule-with-a-rather-long-name-$i, from: 203.0.113.0/24, to_port: $i, protocol: udp, action: drop}"
		done
	} >"$BATS_TEST_TMPDIR/long.yaml"
	for options in "--confirm 3s" --dry-run; do
		# shellcheck disable=SC2086 # words
		lab_start server "$XDPGUARD" apply "$BATS_TEST_TMPDIR/long.yaml" --dev eth0 $options >&7
		stalled=$!
		eventually is_in_call "$stalled" "1 0x1 "
		eventually lock_is_free
		eventually has_in_force open.yaml
		is_in_call "$stalled" "1 0x1 "
		kill "$stalled"
	done
}

@test "apply does not keep the output of its session open" {
	apply "$open"
	# The command substitution ends when nobody can write to it any more.
	output=$(apply "$shut" --confirm 1h 2>&1)
	equal "$(probation .state)" '"waiting"'
}

@test "a first policy on probation: detached again" {
	result=$(apply "$shut" --confirm 2s --json)
	equal "$(jq -c '.probation.back_to' <<<"$result")" 0
	eventually is_answered
	eventually no_watcher
	[[ ! -e $XDPGUARD_DIR ]]
	equal "$(ip -n "$lab-server" -j link show eth0 | jq -c '.[0].xdp')" null
}

@test "a second policy on probation has a time of its own, and the way back is the first one's" {
	apply "$open"
	apply "$shut" --confirm 1h
	fails_with 1 'policy 2 is on probation and to be confirmed within ' apply "$open"
	[[ $stderr == *": first xdpguard confirm, or xdpguard rollback; or --confirm TIME, which keeps the way back"* ]]
	sed 's/1M/2M/' "$shut" >"$policy"
	result=$(apply "$policy" --confirm 2s --json)
	equal "$(jq -c '.probation | [.number, .back_to]' <<<"$result")" '[3,1]'
	eventually is_answered
	has_in_force open.yaml
	eventually no_watcher
}

@test "a second policy behind a first one on probation: nothing was in force before both" {
	apply "$shut" --confirm 1h
	sed 's/1M/2M/' "$shut" >"$policy"
	result=$(apply "$policy" --confirm 2s --json)
	equal "$(jq -c '.probation | [.number, .back_to]' <<<"$result")" '[2,0]'
	eventually is_answered
	eventually no_watcher
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "the same policy again: its time begins anew" {
	apply "$open"
	apply "$shut" --confirm 1m
	result=$(apply "$shut" --confirm 1h --json)
	equal "$(jq -c '[.result, .probation.number, .probation.back_to, .probation.remaining > 60]' <<<"$result")" '["unchanged",2,1,true]'
	eventually has_watchers 1
	equal "$(probation '.remaining > 60')" true
}

# A policy with room for that many sources.
sized() {
	sed "2i sources: {capacity: $2}" "$1" >"$BATS_TEST_TMPDIR/$2.yaml"
	echo "$BATS_TEST_TMPDIR/$2.yaml"
}

# Where the new table of sources would be pinned; the guard goes with its directory.
break_resize() {
	mkdir "$XDPGUARD_DIR/tags_new"
}

@test "what fails behind the policy's coming into force leaves it on probation" {
	apply "$(sized "$open" 16384)"
	break_resize
	fails_with 1 'the policy is in force, but not all that goes with it: cannot pin the new table of sources' \
		apply "$(sized "$shut" 32768)" --confirm 5s
	[[ $output == *"to be confirmed within "*", or policy 1 (16384.yaml) comes back"* ]]
	is_silent
	eventually is_answered
	has_in_force 16384.yaml
	eventually no_watcher
}

@test "a table that cannot be resized keeps no old rules from coming back" {
	apply "$(sized "$open" 16384)"
	apply "$(sized "$shut" 32768)" --confirm 2s
	break_resize
	eventually is_answered
	has_in_force 16384.yaml
	eventually no_watcher
}

@test "an interface that a program of somebody else has taken keeps no old rules from coming back" {
	object=$(echo /usr/lib/*-linux-gnu/bpf/xsk_def_xdp_prog_5.3.o)
	[[ -e $object ]] || skip "libxdp's programs are not installed"
	lab_link server eth1 client eth1
	xdpguard apply "$open" --dev eth0,eth1
	apply "$shut" --confirm 3s
	lab_in server ip link set dev eth1 xdp object "$object" section xdp
	eventually is_answered
	has_in_force open.yaml
	eventually no_watcher
}

@test "what keeps the old policy from coming back is told, and it is tried again" {
	apply "$open"
	apply "$shut" --confirm 1s
	mv "$XDPGUARD_DIR/blocks" "$XDPGUARD_DIR/away"
	bpftool map create "$XDPGUARD_DIR/blocks" type hash key 24 value 80 entries 16 name blocks
	eventually jq -e '.failure != ""' "$XDPGUARD_STATE/pending"
	has_watchers 1
	mv "$XDPGUARD_DIR/away" "$XDPGUARD_DIR/blocks"
	equal "$(probation .state)" '"failed"'
	eventually is_answered
	eventually no_watcher
	has_in_force open.yaml
}

@test "a probation that nobody can watch over is none: the old policy is back at once" {
	apply "$open"
	mkdir "$XDPGUARD_STATE/pending"
	fails_with 1 'nobody would watch over the probation: Is a directory; the old policy is back in force' \
		apply "$shut" --confirm 1h
	is_answered
	has_in_force open.yaml
	eventually no_watcher
	xdpguard detach --all
	fails_with 1 'nobody would watch over the probation: Is a directory; the guard is taken off again' \
		apply "$shut" --confirm 1h
	[[ ! -e $XDPGUARD_DIR ]]
}

@test "a second policy whose apply is killed leaves the first one on probation" {
	apply "$open"
	apply "$shut" --confirm 1h
	for rate in {2..6}; do
		sed "s/1M/${rate}M/" "$shut" >"$policy"
		nsenter --net="/run/netns/$lab-server" "$XDPGUARD" apply "$policy" --dev eth0 --confirm 1h >/dev/null 2>&1 &
		id=$!
		# Its watcher is ready, and the kernel takes its time to put the policy where it will be read.
		until [[ -e $XDPGUARD_STATE/pending.new ]] || ! kill -0 "$id"; do :; done
		kill -KILL "$id"
		wait "$id" 2>/dev/null || true
		eventually has_watchers 1
		equal "$(xdpguard status --json | jq -c '[.probation.state, .probation.back_to, .probation.number == .number]')" \
			'["waiting",1,true]'
	done
	has_in_force shut.yaml
}

@test "a second policy that fails leaves the first one on probation" {
	apply "$open"
	apply "$shut" --confirm 1h
	fails_with 1 'no interface "eth7"' xdpguard apply "$open" --dev eth7 --confirm 1s
	equal "$(probation '[.state, .number, .back_to]')" '["waiting",2,1]'
	equal "$(watchers | wc -l)" 1
	equal "$(xdpguard history --json | jq '.policies | length')" 2
}

@test "rollback ends the probation at once" {
	apply "$open"
	apply "$shut" --confirm 1h
	xdpguard rollback
	is_answered
	equal "$(probation .)" null
	eventually no_watcher
}

@test "rollback of a first policy on probation detaches" {
	apply "$shut" --confirm 1h
	run --separate-stderr xdpguard rollback
	[[ $output == *"eth0: detached"* ]]
	[[ ! -e $XDPGUARD_DIR ]]
	eventually no_watcher
}

@test "detach ends the probation, and nothing comes back" {
	apply "$open"
	apply "$shut" --confirm 1h
	xdpguard detach --all
	eventually no_watcher
	[[ ! -e $XDPGUARD_DIR && ! -e $XDPGUARD_STATE/pending ]]
}

@test "a watcher that is killed: status says so, and both ways are open" {
	apply "$open"
	apply "$shut" --confirm 1h
	kill -KILL "$(watchers)"
	eventually no_watcher
	equal "$(probation .state)" '"unwatched"'
	run --separate-stderr xdpguard status
	[[ $output == *"the process that watched over it was killed"* ]]
	has_in_force shut.yaml
	xdpguard rollback
	has_in_force open.yaml
	equal "$(probation .)" null

	apply "$shut" --confirm 1h
	kill -KILL "$(watchers)"
	eventually no_watcher
	xdpguard confirm
	equal "$(probation .)" null
	has_in_force shut.yaml
}

# At eight changes, evenly spread, the last of all among them.
@test "an apply that is killed with its probation not begun: the watcher takes over" {
	apply "$open"
	command=(apply "$shut" --dev eth0 --confirm 1s)
	list=$BATS_TEST_TMPDIR/points
	with_fault changes 0 none
	equal "$code" 0
	points=$(wc -l <"$list")
	((points >= 8))
	eventually has_in_force open.yaml
	eventually no_watcher
	for ((n = 1; n <= 8; n++)); do
		with_fault changes $((points * n / 8)) kill
		equal "$code" 137
		eventually has_in_force open.yaml
		eventually no_watcher
	done
	is_answered
}

@test "an interface that goes meanwhile keeps no other from getting the old policy" {
	lab_link server eth1 client eth1
	xdpguard apply "$open" --dev eth0,eth1
	xdpguard apply "$shut" --dev eth0,eth1 --confirm 2s
	ip -n "$lab-server" link delete eth1
	eventually has_in_force open.yaml
	is_answered
}

@test "an old policy that cannot come back starts no probation" {
	apply "$open"
	rm -rf "$XDPGUARD_STATE/history"
	fails_with 1 "the policy in force is not in the history" apply "$shut" --confirm 1h
	has_in_force open.yaml
	apply "$open"
	rm "$XDPGUARD_STATE/history/"*/policy.yaml
	fails_with 1 "the old policy could not be put back: policy 2 is not in the history" apply "$shut" --confirm 1h
	has_in_force open.yaml
	equal "$(watchers)" ""
}

@test "durations out of range are refused" {
	fails_with 2 '--confirm 500ms: expected 1s to 1d' apply "$open" --confirm 500ms
	fails_with 2 '--confirm "soon": expected a duration' apply "$open" --confirm soon
}

@test "the session that it is typed in is told before it is cut off or limited, also where sudo has hidden it" {
	export SSH_CONNECTION="198.51.100.2 50022 198.51.100.1 22"
	run --separate-stderr apply "$shut" --dry-run
	[[ $stderr == *'your SSH session from 198.51.100.2 to port 22 would be cut off: rule "client" drops it'* ]]
	run --separate-stderr bash -c "env -u SSH_CONNECTION '$XDPGUARD' check '$shut'; exit"
	[[ $stderr == *'would be cut off: rule "client" drops it'* ]]
	run --separate-stderr xdpguard check - <<<'{version: 1, rules: [{name: slow, limit: {rate: 20/s}}]}'
	[[ $stderr == *'your SSH session from 198.51.100.2 to port 22 would be slowed down by a low limit: rule "slow"'* ]]
	run --separate-stderr apply --dry-run - <<-'POLICY'
		version: 1
		rules: [{name: handshakes, protocol: tcp, tcp_flags: [syn, "!ack"], limit: {rate: 20/s, block: 5m}}]
	POLICY
	[[ $stderr == *'from 198.51.100.2 to port 22 would be blocked as soon as new connections from there exceed a limit: rule "handshakes"'* ]]
}

@test "a session from a blocked address is told that the rule which lets it pass goes" {
	export SSH_CONNECTION="198.51.100.2 50022 198.51.100.1 22"
	pass=$BATS_TEST_TMPDIR/pass.yaml
	echo 'version: 1
rules: [{name: office, from: 198.51.100.0/24, action: pass}]' >"$pass"
	apply "$pass"
	xdpguard block 198.51.100.0/24 --force
	run --separate-stderr apply "$pass" --dry-run
	[[ $stderr != *"is blocked"* ]]
	for option in --dry-run --confirm=1h; do
		run --separate-stderr apply "$open" "$option"
		[[ $stderr == *"your SSH session from 198.51.100.2 is blocked, and would be cut off: no rule with action: pass matches it first"* ]]
	done
	xdpguard unblock 198.51.100.0/24
	run --separate-stderr apply "$open" --dry-run
	[[ $stderr != *"is blocked"* ]]
}

@test "what is in force already begins no probation, and says so" {
	apply "$open"
	[[ $(apply "$open" --confirm 10s) == *"no probation: this policy was in force already"* ]]
	equal "$(watchers)" ""
}
