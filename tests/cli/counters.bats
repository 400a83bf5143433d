# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup_file() {
	make_namespaces
	start_guard
	send_traffic
}

@test "rules come in the policy's order, each with its counts and words" {
	equal "$(json '[.rules[] | [.name, .hits, .passed, .dropped, .would_drop]]' xdpguard rules)" \
		'[["office",20,20,0,0],["dns",11,10,1,0],["trial",50,50,0,40],["abuse",30,0,30,0]]'
	equal "$(json '.rules[3] | del(.name)' xdpguard rules)" \
		'{"hits":30,"bytes":1800,"passed":0,"passed_bytes":0,"dropped":30,"dropped_bytes":1800,"would_drop":0,"would_drop_bytes":0,"words":"from 203.0.113.0/24: drop"}'
}

@test "rules as text and CSV" {
	run --separate-stderr xdpguard rules
	[[ ${lines[0]} =~ ^RULE\ +HITS\ +BYTES\ +PASSED\ +DROPPED\ +WOULD\ DROP\ +MATCHES\ AND\ DOES$ ]]
	[[ ${lines[4]} =~ ^abuse\ +30\ +1.8\ kB\ +0\ +30\ +0\ +from\ 203.0.113.0/24:\ drop$ ]]
	run --separate-stderr xdpguard rules --csv
	equal "${lines[1]}" "office,20,1200,20,1200,0,0,0,0,from 192.0.2.0/28: pass"
}

# What --csv prints is what --json prints: the same tables, columns and values. Times may differ by the
# millisecond that lies between the two.
same_in_csv() {
	python3 - "$(xdpguard "$@" --json)" "$(xdpguard "$@" --csv)" <<-'PYTHON'
		import csv, json, sys

		def word(key, value):
		    if key.endswith("_seen") or key in ("since", "blocked_until", "until"):
		        return value and "time"
		    return {None: "", True: "true", False: "false"}.get(value, value) if not isinstance(value, int) or isinstance(value, bool) else str(value)

		tables = [t for t in json.loads(sys.argv[1]).values() if isinstance(t, list)]
		texts = sys.argv[2].split("\n\n")
		assert len(texts) == len(tables), texts
		for table, text in zip(tables, texts):
		    header, *rows = csv.reader(text.splitlines())
		    assert not table or header == list(table[0]), header
		    got = [[word(k, v) or "" for k, v in zip(header, row)] for row in rows]
		    assert got == [[word(k, v) or "" for k, v in row.items()] for row in table], got
	PYTHON
}

@test "CSV has what JSON has" {
	same_in_csv sources
	same_in_csv rules
	same_in_csv drops
	same_in_csv blocks
}

@test "drops say why, by which rule, and who" {
	equal "$(json 'keys_unsorted' xdpguard drops)" '["reasons","rules","sources"]'
	equal "$(json '[.reasons[] | [.reason, .dropped, .would_drop]]' xdpguard drops)" \
		'[["malformed",0,0],["blocked",39,0],["rule-drop",30,0],["over-rate",1,40],["over-bandwidth",0,0],["default-drop",0,0]]'
	equal "$(json '.rules' xdpguard drops)" \
		'[{"name":"dns","dropped":1,"dropped_bytes":60,"would_drop":0,"would_drop_bytes":0},{"name":"trial","dropped":0,"dropped_bytes":0,"would_drop":40,"would_drop_bytes":2400},{"name":"abuse","dropped":30,"dropped_bytes":1800,"would_drop":0,"would_drop_bytes":0}]'
	equal "$(json '[.sources[] | [.address, .dropped, .would_drop]]' xdpguard drops)" \
		'[["198.51.100.9",40,0],["198.51.100.30",0,40],["203.0.113.7",30,0]]'
}

@test "drops of reasons and of sources are the same packets" {
	equal "$(json '([.reasons[].dropped] | add) == ([.sources[].dropped] | add)' xdpguard drops)" true
	equal "$(json '([.reasons[].dropped_bytes] | add)' xdpguard drops)" 4200
}

@test "drops --top shows so many sources" {
	equal "$(json '.sources | length' xdpguard drops --top 1)" 1
	run --separate-stderr xdpguard drops --top 1
	equal "${lines[-1]}" "and 2 more; --top shows more"
	fails_with 2 'expected a number from 1' xdpguard drops --top none
}

@test "drops as text has three tables" {
	run --separate-stderr xdpguard drops
	[[ $output == *"by reason"*"by rule"*"worst sources"* ]]
}

@test "status counts the same packets" {
	equal "$(json '[.verdicts[] | [.verdict, .packets]]' xdpguard status)" \
		'[["passed",85],["dropped",70],["would_drop",40]]'
}

@test "counts of rules outlive an apply, by name" {
	sed 's/203.0.113.0/203.0.112.0/; /name: trial/d' "$policy" >"$BATS_TEST_TMPDIR/changed.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/changed.yaml"
	equal "$(json '[.rules[] | [.name, .dropped]]' xdpguard rules)" '[["office",0],["dns",1],["abuse",30]]'
	# A source whose rule is gone keeps its counts, without a name to them.
	equal "$(json '.sources[] | select(.address == "198.51.100.30") | [.would_drop, .rule]' xdpguard sources)" '[40,null]'
}

@test "reset --rules zeroes rules alone" {
	run --separate-stderr xdpguard reset --rules
	equal "$output" "rules: counters are zero"
	equal "$(json '[.rules[].hits] | add' xdpguard rules)" 0
	equal "$(json '[.reasons[].dropped] | add' xdpguard drops)" 70
	equal "$(json '.sources | length' xdpguard sources)" 5
}

@test "reset --reasons zeroes reasons alone" {
	xdpguard reset --reasons
	equal "$(json '[.reasons[].dropped] | add' xdpguard drops)" 0
	equal "$(json '.sources | length' xdpguard sources)" 5
}

@test "reset --sources forgets sources, says that budgets go, and keeps blocks" {
	run --separate-stderr xdpguard reset --sources
	equal "$output" "sources: forgotten, with the limits' budgets that they held"
	equal "$(json '.sources' xdpguard sources)" '[]'
	equal "$(json '[.blocks[].prefix]' xdpguard blocks)" '["198.51.100.9"]'
}

@test "reset without options is all three" {
	echo 0 >"$sent_file"
	send 203.0.113.7 5
	run --separate-stderr xdpguard reset
	equal "${#lines[@]}" 3
	equal "$(json '[.rules[].hits] | add' xdpguard rules)" 0
	equal "$(json '[.reasons[].dropped] | add' xdpguard drops)" 0
	equal "$(json '.sources' xdpguard sources)" '[]'
}
