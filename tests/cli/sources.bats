# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
load lib

setup_file() {
	make_namespaces
	start_guard
	send_traffic
}

@test "every packet is accounted for, by source" {
	equal "$(json '[.sources[].packets] | add' xdpguard sources)" 155
	equal "$(json 'all(.sources[]; .passed + .dropped == .packets)' xdpguard sources)" true
}

@test "a source's members are exactly the documented ones, in this order" {
	equal "$(json '[.sources[] | keys_unsorted] | unique' xdpguard sources)" \
		'[["address","packets","bytes","passed","dropped","would_drop","first_seen","last_seen","blocked_until","rule"]]'
	equal "$(json 'keys' xdpguard sources)" '["sources"]'
}

@test "a source over its limit is dropped and blocked" {
	equal "$(json '.sources[] | select(.address == "198.51.100.9") | del(.first_seen, .last_seen, .blocked_until)' xdpguard sources)" \
		'{"address":"198.51.100.9","packets":50,"bytes":3000,"passed":10,"dropped":40,"would_drop":0,"rule":"dns"}'
	json '.sources[] | select(.address == "198.51.100.9") | .blocked_until | sub("\\.\\d+Z"; "Z") | fromdate | . > now + 500 and . < now + 600' \
		xdpguard sources
}

@test "a source over a limit in monitor mode passes and counts what would be dropped" {
	equal "$(json '.sources[] | select(.address == "198.51.100.30") | [.passed, .dropped, .would_drop, .rule, .blocked_until]' xdpguard sources)" \
		'[50,0,40,"trial",null]'
}

@test "an IPv6 source is the prefix that the policy makes one, in RFC 5952 form" {
	equal "$(json '[.sources[].address | select(contains(":"))]' xdpguard sources)" '["2001:db8:0:1::/64"]'
}

