# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# A policy takes another's place under traffic: whole, and without a gap.
load lib
load twins

setup() {
	make_lab
}

teardown() {
	remove_lab
}

apply() {
	xdpguard apply "$BATS_TEST_TMPDIR/$1.yaml" --dev eth0 >/dev/null
}

# Sums of what `flood` and `count` printed.
sum() {
	jq -sc 'map(to_entries) | add | group_by(.key) | map({(.[0].key): map(.value) | add}) | add |
		{sent, received}' "$@"
}

# start_traffic SOURCE PORT FILE: 40,000 packets a second until stop_traffic, which puts what was
# sent and received into $result.
start_traffic() {
	# shellcheck disable=SC2046 # several options
	nsenter --net="/run/netns/$lab-server" "$COUNT" --dev eth0 --port "$2" \
		nsenter --net="/run/netns/$lab-client" "$FLOOD" --from "$1" $(receiver_of "$1") --port "$2" --rate 40000 \
		>"$BATS_TEST_TMPDIR/traffic-$2" &
	traffic_ids+=($!)
}

stop_traffic() {
	kill -TERM "${traffic_ids[@]}"
	wait "${traffic_ids[@]}"
	result=$(sum "$BATS_TEST_TMPDIR"/traffic-*)
}

# inner_id MAP SLOT: of the map inside a pinned one.
inner_id() {
	bpftool -j map lookup pinned "$XDPGUARD_DIR/$1" key "$2" 0 0 0 |
		jq -r '.value | reverse | map(.[2:]) | add' | xargs -I{} printf '%d' '0x{}'
}

@test "1,000 policies under traffic: each packet is judged by a whole one, and none is lost" {
	make_twins "$BATS_TEST_TMPDIR"
	apply a
	start_traffic "${twin_sources[0]}" 9
	start_traffic "${twin_sources[1]}" 10
	started=$SECONDS
	for _ in {1..500}; do
		apply b
		apply a
	done
	echo "1,000 applies in $((SECONDS - started)) s"
	stop_traffic
	echo "$result, $(reasons)"
	(($(number .sent "$result") > 100000))
	equal "$(number .received "$result")" "$(number .sent "$result")" "received"
	# All by rules pass-a and pass-b: no decoy's rule, no default, no moment without a policy.
	equal "$(reasons | jq -c 'del(.other)')" "$(number '{"rule-pass": .sent}' "$result")"
	equal "$(sources_and_held)" "$(number .sent "$result")" "by source, or held outside the table"
	equal "$(xdpguard sources --json | jq '[.sources[].dropped] | add')" 0
}

# Packets by source, and those that admission has kept out of the table: a CPU admits 4,096 new sources at
# once, and where one CPU gets all traffic, both prefixes are more.
sources_and_held() {
	local held

	held=$(xdpguard status --json | jq .admission.held)
	xdpguard sources --json | jq --argjson held "$held" '([.sources[].packets] | add) + $held'
}

@test "each packet is counted by source or as held outside the table, never as neither or both" {
	capacity 300000
	flood 203.0.113.0/24 --count 2560
	flood 100.64.0.0/10 --count 300000
	(($(xdpguard status --json | jq .admission.held) > 0))
	xdpguard status --json | jq -e '.admission | .last_held and (.per_second >= 0)'
	equal "$(sources_and_held)" 302560
}

# Rules of one policy with ranges of the other, made by hand in the idle moment after an apply: what the
# test above would count if it ever happened.
@test "half a policy would be seen: planted mixtures of the two are counted as drops" {
	make_twins "$BATS_TEST_TMPDIR"
	apply a
	for policy in b a; do
		apply b
		apply "$policy"
		slot=$(active_slot)
		bpftool map update pinned "$XDPGUARD_DIR/ranges" key "$slot" 0 0 0 \
			value id "$(inner_id ranges $((1 - slot)))"
		for source in "${twin_sources[@]}"; do
			counted=$(flood_counted "$source" --count 4096)
			echo "rules of $policy, ranges of the other, $source: $counted, $(reasons)"
			equal "$(number .received "$counted")" 0
		done
		apply a
	done
	reasons | jq -e '."rule-drop" + ."default-drop" == 4 * 4096'
}

# Which slot judges packets: `active` in the guard's control map.
active_slot() {
	bpftool -j map lookup pinned "$XDPGUARD_DIR/control" key 0 0 0 0 | jq -r '.value[4][2:] | tonumber'
}

