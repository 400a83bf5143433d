# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Whoever types what the first chapter of docs/operating.md says, and nothing else, ends with the attacker blocked.
load lib

setup() {
	make_lab
	chapter=$BATS_TEST_TMPDIR/chapter work=$BATS_TEST_TMPDIR/work
	mkdir "$work"
	sed -n '/^## From "the server is slow"/,/^## [^F]/p' "$BATS_TEST_DIRNAME/../../docs/operating.md" >"$chapter"
	# Nobody has the attacker's address. What waits for its MAC address would fill the answering server's socket,
	# and keep it from answering others.
	ip -n "$lab-server" neighbour add 198.51.100.66 lladdr 02:00:00:00:00:66 dev eth0
	lab_start server "$ANSWER" 27015
}

teardown() {
	remove_lab
}

# type_step NUMBER: what is typed in the console of that step, one command after another. Behind its output each
# prints its exit status.
type_step() {
	awk -v step="**$1." '/^\*\*[0-9]+\./ { here = index($0, step) == 1 }
		/^```/ { console = here && $0 == "```console"; next }
		console && sub(/^> /, "") { print }
		console && sub(/^# /, "") { if (n++) print "echo \"exit $?\""; print }
		END { print "echo \"exit $?\"" }' "$chapter" >"$work/step-$1"
	typed=$(cd "$work" && PATH=${XDPGUARD%/*}:$PATH lab_in server bash "step-$1" 2>&1)
	echo "$typed"
}

# says TEXT: what was typed last printed a line like this.
says() {
	grep -Eq -- "$1" <<<"$typed" || {
		echo "not said: $1"
		return 1
	}
}

# exits CODE…: so did the commands of the step.
exits() {
	equal "$(grep '^exit' <<<"$typed" | tr -dc '0-9\n' | paste -sd' ')" "$*"
}

honest_client_is_answered() {
	equal "$(lab_in client "$ASK" 198.51.100.1 27015 20 100)" '{"asked": 20, "answered": 20}'
}

@test "from 'the server is slow' to 'the attacker is blocked', as docs/operating.md says" {
	flood 198.51.100.66 --port 27015 --rate 20000 --seconds 300 >"$BATS_TEST_TMPDIR/sent" &
	on_exit kill $!

	type_step 1
	exits 0

	type_step 2
	exits 0 0 0
	says '^edge.yaml: applied'

	type_step 3
	exits 0 0
	says '^SOURCE .* PPS '
	grep -A1 '^SOURCE .* PPS ' <<<"$typed" | grep -Eq '^198\.51\.100\.66 .*k/s'
	says '^flood '

	type_step 4
	exits 0 0
	says 'blocked'
	says 'within-limit'
	# So far nothing was dropped.
	equal "$(xdpguard drops --json | jq '[.reasons[].dropped] | add')" 0

	type_step 5
	exits 0 1 0 0
	says 'mode monitor'
	says 'to be confirmed within 1m'
	says 'stays in force'

	type_step 6
	exits 0 0 0
	says '^[0-9:.]{12}  drop +198\.51\.100\.66 +- +blocked +eth0 '
	says '^198\.51\.100\.66 +in [0-9]+m .* rule flood '
	honest_client_is_answered

	type_step 7
	exits 0 0 0
	says '^198\.51\.100\.66 .* hand .* ticket 4711$'
	honest_client_is_answered
	# Not one packet comes through.
	result=$(flood_counted 198.51.100.66 --count 1000)
	equal "$(number .received "$result")" 0
}
