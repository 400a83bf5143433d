# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bats
# shellcheck disable=SC2154 # variables of lib.bash and of bats
#
# Real floods against limits. The senders go as fast as they can; what the device refuses is sent again, so
# that `sent` is what arrived, and COUNT lets the kernel count what gets past XDP.
load lib

setup() {
	make_lab
}

teardown() {
	remove_lab
}

# all_accounted ADDRESS RESULT: every packet sent was counted, once, as what it was.
all_accounted() {
	equal "$(source_of "$1" '[.packets, .passed + .dropped, .passed]')" \
		"$(number '[.sent, .sent, .received]' "$2")" "packets, passed and dropped, passed"
}

@test "1000/s with a burst of 100 passes 10,100 packets in 10 s, and all that was sent is accounted for" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: flood, protocol: udp, limit: {rate: 1000/s, burst: 100}}
	YAML
	result=$(flood_counted 192.0.2.1 --seconds 10)
	echo "$result"
	(($(number .sent "$result") > 100000))
	within "$(number .received "$result")" 10100 2
	all_accounted 192.0.2.1 "$result"
}

@test "an IPv6 source is its /64, however many addresses it sends from" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: flood, protocol: udp, limit: {rate: 1000/s, burst: 100}}
	YAML
	result=$(flood_counted 2001:db8:1::/112 --seconds 3)
	echo "$result"
	equal "$(number .sources "$result")" 65536
	within "$(number .received "$result")" 3100 2
	all_accounted 2001:db8:1::/64 "$result"
}

@test "bandwidth holds for frames of every size" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: flood, protocol: udp, limit: {bandwidth: 8Mbit/s}}
	YAML
	for size in 60 1514; do
		result=$(flood_counted 192.0.2."$((size % 250))" --size "$size" --seconds 3)
		echo "$size bytes: $result"
		# 1 MB/s, and the default burst of 100 ms.
		within $(($(number .received "$result") * size)) 3100000 2
	done
}

@test "frames behind one VLAN tag, and behind two, obey the limit" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: flood, protocol: udp, to_port: 9, limit: {rate: 1/h, burst: 50}}
	YAML
	flood 192.0.2.1 --vlan 5 --count 1000
	flood 192.0.2.2 --vlan 5 --vlan 6 --count 1000
	flood 2001:db8:2::1 --vlan 5 --vlan 6 --count 1000
	for source in 192.0.2.1 192.0.2.2 2001:db8:2::/64; do
		eventually equal "$(source_of "$source" '[.passed, .dropped, .rule]')" '[50,950,"flood"]'
	done
}

@test "one limit holds over two interfaces and two CPUs together" {
	(($(nproc) > 1)) || skip "this machine has one CPU"
	lab_link server eth1 client eth1
	apply_text --dev eth0,eth1 <<-'YAML'
		version: 1
		rules:
		  - {name: flood, protocol: udp, limit: {rate: 1000/s, burst: 100}}
	YAML
	interface=eth0 flood_counted 192.0.2.1 --seconds 5 >"$BATS_TEST_TMPDIR/eth0" &
	interface=eth1 flood_counted 192.0.2.1 --seconds 5 >"$BATS_TEST_TMPDIR/eth1"
	wait $!
	result=$(jq -sc '{sent: map(.sent) | add, received: map(.received) | add}' "$BATS_TEST_TMPDIR"/eth?)
	echo "$result"
	# The two begin and end apart; the time from the first to the last packet counts.
	ms=$(source_of 192.0.2.1 '[.first_seen, .last_seen] |
		map((.[:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber)) | .[1] - .[0]')
	within "$(number .received "$result")" $((100 + ms)) 2
	all_accounted 192.0.2.1 "$result"
}

@test "an honest client is answered every time while others flood, by IPv4 and IPv6" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: game, protocol: udp, to_port: 27015, limit: {rate: 500/s}}
	YAML
	lab_start server "$ANSWER" 27015
	flood 192.0.2.1 --port 27015 --rate 50000 --seconds 4 &
	flood 2001:db8:3::1 --port 27015 --rate 50000 --seconds 4 &
	equal "$(lab_in client "$ASK" 198.51.100.1 27015 300 100)" '{"asked": 300, "answered": 300}'
	equal "$(lab_in client "$ASK" 2001:db8::1 27015 100 100)" '{"asked": 100, "answered": 100}'
}

@test "monitor mode counts what it would drop, and drops nothing" {
	apply_text <<-'YAML'
		version: 1
		mode: monitor
		rules:
		  - {name: listed, from: 192.0.2.66, action: drop}
		  - {name: flood, protocol: udp, limit: {rate: 1/h, burst: 100, block: 1m}}
	YAML
	for source in 192.0.2.1 192.0.2.66; do
		result=$(flood_counted "$source" --count 20000)
		equal "$(number .received "$result")" 20000
	done
	equal "$(source_of 192.0.2.1 '[.passed, .dropped, .would_drop]')" "[20000,0,19900]"
	equal "$(source_of 192.0.2.66 '[.passed, .dropped, .would_drop]')" "[20000,0,20000]"
	equal "$(xdpguard drops --json | jq '[.reasons[].dropped] | add')" 0
}

@test "who exceeds is blocked altogether, and served again when the block has ended" {
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: game, protocol: udp, to_port: 27015, limit: {rate: 100/s, burst: 10, block: 3s}}
	YAML
	lab_start server "$ANSWER" 27015
	is_answered() {
		[[ $(lab_in client "$ASK" 198.51.100.1 27015 1 1) == '{"asked": 1, "answered": 1}' ]]
	}
	eventually is_answered
	flood 198.51.100.2 --port 27015 --count 1000
	equal "$(xdpguard blocks --json | jq -c '[.blocks[] | [.prefix, .rule]]')" '[["198.51.100.2","game"]]'
	# No packet of it, whatever it is, comes through while it lasts.
	result=$(flood_counted 198.51.100.2 --count 100)
	equal "$(number .received "$result")" 0
	eventually is_answered
	equal "$(xdpguard blocks --json | jq '.blocks | length')" 0
}

@test "blocks that have ended leave their table with the next apply" {
	in_table() {
		xdpguard status --json | jq .table.blocks
	}
	leave_the_table() {
		xdpguard apply "$BATS_TEST_TMPDIR/policy.yaml" --dev eth0 >/dev/null && [[ $(in_table) == 0 ]]
	}
	apply_text <<-'YAML'
		version: 1
		rules:
		  - {name: game, protocol: udp, limit: {rate: 1/h, burst: 1, block: 1ms}}
	YAML
	flood 10.1.0.0/16 --sources 1000 --count 4000
	equal "$(in_table)" 1000
	eventually leave_the_table
}