@test "the same policy again is unchanged, and counters, budgets and blocks stay when a rule changes" {
	policy_with() {
		apply_text <<-YAML
			version: 1
			rules:
			  - {name: once, protocol: udp, to_port: 9, limit: {rate: 1/h, burst: 10}}
			  - {name: other, protocol: udp, to_port: $1, action: drop}
		YAML
	}
	policy_with 1000
	xdpguard block 203.0.113.5
	counted=$(flood_counted 192.0.2.1 --count 100)
	equal "$(number .received "$counted")" 10
	run --separate-stderr policy_with 1000
	[[ $output == *unchanged* ]]
	policy_with 1001
	# The budget is as empty as it was.
	equal "$(number .received "$(flood_counted 192.0.2.1 --count 100)")" 0
	equal "$(source_of 192.0.2.1 '[.passed, .dropped]')" '[10,190]'
	equal "$(number .received "$(flood_counted 203.0.113.5 --count 100)")" 0
}

@test "an interface that is missing fails the apply, and what was in force stays" {
	make_twins "$BATS_TEST_TMPDIR"
	apply a
	before=$(xdpguard status --json | jq -c '[.hash, .interfaces]')
	fails_with 1 'no interface "eth7"' xdpguard apply "$BATS_TEST_TMPDIR/b.yaml" --dev eth0,eth7
	equal "$(xdpguard status --json | jq -c '[.hash, .interfaces]')" "$before"
	equal "$(number .received "$(flood_counted 198.18.0.1 --count 100)")" 100
}

@test "a first apply that fails leaves nothing" {
	fails_with 1 'no interface "eth7"' apply_text --dev eth0,eth7 <<-'YAML'
		version: 1
		rules: [{name: all, limit: {rate: 1/s}}]
	YAML
	[[ ! -e $XDPGUARD_DIR ]]
	equal "$(ip -n "$lab-server" -j link show eth0 | jq -c '.[0].xdp')" null
}

@test "a policy with an error changes nothing" {
	make_twins "$BATS_TEST_TMPDIR"
	apply a
	before=$(xdpguard status --json | jq -c .hash)
	fails_with 2 'unknown key "limmit" in rules[0]; did you mean "limit"?' apply_text <<-'YAML'
		version: 1
		rules: [{name: all, limmit: {rate: 1/s}}]
	YAML
	equal "$(xdpguard status --json | jq -c .hash)" "$before"
}

# capacity N [OPTION…]: applies a policy with that capacity.
capacity() {
	apply_text "${@:2}" <<-YAML
		version: 1
		sources: {capacity: $1}
		rules:
		  - {name: flood, protocol: udp, limit: {rate: 1/h, burst: 100}}
	YAML
}

@test "another capacity under traffic: who has used its budget gets no other, and no count is lost" {
	capacity 2000
	flood 192.0.2.77 --count 300
	start_traffic 192.0.2.1 9
	# What a source uses of its budget between the copy and the exchange of programs, it has again.
	eventually source_of 192.0.2.1 'select(.dropped > 0)'
	for capacity in 4000 1000 300000 1000; do
		capacity "$capacity"
		equal "$(xdpguard status --json | jq .table.capacity)" "$capacity"
	done
	stop_traffic
	equal "$(number .received "$result")" 100
	sent=$(number .sent "$result")
	equal "$(source_of 192.0.2.1 '[.packets, .passed]')" "[$sent,100]"
	equal "$(source_of 192.0.2.77 '[.packets, .passed]')" "[300,100]"
}

@test "a resize that was killed between the names of its tables is ended by the next apply, and read before" {
	capacity 2000
	flood 192.0.2.1 --count 300
	for table in sources buckets; do
		bpftool map pin pinned "$XDPGUARD_DIR/$table" "$XDPGUARD_DIR/old_$table"
	done
	capacity 4000
	# As after the first of three names.
	for table in sources buckets; do
		mv "$XDPGUARD_DIR/$table" "$XDPGUARD_DIR/${table}_new"
		mv "$XDPGUARD_DIR/old_$table" "$XDPGUARD_DIR/$table"
	done
	equal "$(source_of 192.0.2.1 '[.packets, .passed]')" "[300,100]"
	equal "$(xdpguard status --json | jq -c '[.table.capacity, .interfaces[].state]')" '[4000,"attached"]'
	[[ -e $XDPGUARD_DIR/sources_new ]]
	capacity 4000
	flood 192.0.2.1 --count 50
	equal "$(source_of 192.0.2.1 '[.packets, .passed]')" "[350,100]"
	[[ ! -e $XDPGUARD_DIR/sources_new && ! -e $XDPGUARD_DIR/buckets_new ]]
}
