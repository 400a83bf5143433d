# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# docs/json.md names every member that is printed, in its order, and no other.
load lib

setup_file() {
	make_namespaces
	start_guard
	send_traffic
	xdpguard block 192.0.2.77
}

# documented VERB: members in the table under its heading
documented() {
	awk -v verb="$1" '/^## / { here = $2 == verb } here && /^\| `/ { gsub("`", "", $2); print $2 }' \
		"$BATS_TEST_DIRNAME/../../docs/json.md"
}

# Members of an object on standard input, each once, in the order that they are first seen.
members() {
	jq -r '[paths(type != "object" and type != "array")
		| map(if type == "number" then "[]" else ".\(.)" end) | add | ltrimstr(".")]
		| reduce .[] as $member ([]; if index($member) then . else . + [$member] end) | .[]'
}

is_documented() {
	[[ -n $(documented "$1") ]]
	diff <(documented "$1") <(xdpguard "$@" --json 2>/dev/null | members)
}

@test "sources" {
	is_documented sources --sort pps
	diff <(documented sources | grep -v pps) <(xdpguard sources --json | members)
}

@test "rules" {
	is_documented rules
}

@test "drops" {
	is_documented drops
}

@test "blocks" {
	is_documented blocks
}

@test "events" {
	is_told() {
		send 203.0.113.8 10
		xdpguard events --json >"$BATS_TEST_TMPDIR/told" &
		while kill -0 $! 2>/dev/null; do
			send 203.0.113.8 10
		done
		[[ -s $BATS_TEST_TMPDIR/told ]]
	}
	for _ in {1..10}; do
		! is_told || break
	done
	diff <(documented events) <(head -1 "$BATS_TEST_TMPDIR/told" | members)
}

@test "status" {
	diff <(documented status | grep -v '^probation') <(xdpguard status --json | members | grep -v '^probation$')
}

@test "status of a policy on probation" {
	sed 's/1\/h/3\/h/' "$policy" >"$BATS_TEST_TMPDIR/changed.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/changed.yaml" --confirm 1h
	# The null that is no failure is printed, too.
	is_documented status
	xdpguard rollback
}

@test "history" {
	is_documented history
}

@test "diff" {
	sed 's/1\/h/4\/h/' "$policy" >"$BATS_TEST_TMPDIR/changed.yaml"
	diff <(documented diff) <(xdpguard diff "$BATS_TEST_TMPDIR/changed.yaml" --json | members)
}

@test "snapshot" {
	diff <(documented snapshot | grep -v '[.[]') <(xdpguard snapshot - | jq -r 'keys_unsorted[] | select(. != "resets")')
	diff <(documented snapshot | grep '^resets') <(xdpguard snapshot - | jq -r '.resets | keys_unsorted[] | "resets.\(.)"')
	diff <(documented sources | grep -v pps; documented snapshot | grep '^sources\[') \
		<(xdpguard snapshot - | jq '{sources}' | members)
}

@test "snapshots compared" {
	xdpguard snapshot "$BATS_TEST_TMPDIR/old.json"
	send 203.0.113.7 10
	xdpguard block 192.0.2.78
	diff <(documented snapshots) <(xdpguard diff "$BATS_TEST_TMPDIR/old.json" --json | members)
	xdpguard unblock 192.0.2.78
}

@test "apply" {
	sed 's/1\/h/2\/h/' "$policy" >"$BATS_TEST_TMPDIR/changed.yaml"
	is_documented apply "$BATS_TEST_TMPDIR/changed.yaml"
}

@test "check --explain tells limits of less than one a second by the minute or hour" {
	for case in "7/h 7/h 3584/h" "90/m 90/m 768/s" "20/s 20/s 10240/s"; do
		read -r rate lowest borne <<<"$case"
		run --separate-stderr "$XDPGUARD" check - --explain <<<"{version: 1, sources: {capacity: 1024}, rules: [{name: a, limit: {rate: $rate}}]}"
		grep -qE "^ *lowest limit: +$lowest$" <<<"$output"
		grep -qE "^ *new sources borne: +$borne$" <<<"$output"
	done
}

@test "check --explain" {
	is_documented check "$policy" --explain
}

@test "without packets and blocks, lists are empty and not left out" {
	start_guard
	equal "$(json . xdpguard sources)" '{"sources":[]}'
	equal "$(json . xdpguard blocks)" '{"blocks":[]}'
	equal "$(json '[(.reasons | length), .rules, .sources]' xdpguard drops)" '[6,[],[]]'
	equal "$(json '[.reasons, .verdicts[].packets]' xdpguard status)" '[[],0,0,0]'
}