@test "first and last seen are times, not later than now" {
	json 'all(.sources[]; (.first_seen <= .last_seen) and (.first_seen | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$")))' xdpguard sources
	[[ $(json '[.sources[].last_seen] | max' xdpguard sources) < \"$(date -u +%FT%T.999Z)\" ]]
}

@test "text is a table with a header, aligned" {
	run --separate-stderr xdpguard sources
	[[ ${lines[0]} =~ ^SOURCE\ +PACKETS\ +BYTES\ +PASSED\ +DROPPED\ +WOULD\ DROP\ +FIRST\ SEEN\ +LAST\ SEEN\ +BLOCK\ ENDS\ +RULE$ ]]
	[[ ${#lines[@]} == 6 ]]
	[[ $output != *$'\033'* ]]
}

@test "columns that would be empty are left out of text" {
	run --separate-stderr xdpguard sources --match 192.0.2.0/24
	[[ ${lines[0]} =~ ^SOURCE\ +PACKETS\ +BYTES\ +PASSED\ +DROPPED\ +FIRST\ SEEN\ +LAST\ SEEN\ +RULE$ ]]
	[[ ${lines[1]} =~ ^192.0.2.1\ +20\ +1.2\ kB\ +20\ +0\  ]]
}

@test "--sort puts the largest first" {
	equal "$(json '[.sources[].packets] | . == (sort | reverse)' xdpguard sources)" true
	equal "$(json '[.sources[].bytes] | . == (sort | reverse)' xdpguard sources --sort bytes)" true
	equal "$(json '[.sources[] | .dropped + .would_drop] | . == (sort | reverse)' xdpguard sources --sort drops)" true
	equal "$(json '[.sources[].last_seen] | . == (sort | reverse)' xdpguard sources --sort last-seen)" true
}

@test "--top shows so many, and text says how many more there are" {
	equal "$(json '.sources | length' xdpguard sources --top 2)" 2
	run --separate-stderr xdpguard sources --top 2
	equal "${lines[-1]}" "and 3 more; --top shows more"
}

@test "--match shows what is in the prefix, and the source that a host is part of" {
	equal "$(json '[.sources[].address] | sort' xdpguard sources --match 198.51.100.0/24)" \
		'["198.51.100.30","198.51.100.9"]'
	equal "$(json '[.sources[].address]' xdpguard sources --match 2001:db8:0:1::7)" '["2001:db8:0:1::/64"]'
	equal "$(json '.sources' xdpguard sources --match 192.0.2.128/25)" '[]'
	run --separate-stderr xdpguard sources --match 192.0.2.128/25
	equal "$output" "no sources"
}

@test "--csv prints a header and a line a source" {
	run --separate-stderr xdpguard sources --csv
	equal "${lines[0]}" address,packets,bytes,passed,dropped,would_drop,first_seen,last_seen,blocked_until,rule
	[[ ${#lines[@]} == 6 ]]
	[[ ${lines[*]} == *"198.51.100.9,50,3000,10,40,0,2"* ]]
}

@test "--sort pps looks twice, a second apart" {
	in_namespace "$sender" "$FLOOD" --dev veth0 --mac "$receiver" --from 192.0.2.5 --to 198.51.100.1 \
		--rate 200 --seconds 8 >/dev/null &
	sender_id=$!
	sleep 0.5
	run --separate-stderr xdpguard sources --sort pps --top 1 --json
	kill "$sender_id"
	wait "$sender_id" || true
	equal "$(jq -c '.sources[0] | [.address, (.pps > 50 and .pps < 800)]' <<<"$output")" '["192.0.2.5",true]'
}

@test "--watch looks until it is interrupted, then ends clean" {
	run timeout --preserve-status -s INT 2.6 nsenter --net="/run/netns/$guarded" "$XDPGUARD" sources --watch 1
	equal "$status" 0
	(($(grep -c '^SOURCE' <<<"$output") >= 2)) # 3 on a machine that is not busy
	[[ ${lines[1]} =~ \ PPS\  && ${lines[1]} != *"FIRST SEEN"* ]]
	[[ $output != *$'\033'* ]]
}

@test "--watch --json prints an object a line" {
	run timeout --preserve-status -s TERM 1.8 nsenter --net="/run/netns/$guarded" "$XDPGUARD" sources --watch 0.5 --json
	equal "$status" 0
	((${#lines[@]} >= 2))
	for line in "${lines[@]}"; do
		jq -e '.sources | length > 4' <<<"$line"
	done
	equal "$(jq -c '.sources[0].pps' <<<"${lines[0]}")" null
	equal "$(jq -c '.sources[0].pps | type' <<<"${lines[1]}")" '"number"'
}

@test "--watch on a terminal redraws the screen, and fits it" {
	run script -qec "stty rows 10 cols 120; timeout --preserve-status -s INT 1.5 nsenter --net=/run/netns/$guarded $XDPGUARD sources --watch 1" /dev/null
	equal "$status" 0
	(($(grep -c $'\033\[H\033\[2J' <<<"$output") >= 1))
	[[ $output == *"and 2 more"* ]]
	# Lines are cut off while it prints, and wrapped again behind it.
	[[ ${output##*$'\033[?7'} == h* ]]
}

@test "what is typed wrong is told with the way out" {
	fails_with 2 'did you mean "packets"' xdpguard sources --sort pakets
	fails_with 2 'expected one of packets, bytes, drops, pps, last-seen' xdpguard sources --sort x
	fails_with 2 'expected a number from 1' xdpguard sources --top 0
	fails_with 2 'expected seconds from 0.1' xdpguard sources --watch never
	fails_with 2 'expected an address or a prefix' xdpguard sources --match nowhere
	fails_with 2 'unexpected "x"' xdpguard sources x
}

@test "an aggregate shows as its prefix, and what was counted of longer sources is gone" {
	echo 'version: 1
interfaces: [veth0]
sources: {aggregate: {ipv4: 24, ipv6: 48}}' >"$BATS_TEST_TMPDIR/wide.yaml"
	xdpguard apply "$BATS_TEST_TMPDIR/wide.yaml"
	xdpguard reset --reasons
	echo 0 >"$sent_file"
	send 198.51.99.50 3
	send 198.51.99.60 4
	send 2001:db8:7:1::1 2
	equal "$(json '.sources[0] | [.address, .packets]' xdpguard sources --match 198.51.99.0/24)" '["198.51.99.0/24",7]'
	equal "$(json '[.sources[].address]' xdpguard sources --match 2001:db8:7::/48)" '["2001:db8:7::/48"]'
	equal "$(json '[.sources[].address]' xdpguard sources --match 198.51.100.9)" '[]'
}
